//! What an operator is told. Every test changes one thing in a configuration that is right and looks at the paths of the
//! mistakes; messages are looked at where they have to say something in particular.

mod apps;
mod callers;
mod hostile;
mod jwt;
mod platforms;
mod secrets;
mod texts;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{callers::Rights, *};

const KEY: &str = "back-office-key-0123456789";
const SEAL_KEYS_TEXT: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

fn key_sha256(key: &str) -> String {
    Sha256::digest(key)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The example that the documentation of the configuration shows.
fn example() -> Value {
    json!({
        "origins": ["https://shop.example"],
        "apps": {
            "cafe": { "platform": "clopos", "version": 1, "client_id": "…", "accounts": ["openapitest.1"], "allow": ["GET /menu/**"] },
            "cafe2": { "platform": "clopos", "version": 2, "client_id": "…", "integrator_id": "…", "accounts": ["*"], "allow": ["GET /**"] },
            "loyalty": { "platform": "clearline", "environment": "test", "client_id": "pos-demo", "allow": ["POST /pos/*/transaction"] },
            "till": { "platform": "clover", "version": 1, "region": "sandbox", "client_id": "…",
                      "redirect_uri": "https://gate.example/callback/till", "allow": ["GET /v3/merchants/{account}/**"] }
        },
        "callers": {
            "back-office": { "key_sha256": key_sha256(KEY), "apps": ["*"], "can": ["api", "token", "admin"] }
        }
    })
}

fn sources(tillgate: &Value) -> Sources {
    let mut sources = Sources::default();
    sources.add("TILLGATE", tillgate.to_string());
    sources
}

fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    secrets.add("CAFE_CLIENT_SECRET", "cafe-secret-1".to_owned());
    secrets.add("CAFE2_CLIENT_SECRET", "cafe-secret-2".to_owned());
    secrets.add("LOYALTY_CLIENT_SECRET", "s3cr3t!\n".to_owned());
    secrets.add("TILL_CLIENT_SECRET", "till-secret-1".to_owned());
    secrets.add("TILLGATE_SEAL_KEYS", SEAL_KEYS_TEXT.to_owned());
    secrets
}

fn read(tillgate: &Value) -> Config {
    Config::read(&sources(tillgate), &secrets()).unwrap()
}

fn mistakes_in(sources: &Sources, secrets: &Secrets) -> Vec<(String, String)> {
    let mistakes = Config::read(sources, secrets)
        .map(|_| ())
        .unwrap_err()
        .mistakes;
    mistakes
        .into_iter()
        .map(|Mistake { path, message }| (path, message))
        .collect()
}

/// What is wrong with the example after a change.
fn mistakes_after(change: impl FnOnce(&mut Value)) -> Vec<(String, String)> {
    let mut tillgate = example();
    change(&mut tillgate);
    mistakes_in(&sources(&tillgate), &secrets())
}

/// The one path that is wrong after a change, with its message.
fn mistake_after(change: impl FnOnce(&mut Value)) -> (String, String) {
    let mistakes = mistakes_after(change);
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    mistakes.into_iter().next().unwrap()
}

fn paths(mistakes: &[(String, String)]) -> Vec<&str> {
    mistakes.iter().map(|(path, _)| path.as_str()).collect()
}

#[test]
fn the_documented_example_is_right() {
    let config = read(&example());
    assert_eq!(config.base_path, "");
    assert_eq!(config.origins[0].as_str(), "https://shop.example");
    assert_eq!(
        config.apps.keys().collect::<Vec<_>>(),
        ["cafe", "cafe2", "loyalty", "till"]
    );
    assert_eq!(
        config.apps.get("cafe").unwrap().allow[0].to_string(),
        "GET /menu/**"
    );
    assert_eq!(config.apps.get("cafe").unwrap().max_body_bytes, 1024 * 1024);
    assert!(config.callers.find(KEY).is_some());
}

#[test]
fn an_empty_object_is_a_configuration_in_which_nobody_may_do_anything() {
    let config = Config::read(&sources(&json!({})), &Secrets::default()).unwrap();
    assert!(
        config.apps.is_empty() && config.origins.is_empty() && config.callers.find(KEY).is_none()
    );
}

#[test]
fn two_mistakes_are_two_messages() {
    let mistakes = mistakes_after(|config| {
        config["apps"]["cafe"]["accounts"][0] = json!("openapitest");
        config["origins"][0] = json!("https://shop.example/");
    });
    assert_eq!(paths(&mistakes), ["apps.cafe.accounts[0]", "origins[0]"]);
}

#[test]
fn an_origin_with_a_path_is_shown_without_it() {
    let (path, message) =
        mistake_after(|config| config["origins"][0] = json!("https://shop.example/checkout"));
    assert_eq!(path, "origins[0]");
    assert!(message.contains("`https://shop.example`"), "{message}");
}

#[test]
fn an_origin_is_https_or_loopback() {
    assert_eq!(
        mistake_after(|config| config["origins"] = json!(["http://shop.example"])).0,
        "origins[0]"
    );
    assert_eq!(
        mistake_after(|config| config["origins"] = json!(["*"])).0,
        "origins[0]"
    );
    let mut local = example();
    local["origins"] = json!(["http://localhost:8080", "https://shop.example"]);
    assert_eq!(read(&local).origins.len(), 2);
}

#[test]
fn a_base_path_is_one_or_more_plain_segments() {
    for right in ["/pos", "/a/b-c/D_1"] {
        let mut config = example();
        config["base_path"] = json!(right);
        assert_eq!(read(&config).base_path, right);
    }
    for wrong in [
        "", "/", "pos", "/pos/", "//pos", "/a//b", "/a b", "/../x", "/%2e",
    ] {
        assert_eq!(
            mistake_after(|config| config["base_path"] = json!(wrong)).0,
            "base_path",
            "{wrong}"
        );
    }
}

#[test]
fn an_unknown_key_is_named_with_the_nearest_known_one_at_every_level() {
    let (path, message) = mistake_after(|config| config["origin"] = json!([]));
    assert_eq!(path, "origin");
    assert!(message.contains("did you mean `origins`?"), "{message}");
    let (path, message) = mistake_after(|config| {
        config["apps"]["till"]["redirectUri"] = json!("https://gate.example")
    });
    assert_eq!(path, "apps.till.redirectUri");
    assert!(
        message.contains("did you mean `redirect_uri`?"),
        "{message}"
    );
    let (path, message) =
        mistake_after(|config| config["callers"]["back-office"]["account"] = json!([]));
    assert_eq!(path, "callers.back-office.account");
    assert!(message.contains("did you mean `accounts`?"), "{message}");
    let (path, message) = mistake_after(|config| {
        config["apps"]["cafe"]["endpoints"] = json!({"tokens": "https://x.example"})
    });
    assert_eq!(path, "apps.cafe.endpoints.tokens");
    assert!(message.contains("did you mean `token`?"), "{message}");
}

#[test]
fn a_misspelt_required_key_is_one_mistake_and_not_also_a_missing_one() {
    let (path, _) = mistake_after(|config| {
        let app = config["apps"]["cafe"].as_object_mut().unwrap();
        let accounts = app.remove("accounts").unwrap();
        app.insert("acounts".to_owned(), accounts);
    });
    assert_eq!(path, "apps.cafe.acounts");
}

#[test]
fn wrong_types_are_named_with_the_right_one() {
    let (path, message) = mistake_after(|config| config["origins"] = json!("https://shop.example"));
    assert_eq!(
        (path.as_str(), message.as_str()),
        ("origins", "must be a list, not text")
    );
    assert_eq!(
        mistake_after(|config| config["origins"] = json!([1])).0,
        "origins[0]"
    );
    assert_eq!(
        mistake_after(|config| config["callers"] = json!([])).0,
        "callers"
    );
    assert_eq!(
        mistake_after(|config| config["base_path"] = json!(null)).0,
        "base_path"
    );
    assert_eq!(
        mistake_after(|config| config["apps"]["cafe"]["allow"] = json!({})).0,
        "apps.cafe.allow"
    );
    assert_eq!(
        mistake_after(|config| config["apps"]["cafe"]["client_id"] = json!(7)).0,
        "apps.cafe.client_id"
    );
    assert_eq!(
        mistakes_in(&sources(&json!([])), &secrets())[0].0,
        "TILLGATE"
    );
}

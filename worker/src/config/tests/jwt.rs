//! Callers with JWTs: what an operator is told of them. Which tokens count is tested where they are read.

use super::*;

fn with_front() -> Value {
    let mut config = example();
    config["callers"]["front"] = json!({
        "jwt": {"issuer": "https://id.example", "jwks_url": "https://id.example/jwks.json", "audience": "tillgate"},
        "apps": ["till"],
        "accounts": {"claim": "merchant_ids"}
    });
    config
}

fn mistakes_of_front(change: impl FnOnce(&mut Value)) -> Vec<(String, String)> {
    let mut config = with_front();
    change(&mut config["callers"]["front"]);
    match Config::read(&sources(&config), &secrets()) {
        Ok(_) => Vec::new(),
        Err(_) => mistakes_in(&sources(&config), &secrets()),
    }
}

#[test]
fn a_caller_with_jwts_may_call_the_api_unless_more_is_written() {
    let config = read(&with_front());
    let [front] = config.callers.with_jwt() else {
        panic!("there is one");
    };
    assert_eq!(front.caller.name, "front");
    assert_eq!(front.claim.as_deref(), Some("merchant_ids"));
    assert_eq!(
        front.issuer.jwks_url.as_str(),
        "https://id.example/jwks.json"
    );
    let api = Rights {
        api: true,
        ..Rights::default()
    };
    assert_eq!(front.caller.can, api);
    assert!(!front.caller.may("till", "MERCHANT00001"));
    let mut config = with_front();
    config["callers"]["front"]["can"] = json!(["token"]);
    let can = read(&config).callers.with_jwt()[0].caller.can;
    assert!(can.token && !can.api);
}

#[test]
fn the_address_of_the_keys_may_have_a_query() {
    let url = "https://shop.b2clogin.example/shop/discovery/v2.0/keys?p=b2c_1_sign_in";
    let mut config = with_front();
    config["callers"]["front"]["jwt"]["jwks_url"] = json!(url);
    let config = read(&config);
    assert_eq!(config.callers.with_jwt()[0].issuer.jwks_url.as_str(), url);
}

#[test]
fn each_mistake_about_a_jwt_has_its_path() {
    for (key, value, path) in [
        ("issuer", json!(""), "jwt.issuer"),
        ("issuer", json!(["https://id.example"]), "jwt.issuer"),
        (
            "jwks_url",
            json!("http://id.example/jwks.json"),
            "jwt.jwks_url",
        ),
        (
            "jwks_url",
            json!("https://id.example/jwks.json?a b"),
            "jwt.jwks_url",
        ),
        (
            "jwks_url",
            json!("https://id.example/jwks.json?p=a#b"),
            "jwt.jwks_url",
        ),
        ("audience", json!(""), "jwt.audience"),
        ("audience", json!(["tillgate"]), "jwt.audience"),
        ("jwks_uri", json!("https://id.example"), "jwt.jwks_uri"),
        ("client_secret", json!("x"), "jwt.client_secret"),
    ] {
        let mistakes = mistakes_of_front(|front| front["jwt"][key] = value.clone());
        assert_eq!(
            paths(&mistakes),
            [format!("callers.front.{path}")],
            "{value}"
        );
    }
    for key in ["issuer", "jwks_url", "audience"] {
        let mistakes =
            mistakes_of_front(|front| drop(front["jwt"].as_object_mut().unwrap().remove(key)));
        assert_eq!(paths(&mistakes), [format!("callers.front.jwt.{key}")]);
    }
}

#[test]
fn the_accounts_of_a_caller_with_jwts_have_to_be_written() {
    let mistakes =
        mistakes_of_front(|front| drop(front.as_object_mut().unwrap().remove("accounts")));
    assert_eq!(paths(&mistakes), ["callers.front.accounts"]);
    assert!(mistakes[0].1.contains("claim"), "{mistakes:?}");
    for (value, path) in [
        (json!({}), "accounts.claim"),
        (json!({"claim": ""}), "accounts.claim"),
        (json!({"claim": ["a"]}), "accounts.claim"),
        (json!({"claim": "a", "default": "*"}), "accounts.default"),
        (json!([]), "accounts"),
        (json!(null), "accounts"),
    ] {
        let mistakes = mistakes_of_front(|front| front["accounts"] = value.clone());
        assert_eq!(
            paths(&mistakes),
            [format!("callers.front.{path}")],
            "{value}"
        );
    }
    assert!(mistakes_of_front(|front| front["accounts"] = json!(["*"])).is_empty());
}

#[test]
fn a_caller_has_a_key_or_jwts_and_not_both() {
    let mistakes = mistakes_of_front(|front| front["key_sha256"] = json!(key_sha256("front")));
    assert!(
        paths(&mistakes).contains(&"callers.front.jwt"),
        "{mistakes:?}"
    );
    let mistakes = mistakes_of_front(|front| drop(front.as_object_mut().unwrap().remove("jwt")));
    assert!(
        paths(&mistakes).contains(&"callers.front.key_sha256"),
        "{mistakes:?}"
    );
    let (path, message) = mistake_after(|config| {
        config["callers"]["back-office"]["accounts"] = json!({"claim": "merchant_ids"});
    });
    assert_eq!(path, "callers.back-office.accounts");
    assert!(message.contains("a list"), "{message}");
}

//! Whatever stands in a variable or secret: no panic, and no secret in any mistake.

use proptest::prelude::*;

use super::*;
use crate::config::sources::{is_app_name, secret_name};

/// Every key of the configuration and some beside, every word, and the secret itself.
const WORDS: [&str; 34] = [
    "origins",
    "base_path",
    "apps",
    "callers",
    "platform",
    "version",
    "client_id",
    "client_secret",
    "accounts",
    "allow",
    "endpoints",
    "authorize",
    "token",
    "api",
    "region",
    "environment",
    "redirect_uri",
    "integrator_id",
    "stage",
    "basic",
    "token_request",
    "max_body_bytes",
    "key_sha256",
    "can",
    "clopos",
    "clearline",
    "clover",
    "sandbox",
    "test",
    "*",
    "cafe",
    "https://shop.example/x",
    "GET /{x}",
    "",
];

fn any_text(secret: &str) -> impl Strategy<Value = String> + use<> {
    let secret = secret.to_owned();
    let path = format!("GET /{secret}*");
    let address = format!("https://user:{secret}@shop.example");
    prop_oneof![
        8 => prop::sample::select(WORDS.as_slice()).prop_map(str::to_owned),
        1 => prop::sample::select(vec![secret, path, address]),
        1 => ".{0,12}",
    ]
}

fn any_json(secret: &str) -> impl Strategy<Value = Value> + use<> {
    let leaf = prop_oneof![
        any_text(secret).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null)
    ];
    let key = any_text(secret).boxed();
    leaf.prop_recursive(6, 60, 8, move |inner| {
        let object = prop::collection::btree_map(key.clone(), inner.clone(), 0..8);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            object.prop_map(|entries| entries
                .into_iter()
                .collect::<serde_json::Map<_, _>>()
                .into()),
        ]
    })
}

fn secret_and_configuration() -> impl Strategy<Value = (String, Value, Value)> {
    "[A-Za-z0-9]{16,24}".prop_flat_map(|secret| {
        let (apps, rest) = (any_json(&secret), any_json(&secret));
        (Just(secret), apps, rest)
    })
}

proptest! {
    #[test]
    fn no_mistake_repeats_a_secret((secret, app, rest) in secret_and_configuration()) {
        let mut config = example();
        config["apps"]["cafe"] = app.clone();
        config["callers"] = rest.clone();
        let mut secrets = secrets();
        secrets.add("CAFE_CLIENT_SECRET", secret.clone());
        secrets.add("TILLGATE_SEAL_KEYS", format!("{SEAL_KEYS_TEXT},{secret}"));
        let mut sources = sources(&config);
        sources.add("TILLGATE_APP_X", rest.to_string());
        let mistakes = Config::read(&sources, &secrets).map(|_| ()).unwrap_err().mistakes;
        let shown = format!("{mistakes:?}");
        prop_assert!(!shown.contains(&secret), "{}", shown);
    }

    #[test]
    fn no_text_makes_it_panic(tillgate: String, app: String, secret: String, keys: String) {
        let mut sources = Sources::default();
        sources.add("TILLGATE", tillgate);
        sources.add("TILLGATE_APP_CAFE", app);
        let mut secrets = Secrets::default();
        secrets.add("CAFE_CLIENT_SECRET", secret);
        secrets.add("TILLGATE_SEAL_KEYS", keys);
        secret_names(&sources);
        let _ = Config::read(&sources, &secrets);
    }

    #[test]
    fn different_apps_have_different_secrets(one in "[a-z0-9-]{1,32}", other in "[a-z0-9-]{1,32}") {
        prop_assert!(is_app_name(&one) && is_app_name(&other));
        prop_assert_eq!(one == other, secret_name(&one) == secret_name(&other));
    }
}

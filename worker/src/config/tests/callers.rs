//! Callers: who is found by which key, and what they may do.

use super::*;

#[test]
fn a_caller_is_found_by_the_key_and_by_nothing_else() {
    let config = read(&example());
    let caller = config.callers.find(KEY).unwrap();
    assert_eq!(caller.name, "back-office");
    for other in [
        "",
        "back-office",
        &key_sha256(KEY),
        KEY.trim_start_matches('b'),
    ] {
        assert!(config.callers.find(other).is_none(), "{other}");
    }
}

#[test]
fn callers_may_what_the_configuration_says_and_no_more() {
    let mut config = example();
    config["callers"]["kiosk"] = json!({"key_sha256": key_sha256("kiosk-key").to_uppercase(), "apps": ["cafe", "till"],
        "accounts": ["openapitest.1"], "can": ["api"]});
    let config = read(&config);
    let (office, kiosk) = (
        config.callers.find(KEY).unwrap(),
        config.callers.find("kiosk-key").unwrap(),
    );
    assert_eq!(
        office.can,
        Rights {
            api: true,
            token: true,
            admin: true
        }
    );
    assert_eq!(
        kiosk.can,
        Rights {
            api: true,
            token: false,
            admin: false
        }
    );
    assert!(office.may("loyalty", "main") && office.may("cafe", "openapitest.2"));
    assert!(kiosk.may("cafe", "openapitest.1"));
    assert!(!kiosk.may("cafe", "openapitest.2") && !kiosk.may("cafe2", "openapitest.1"));
}

#[test]
fn a_star_may_stand_alone_instead_of_a_list() {
    let mut config = example();
    config["callers"]["back-office"]["apps"] = json!("*");
    config["callers"]["back-office"]["accounts"] = json!("*");
    assert!(
        read(&config)
            .callers
            .find(KEY)
            .unwrap()
            .may("cafe", "openapitest.1")
    );
}

#[test]
fn a_hash_has_64_digits_and_is_of_a_real_key() {
    let digits = "a".repeat(63);
    let hashes = [
        "…64 hex…".to_owned(),
        format!("{digits}g"),
        format!("+{digits}"),
        digits,
        "a".repeat(64),
        "é".repeat(32),
        key_sha256(""),
        key_sha256("\n"),
        key_sha256("your-key-here"),
    ];
    for hash in hashes {
        let change =
            |config: &mut Value| config["callers"]["back-office"]["key_sha256"] = json!(hash);
        assert_eq!(
            mistake_after(change).0,
            "callers.back-office.key_sha256",
            "{hash}"
        );
    }
}

#[test]
fn two_callers_cannot_have_one_key() {
    let (path, message) = mistake_after(|config| {
        config["callers"]["kiosk"] = config["callers"]["back-office"].clone()
    });
    assert_eq!(path, "callers.kiosk.key_sha256");
    assert!(message.contains("`callers.back-office`"), "{message}");
}

#[test]
fn a_key_that_was_written_down_is_not_repeated() {
    let (path, message) =
        mistake_after(|config| config["callers"]["back-office"]["key"] = json!(KEY));
    assert_eq!(path, "callers.back-office.key");
    assert!(
        message.contains("key_sha256") && !message.contains(KEY),
        "{message}"
    );
}

#[test]
fn rights_are_words_of_a_list() {
    let wrong = [
        ("can", json!(["api", "root"]), "can[1]"),
        ("can", json!([]), "can"),
        ("can", json!("api"), "can"),
        ("apps", json!([]), "apps"),
        ("apps", json!(["cafe", "caffe"]), "apps[1]"),
        ("accounts", json!([1]), "accounts[0]"),
        ("jwt", json!({}), "jwt"),
    ];
    for (key, value, place) in wrong {
        let change = |config: &mut Value| config["callers"]["back-office"][key] = value;
        assert_eq!(
            mistake_after(change).0,
            format!("callers.back-office.{place}")
        );
    }
    for key in ["key_sha256", "apps", "can"] {
        let remove = |config: &mut Value| {
            drop(
                config["callers"]["back-office"]
                    .as_object_mut()
                    .unwrap()
                    .remove(key),
            )
        };
        assert_eq!(
            mistake_after(remove).0,
            format!("callers.back-office.{key}")
        );
    }
}

#[test]
fn an_app_that_is_not_configured_is_named_with_the_nearest_one() {
    let (_, message) =
        mistake_after(|config| config["callers"]["back-office"]["apps"] = json!(["loyality"]));
    assert!(message.contains("`loyalty`"), "{message}");
}

#[test]
fn an_administrator_is_still_known_when_something_else_is_wrong() {
    let mut config = example();
    config["apps"]["cafe"]["accounts"] = json!([]);
    config["callers"]["back-office"]["apps"] = json!(["nowhere"]);
    let invalid = Config::read(&sources(&config), &secrets()).unwrap_err();
    assert!(invalid.callers.find(KEY).unwrap().can.admin);
}

//! Secrets: which are asked for, what is said of missing and wrong ones, and that none is ever repeated.

use super::*;

fn with_secret(name: &str, text: &str) -> Secrets {
    let mut secrets = secrets();
    secrets.add(name, text.to_owned());
    secrets
}

#[test]
fn one_secret_for_each_app_and_the_seal_keys_are_asked_for() {
    let mut sources = sources(&example());
    sources.add("TILLGATE_APP_SNACK_BAR", "not JSON".to_owned());
    let names = secret_names(&sources);
    let apps = ["CAFE", "CAFE2", "LOYALTY", "TILL", "SNACK_BAR"];
    assert_eq!(names[0], "TILLGATE_SEAL_KEYS");
    assert_eq!(names[1..], apps.map(|app| format!("{app}_CLIENT_SECRET")));
}

#[test]
fn a_broken_configuration_still_asks_for_what_can_be_made_out() {
    let mut sources = Sources::default();
    sources.add("TILLGATE", "{".to_owned());
    sources.add("TILLGATE_APP_CAFE", String::new());
    assert_eq!(
        secret_names(&sources),
        ["TILLGATE_SEAL_KEYS", "CAFE_CLIENT_SECRET"]
    );
    assert_eq!(
        secret_names(&super::sources(&json!({"apps": {"A_b": 1, "x": 2}}))),
        ["TILLGATE_SEAL_KEYS", "X_CLIENT_SECRET"]
    );
}

#[test]
fn a_missing_secret_is_named_by_its_binding() {
    let mut config = example();
    config["apps"]["snack-bar"] = config["apps"]["cafe"].clone();
    let mistakes = mistakes_in(&sources(&config), &secrets());
    assert_eq!(paths(&mistakes), ["SNACK_BAR_CLIENT_SECRET"]);
    assert!(mistakes[0].1.contains("`snack-bar`"), "{mistakes:?}");
}

#[test]
fn a_secret_may_end_in_a_line_break_but_not_hold_one() {
    assert!(
        Config::read(
            &sources(&example()),
            &with_secret("CAFE_CLIENT_SECRET", "fine-secret\r\n")
        )
        .is_ok()
    );
    for wrong in [
        "two\nlines",
        "two\rlines",
        "",
        "\n",
        "your_client_secret_here",
        "{{client_secret}}",
        "…",
    ] {
        let mistakes = mistakes_in(
            &sources(&example()),
            &with_secret("CAFE_CLIENT_SECRET", wrong),
        );
        assert_eq!(paths(&mistakes), ["CAFE_CLIENT_SECRET"], "{wrong}");
    }
}

#[test]
fn seal_keys_are_needed_as_soon_as_there_is_an_app() {
    let mut secrets = Secrets::default();
    secrets.add("X_CLIENT_SECRET", "a-real-secret".to_owned());
    let app = json!({"apps": {"x": example()["apps"]["loyalty"]}});
    let mistakes = mistakes_in(&sources(&app), &secrets);
    assert_eq!(paths(&mistakes), ["TILLGATE_SEAL_KEYS"]);
    assert!(mistakes[0].1.contains("openssl rand"), "{mistakes:?}");
}

#[test]
fn each_wrong_seal_key_is_named_by_its_place() {
    let keys = format!("{SEAL_KEYS_TEXT},k1:short");
    let mistakes = mistakes_in(
        &sources(&example()),
        &with_secret("TILLGATE_SEAL_KEYS", &keys),
    );
    assert_eq!(paths(&mistakes), ["TILLGATE_SEAL_KEYS[1]"]);
}

#[test]
fn whoever_leaves_a_secret_empty_is_told_what_belongs_there() {
    let secrets = with_secret("CAFE_CLIENT_SECRET", "");
    let mistakes = mistakes_in(&sources(&example()), &secrets);
    let [(path, message)] = mistakes.as_slice() else {
        panic!("{mistakes:?}")
    };
    assert_eq!(path, "CAFE_CLIENT_SECRET");
    assert!(message.contains("put the secret"), "{message}");
}

#[test]
fn a_secret_in_the_variable_is_sent_to_its_binding_and_not_repeated() {
    let (path, message) =
        mistake_after(|config| config["apps"]["cafe"]["client_secret"] = json!("leaked-in-json"));
    assert_eq!(path, "apps.cafe.client_secret");
    assert!(
        message.contains("CAFE_CLIENT_SECRET") && !message.contains("leaked"),
        "{message}"
    );
    let (path, message) = mistake_after(|config| config["seal_keys"] = json!("leaked-in-json"));
    assert_eq!(path, "seal_keys");
    assert!(
        message.contains("TILLGATE_SEAL_KEYS") && !message.contains("leaked"),
        "{message}"
    );
}

#[test]
fn a_secret_that_was_put_where_keys_and_rules_are_shown_is_hidden() {
    let mistakes = mistakes_after(|config| {
        config["apps"]["cafe"]["till-secret-1"] = json!(1);
        config["apps"]["cafe"]["allow"] = json!(["GET /{cafe-secret-1}"]);
    });
    let text = format!("{mistakes:?}");
    assert_eq!(mistakes.len(), 2);
    assert!(
        !text.contains("till-secret-1") && !text.contains("cafe-secret-1"),
        "{text}"
    );
}

#[test]
fn a_secret_is_hidden_with_its_escapes_and_when_another_is_a_part_of_it() {
    let mut config = example();
    config["apps"]["cafe"]["quoted\"secret"] = json!(1);
    config["apps"]["cafe"]["part-of-a-longer-one"] = json!(1);
    let mut secrets = with_secret("CAFE_CLIENT_SECRET", "quoted\"secret");
    secrets.add("CAFE2_CLIENT_SECRET", "part-of-a".to_owned());
    secrets.add("TILL_CLIENT_SECRET", "part-of-a-longer-one".to_owned());
    let text = format!("{:?}", mistakes_in(&sources(&config), &secrets));
    assert!(
        !text.contains("quoted") && !text.contains("longer-one"),
        "{text}"
    );
}

#[test]
fn the_configuration_shows_no_secret_in_debug() {
    let text = format!("{:?} {:?}", read(&example()), secrets());
    for secret in ["cafe-secret", "s3cr3t!", "till-secret", "AAECAwQF", KEY] {
        assert!(!text.contains(secret), "{secret}");
    }
}

//! What all apps have: names, required keys, accounts and rules.

use super::*;

#[test]
fn an_integrator_belongs_to_version_2_and_only_there() {
    assert_eq!(
        mistake_after(|config| config["apps"]["cafe"]["integrator_id"] = json!("x")).0,
        "apps.cafe.integrator_id"
    );
    let remove = |config: &mut Value| {
        drop(
            config["apps"]["cafe2"]
                .as_object_mut()
                .unwrap()
                .remove("integrator_id"),
        )
    };
    assert_eq!(mistake_after(remove).0, "apps.cafe2.integrator_id");
}

#[test]
fn a_key_of_another_platform_is_unknown() {
    assert_eq!(
        mistake_after(|config| config["apps"]["cafe"]["region"] = json!("eu")).0,
        "apps.cafe.region"
    );
    let authorize = json!({"authorize": "https://x.example"});
    assert_eq!(
        mistake_after(|config| config["apps"]["cafe"]["endpoints"] = authorize).0,
        "apps.cafe.endpoints.authorize"
    );
}

#[test]
fn required_keys_are_named_when_they_are_missing() {
    for key in ["platform", "client_id", "accounts"] {
        let remove =
            |config: &mut Value| drop(config["apps"]["cafe"].as_object_mut().unwrap().remove(key));
        let (path, message) = mistake_after(remove);
        assert_eq!(path, format!("apps.cafe.{key}"));
        assert!(message.starts_with("is missing: "), "{message}");
    }
}

#[test]
fn accounts_have_their_platforms_form() {
    let (path, message) = mistake_after(|config| {
        config["apps"]["cafe"]["accounts"] = json!(["openapitest.1", "openapitest"])
    });
    assert_eq!(path, "apps.cafe.accounts[1]");
    assert!(message.contains("{brand}.{venue_id}"), "{message}");
    assert_eq!(
        mistake_after(|config| config["apps"]["cafe2"]["accounts"] = json!(["a.b.c"])).0,
        "apps.cafe2.accounts[0]"
    );
    assert_eq!(
        mistake_after(|config| config["apps"]["till"]["accounts"] = json!(["a/b"])).0,
        "apps.till.accounts[0]"
    );
    assert_eq!(
        mistake_after(|config| config["apps"]["loyalty"]["accounts"] = json!(["shop"])).0,
        "apps.loyalty.accounts[0]"
    );
    assert_eq!(
        mistake_after(|config| config["apps"]["cafe"]["accounts"] = json!([])).0,
        "apps.cafe.accounts"
    );
}

#[test]
fn who_may_be_acted_for_without_a_list_depends_on_the_platform() {
    let config = read(&example());
    assert!(
        config
            .apps
            .get("cafe")
            .unwrap()
            .accounts
            .contains("openapitest.1")
            && !config
                .apps
                .get("cafe")
                .unwrap()
                .accounts
                .contains("openapitest.2")
    );
    assert!(config.apps.get("cafe2").unwrap().accounts.contains("any"));
    assert!(
        config
            .apps
            .get("till")
            .unwrap()
            .accounts
            .contains("MERCHANT00001")
    );
    assert!(
        config
            .apps
            .get("loyalty")
            .unwrap()
            .accounts
            .contains("main")
            && !config
                .apps
                .get("loyalty")
                .unwrap()
                .accounts
                .contains("other")
    );
    assert_eq!(
        config
            .apps
            .get("cafe")
            .unwrap()
            .accounts
            .listed()
            .collect::<Vec<_>>(),
        ["openapitest.1"]
    );
    assert_eq!(
        config.apps.get("till").unwrap().accounts.listed().count(),
        0
    );
}

#[test]
fn a_wrong_rule_is_named_by_its_place() {
    let (path, message) =
        mistake_after(|config| config["apps"]["cafe"]["allow"] = json!(["GET /a", "get /b"]));
    assert_eq!(path, "apps.cafe.allow[1]");
    assert!(message.contains("GET, POST"), "{message}");
}

#[test]
fn a_mistake_does_not_hide_another_in_the_same_app() {
    let mistakes = mistakes_after(|config| {
        config["apps"]["till"] = json!({"platform": "clover", "region": "us", "redirect_uri": "x", "accounts": ["a b"],
            "allow": ["GET"], "endpoints": {"token": "ftp://x"}, "max_body_bytes": -1});
    });
    let mut found = paths(&mistakes);
    found.sort_unstable();
    let wrong = [
        "accounts[0]",
        "allow[0]",
        "client_id",
        "endpoints.token",
        "max_body_bytes",
        "redirect_uri",
        "region",
    ];
    assert_eq!(found, wrong.map(|key| format!("apps.till.{key}")));
}

#[test]
fn app_names_are_lower_case_letters_digits_and_dashes() {
    for wrong in [
        "Cafe",
        "a_b",
        "café",
        "",
        "abcdefghijklmnopqrstuvwxyz-0123456",
    ] {
        let rename = |config: &mut Value| {
            let apps = config["apps"].as_object_mut().unwrap();
            let app = apps.remove("cafe").unwrap();
            apps.insert(wrong.to_owned(), app);
        };
        let (path, message) = mistake_after(rename);
        assert!(
            path.starts_with("apps") && message.contains("a-z, 0-9"),
            "{path} {message}"
        );
    }
}

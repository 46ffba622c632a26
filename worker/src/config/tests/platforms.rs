//! What the platforms differ in: presets and overrides, environments and regions, options.

use tillgate_core::{clearline::BasicEncoding, clover::TokenRequest, platform::App};

use super::*;

fn clearline(config: &Config) -> &tillgate_core::clearline::App {
    match &config.apps.get("loyalty").unwrap().app {
        App::Clearline(app) => app,
        other => panic!("{other:?}"),
    }
}

fn clover(config: &Config) -> &tillgate_core::clover::App {
    match &config.apps.get("till").unwrap().app {
        App::Clover(app) => app,
        other => panic!("{other:?}"),
    }
}

fn clopos<'a>(config: &'a Config, name: &str) -> &'a tillgate_core::clopos::App {
    match &config.apps.get(name).unwrap().app {
        App::Clopos(app) => app,
        other => panic!("{other:?}"),
    }
}

fn changed(change: impl FnOnce(&mut Value)) -> Config {
    let mut config = example();
    change(&mut config);
    read(&config)
}

#[test]
fn presets_are_the_documented_addresses() {
    let config = read(&example());
    let v1 = clopos(&config, "cafe");
    assert_eq!(
        v1.token_endpoint.as_str(),
        "https://integrations.clopos.com/open-api/auth"
    );
    assert_eq!(v1.api.as_str(), "https://integrations.clopos.com/open-api");
    let v2 = clopos(&config, "cafe2");
    assert_eq!(
        v2.token_endpoint.as_str(),
        "https://integrations.clopos.com/open-api/v2/auth"
    );
    assert_eq!(
        v2.api.as_str(),
        "https://integrations.clopos.com/open-api/v2"
    );
    assert_eq!(
        clearline(&config).token_endpoint.as_str(),
        "https://logintest.clearline.me/connect/token"
    );
    assert_eq!(
        clearline(&config).api.as_str(),
        "https://public-api-demo.clearline.me"
    );
    assert_eq!(
        clover(&config).authorize_endpoint.as_str(),
        "https://apisandbox.dev.clover.com/oauth/authorize"
    );
    for (region, host) in [("eu", "eu.clover.com"), ("la", "la.clover.com")] {
        let config = changed(|config| config["apps"]["till"]["region"] = json!(region));
        let till = clover(&config);
        assert_eq!(
            till.authorize_endpoint.as_str(),
            format!("https://{host}/oauth/authorize")
        );
        assert_eq!(
            till.token_endpoint.as_str(),
            format!("https://{host}/oauth/token")
        );
        assert_eq!(till.api.as_str(), format!("https://api.{host}"));
    }
}

#[test]
fn every_preset_can_be_overridden_and_the_others_stay() {
    let config = changed(|config| {
        config["apps"]["till"]["endpoints"] = json!({"token": "http://localhost:9103/oauth/token"});
        config["apps"]["loyalty"]["endpoints"] = json!({"api": "https://api.example/pos/"});
    });
    assert_eq!(
        clover(&config).token_endpoint.as_str(),
        "http://localhost:9103/oauth/token"
    );
    assert_eq!(
        clover(&config).api.as_str(),
        "https://apisandbox.dev.clover.com"
    );
    assert_eq!(clearline(&config).api.as_str(), "https://api.example/pos");
    assert_eq!(
        clearline(&config).token_endpoint.as_str(),
        "https://logintest.clearline.me/connect/token"
    );
}

#[test]
fn http_is_refused_for_a_host_that_is_not_loopback() {
    let (path, message) = mistake_after(|config| {
        config["apps"]["cafe"]["endpoints"] = json!({"token": "http://clopos.example/auth"})
    });
    assert_eq!(path, "apps.cafe.endpoints.token");
    assert!(message.contains("https://clopos.example"), "{message}");
}

#[test]
fn clearline_without_an_environment_needs_both_endpoints() {
    let without = |endpoints: Value| {
        move |config: &mut Value| {
            config["apps"]["loyalty"]
                .as_object_mut()
                .unwrap()
                .remove("environment");
            config["apps"]["loyalty"]["endpoints"] = endpoints;
        }
    };
    let (path, message) = mistake_after(without(
        json!({"token": "https://login.example/connect/token"}),
    ));
    assert_eq!(path, "apps.loyalty.environment");
    assert!(
        message.contains("`endpoints.api`") && !message.contains("`endpoints.token`"),
        "{message}"
    );
    assert_eq!(
        mistake_after(without(json!({}))).0,
        "apps.loyalty.environment"
    );
    let both =
        json!({"token": "https://login.example/connect/token", "api": "https://api.example"});
    assert_eq!(
        clearline(&changed(without(both))).api.as_str(),
        "https://api.example"
    );
    assert_eq!(
        mistake_after(|config| config["apps"]["loyalty"]["environment"] = json!("prod")).0,
        "apps.loyalty.environment"
    );
}

#[test]
fn clover_without_a_region_needs_all_endpoints() {
    let without = |endpoints: Value| {
        move |config: &mut Value| {
            config["apps"]["till"]
                .as_object_mut()
                .unwrap()
                .remove("region");
            config["apps"]["till"]["endpoints"] = endpoints;
        }
    };
    assert_eq!(
        mistake_after(without(json!({"token": "https://x.example/t"}))).0,
        "apps.till.region"
    );
    let all = json!({"authorize": "https://x.example/a", "token": "https://x.example/t", "api": "https://x.example"});
    assert_eq!(
        clover(&changed(without(all))).authorize_endpoint.as_str(),
        "https://x.example/a"
    );
    assert_eq!(
        mistake_after(|config| config["apps"]["till"]["region"] = json!("us")).0,
        "apps.till.region"
    );
}

#[test]
fn the_redirect_uri_is_required_and_is_this_apps_own_route() {
    assert_eq!(
        mistake_after(|config| drop(
            config["apps"]["till"]
                .as_object_mut()
                .unwrap()
                .remove("redirect_uri")
        ))
        .0,
        "apps.till.redirect_uri"
    );
    for wrong in [
        "http://gate.example/callback/till",
        "https://gate.example/callback/other",
        "https://gate.example/callback/till?x",
        "till",
    ] {
        let change = |config: &mut Value| config["apps"]["till"]["redirect_uri"] = json!(wrong);
        assert_eq!(mistake_after(change).0, "apps.till.redirect_uri", "{wrong}");
    }
    let local = changed(|config| {
        config["apps"]["till"]["redirect_uri"] = json!("http://localhost:8787/pos/callback/till")
    });
    assert_eq!(
        clover(&local).redirect_uri.as_str(),
        "http://localhost:8787/pos/callback/till"
    );
}

#[test]
fn options_are_read_and_their_words_checked() {
    let config = changed(|config| {
        config["apps"]["loyalty"]["basic"] = json!("raw");
        config["apps"]["till"]["token_request"] = json!("json");
        config["apps"]["cafe"]["stage"] = json!("production");
        config["apps"]["cafe"]["max_body_bytes"] = json!(2048);
    });
    assert_eq!(clearline(&config).basic, BasicEncoding::Raw);
    assert_eq!(clover(&config).token_request, TokenRequest::Json);
    assert_eq!(clopos(&config, "cafe").stage.as_deref(), Some("production"));
    assert_eq!(config.apps.get("cafe").unwrap().max_body_bytes, 2048);
    let wrong = [
        ("loyalty", "basic", json!(true)),
        ("till", "token_request", json!("post")),
        ("cafe", "stage", json!("two words")),
        ("cafe", "stage", json!("a\r\nb")),
        ("cafe", "max_body_bytes", json!("1MB")),
        ("cafe", "max_body_bytes", json!(0)),
        ("cafe", "version", json!(3)),
        ("cafe", "version", json!("1")),
        ("till", "version", json!(2)),
        ("cafe", "platform", json!("Clopos")),
        ("cafe", "client_id", json!("a\nb")),
        ("cafe", "client_id", json!(" a")),
        ("cafe", "client_id", json!("")),
    ];
    for (app, key, value) in wrong {
        assert_eq!(
            mistake_after(|config| config["apps"][app][key] = value).0,
            format!("apps.{app}.{key}")
        );
    }
}

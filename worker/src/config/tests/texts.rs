//! The variables as texts: what is no JSON, which variables there are, and which of them is about which app.

use super::*;

fn mistakes_of(text: &str) -> Vec<(String, String)> {
    let mut sources = Sources::default();
    sources.add("TILLGATE", text.to_owned());
    mistakes_in(&sources, &secrets())
}

#[test]
fn a_missing_variable_is_one_mistake_with_an_example() {
    let mistakes = mistakes_in(&Sources::default(), &Secrets::default());
    assert_eq!(paths(&mistakes), ["TILLGATE"]);
    assert!(mistakes[0].1.contains(r#""apps""#), "{mistakes:?}");
}

#[test]
fn wrong_syntax_is_reported_by_line_and_column_without_the_text() {
    let cases = [
        ("", "is empty"),
        (
            "{\n  \"origins\": [\"secret-text\"",
            "is not JSON at line 2, column 28: it ends too early",
        ),
        (
            "{\n  \"origins\": secret-text\n}",
            "is not JSON at line 2, column 14: expected a value",
        ),
        ("{\"origins\": [],}", "line 1, column 16: trailing comma"),
        ("{} secret-text", "line 1, column 4: trailing characters"),
        (
            "{\"apps\": {},\n \"origins\": [],\n \"apps\": {}}",
            "has a key twice in one object at line 3, column 2: keep one",
        ),
    ];
    for (text, part) in cases {
        let mistakes = mistakes_of(text);
        assert_eq!(paths(&mistakes), ["TILLGATE"], "{text}");
        assert!(
            mistakes[0].1.contains(part) && !mistakes[0].1.contains("secret"),
            "{mistakes:?}"
        );
    }
}

#[test]
fn a_comment_is_recognised_as_what_is_wrong() {
    let comments = [
        "// a\n{}",
        "{ // a\n}",
        "{\"apps\": {}, // a\n \"origins\": []}",
        "{\"apps\": /* a */ {}}",
        "{}\n// a",
    ];
    for text in comments {
        let message = &mistakes_of(text)[0].1;
        assert!(
            message.contains("comments are not possible"),
            "{text}: {message}"
        );
    }
    assert!(
        !mistakes_of("{\"a\": \"https://x\" x}")[0]
            .1
            .contains("comments")
    );
}

#[test]
fn an_app_may_stand_in_a_variable_of_its_own() {
    let mut config = example();
    let app = config["apps"]
        .as_object_mut()
        .unwrap()
        .remove("till")
        .unwrap();
    let mut sources = sources(&config);
    sources.add("TILLGATE_APP_TILL", app.to_string());
    let config = Config::read(&sources, &secrets()).unwrap();
    assert_eq!(config.apps.get("till").unwrap().app.platform(), "clover");
}

#[test]
fn mistakes_in_such_a_variable_begin_with_its_name() {
    let mut sources = sources(&example());
    let mut app = example()["apps"]["cafe"].clone();
    app["allow"] = json!(["GET /a", "GET a"]);
    sources.add("TILLGATE_APP_SNACK_BAR", app.to_string());
    let mistakes = mistakes_in(&sources, &secrets());
    assert_eq!(
        paths(&mistakes),
        ["SNACK_BAR_CLIENT_SECRET", "TILLGATE_APP_SNACK_BAR.allow[1]"]
    );
    sources.add("TILLGATE_APP_SNACK_BAR", "[]".to_owned());
    assert_eq!(
        paths(&mistakes_in(&sources, &secrets())),
        ["SNACK_BAR_CLIENT_SECRET", "TILLGATE_APP_SNACK_BAR"]
    );
}

#[test]
fn an_app_cannot_be_configured_twice() {
    let mut sources = sources(&example());
    sources.add("TILLGATE_APP_CAFE", example()["apps"]["cafe"].to_string());
    let mistakes = mistakes_in(&sources, &secrets());
    assert_eq!(paths(&mistakes), ["TILLGATE_APP_CAFE"]);
    assert!(mistakes[0].1.contains("`apps.cafe`"), "{mistakes:?}");

    let mut sources = super::sources(&json!({}));
    let app = example()["apps"]["cafe"].to_string();
    sources.add("TILLGATE_APP_CAFE", app.clone());
    sources.add("TILLGATE_APP_cafe", app);
    assert_eq!(
        paths(&mistakes_in(&sources, &secrets())),
        ["TILLGATE_APP_cafe"]
    );
}

#[test]
fn variables_of_other_names_are_ignored_and_a_secret_is_never_read_as_an_app() {
    let mut sources = sources(&example());
    for name in [
        "PATH",
        "TILLGATE_SEAL_KEYS",
        "TILLGATE_APP_X_CLIENT_SECRET",
        "MY_TILLGATE_APP_X",
    ] {
        sources.add(name, "not JSON".to_owned());
    }
    assert!(Config::read(&sources, &secrets()).is_ok());
}

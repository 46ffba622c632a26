//! What a browser's request is worth, decided natively: cookies, sessions, the connection of a session, pages of other
//! origins, places to return to. The same over real sockets and with a real browser is in `tests/e2e`.

use std::cell::OnceCell;

use tillgate_core::time::UnixTime;

use crate::{
    callers::{Can, Principal, Subject},
    config::Config,
    cookies::Cookie,
    cors::{self, Page},
    example::{KEY, KEY_SHA256, NOW, REQUEST_ID, configuration},
    handle::Context,
    incoming::{Headers, Incoming, Url},
    message::SessionReply,
    problem::{Code, Problem},
    return_to::ReturnTo,
    router::Place,
    session::{SESSION_LIFETIME, Session},
};

const SHOP: &str = "https://shop.example";
const GATE: &str = "https://gate.example/session";
const STATE: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

struct Table(Vec<(&'static str, String)>);

impl Headers for Table {
    fn get(&self, name: &'static str) -> Option<String> {
        let found = self.0.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.clone())
    }
}

fn table(headers: &[(&'static str, &str)]) -> Table {
    let headers = headers.iter();
    Table(
        headers
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect(),
    )
}

fn incoming<'a>(method: &'a str, url: &'a str, headers: &'a Table) -> Incoming<'a> {
    Incoming {
        method,
        url: Url::split(url).unwrap(),
        headers,
        now: NOW,
        request_id: REQUEST_ID,
    }
}

fn config() -> Config {
    let app = |name: &str| {
        format!(
            r#""{name}":{{"platform":"clover","region":"sandbox","client_id":"C","redirect_uri":"https://gate.example/callback/{name}"}}"#
        )
    };
    let apps = [app("till"), app("bar")].join(",");
    let office = format!(r#"{{"key_sha256":"{KEY_SHA256}","apps":["till"],"can":["api"]}}"#);
    let text =
        format!(r#"{{"origins":["{SHOP}"],"apps":{{{apps}}},"callers":{{"office":{office}}}}}"#);
    configuration(&text).unwrap()
}

fn session() -> Session {
    let reply = SessionReply {
        session: "id".to_owned(),
        employee_id: None,
        expires_at: NOW.plus(SESSION_LIFETIME),
    };
    Session::begun("till", "MERCHANT00001", &reply)
}

/// The `Cookie` header of a browser that has this session.
fn cookie(session: &Session, config: &Config) -> String {
    let table = table(&[]);
    let (_, set) = session
        .set_cookie(&incoming("GET", GATE, &table), config)
        .unwrap();
    set.split(';').next().unwrap().to_owned()
}

fn read_session(
    headers: &[(&'static str, &str)],
    now: UnixTime,
    config: &Config,
) -> Result<Session, Problem> {
    let table = table(headers);
    let mut incoming = incoming("GET", GATE, &table);
    incoming.now = now;
    Session::of(&incoming, config)
}

#[test]
fn a_session_comes_back_as_it_was_until_twelve_hours_have_passed() {
    let (config, session) = (config(), session());
    let cookie = cookie(&session, &config);
    let headers = [("cookie", cookie.as_str()), ("x-tillgate", "1")];
    let read = |now| read_session(&headers, now, &config);
    assert_eq!(SESSION_LIFETIME, 43_200);
    assert_eq!(read(NOW).unwrap(), session);
    assert_eq!(read(NOW.plus(43_199)).unwrap(), session);
    assert_eq!(
        read(NOW.plus(43_200)).unwrap_err().code,
        Code::Unauthenticated
    );
}

#[test]
fn a_session_counts_only_where_one_of_our_pages_meant_the_call() {
    let config = config();
    let cookie = cookie(&session(), &config);
    let code = |more: &[(&'static str, &str)]| {
        let headers = [&[("cookie", cookie.as_str())], more].concat();
        read_session(&headers, NOW, &config)
            .err()
            .map(|problem| problem.code)
    };
    let meant = ("x-tillgate", "1");
    assert_eq!(code(&[]), Some(Code::Forbidden));
    assert_eq!(code(&[("x-tillgate", "2")]), Some(Code::Forbidden));
    assert_eq!(code(&[meant]), None);
    assert_eq!(code(&[meant, ("sec-fetch-site", "same-origin")]), None);
    assert_eq!(
        code(&[meant, ("sec-fetch-site", "cross-site")]),
        Some(Code::Forbidden)
    );
    // With an origin, that is what counts, and it was looked at before.
    assert_eq!(
        code(&[meant, ("sec-fetch-site", "cross-site"), ("origin", SHOP)]),
        None
    );
}

#[test]
fn a_session_reaches_its_own_connection_and_no_other() {
    let (config, session) = (config(), session());
    let found = |app, account| {
        let place = Place { app, account };
        let subject = Subject::of_session(&config, &session, place);
        subject.map(|subject| (subject.app.name.clone(), subject.account.into_owned()))
    };
    let own = ("till".to_owned(), "MERCHANT00001".to_owned());
    assert_eq!(found("till", "me").unwrap(), own);
    assert_eq!(found("till", "MERCHANT00001").unwrap(), own);
    for (app, account) in [
        ("till", "MERCHANT00002"),
        ("bar", "me"),
        ("bar", "MERCHANT00001"),
        ("bar", "MERCHANT00002"),
    ] {
        assert_eq!(
            found(app, account).unwrap_err().code,
            Code::NotFound,
            "{app} {account}"
        );
    }
}

#[test]
fn a_caller_is_named_with_the_connections_of_its_apps_and_sees_no_other() {
    let config = config();
    let caller = config.callers.find(KEY).unwrap();
    let found = |app| {
        let account = "MERCHANT00001";
        Subject::of_caller(&config, caller, Place { app, account })
    };
    assert_eq!(found("till").unwrap().caller, Some("office"));
    assert_eq!(found("bar").unwrap_err().code, Code::NotFound);
    assert_eq!(found("none").unwrap_err().code, Code::NotFound);
}

#[test]
fn a_session_may_not_do_what_takes_a_key() {
    let config = config();
    let cookie = cookie(&session(), &config);
    let table = table(&[("cookie", &cookie), ("x-tillgate", "1")]);
    let incoming = incoming("GET", GATE, &table);
    let (cache, ring, event) = Default::default();
    let context = Context {
        config: &config,
        cache: &cache,
        ring: &ring,
        incoming: &incoming,
        event: &event,
        caller: OnceCell::new(),
    };
    assert!(matches!(Principal::of(&context), Ok(Principal::Session(_))));
    let refused = Principal::caller(&context, Can::Admin);
    assert_eq!(refused.unwrap_err().code, Code::Forbidden);
}

#[test]
fn a_cookie_has_the_host_prefix_but_on_loopback_http() {
    let table = table(&[]);
    for (url, set, cleared) in [
        (
            GATE,
            "__Host-tillgate=v; Path=/; Max-Age=60; HttpOnly; Secure; SameSite=Lax",
            "__Host-tillgate=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=Lax",
        ),
        (
            "http://localhost:8787/session",
            "tillgate=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax",
            "tillgate=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
        ),
    ] {
        let cookie = Cookie::session(&incoming("GET", url, &table));
        assert_eq!(cookie.set("v", 60), ("set-cookie", set.to_owned()));
        assert_eq!(cookie.clear(), ("set-cookie", cleared.to_owned()));
    }
}

#[test]
fn a_cookie_counts_if_it_is_there_once() {
    let read = |header: &str| {
        let table = table(&[("cookie", header)]);
        let incoming = incoming("GET", GATE, &table);
        Cookie::session(&incoming).read(&incoming)
    };
    assert_eq!(read("a=b; __Host-tillgate=v").as_deref(), Some("v"));
    for header in [
        "",
        "tillgate=v",
        "__Host-tillgate",
        "__Host-tillgate=v; __Host-tillgate=w",
        "__host-tillgate=v",
    ] {
        assert_eq!(read(header), None, "{header}");
    }
}

#[test]
fn a_login_s_cookie_is_named_after_a_state_of_ours_and_nothing_else() {
    let table = table(&[]);
    let incoming = incoming("GET", GATE, &table);
    let named = |state: &str| {
        let cookie = Cookie::login(&incoming, state)?;
        let (_, set) = cookie.set("v", 60);
        set.split('=').next().map(str::to_owned)
    };
    let expected = Some("__Host-tillgate-login-AAECAwQFBgcI".to_owned());
    assert_eq!(named(STATE), expected);
    let with = |character: &str| STATE.replacen('A', character, 1);
    assert!(named(&with("-")).is_some() && named(&with("_")).is_some());
    for state in [
        "",
        "AAECAwQFBgcI",
        &with(";"),
        &with("="),
        &format!("{STATE}A"),
    ] {
        assert_eq!(named(state), None, "{state}");
    }
}

#[test]
fn a_page_is_ours_configured_or_refused() {
    let config = config();
    let page = |origin: Option<&str>| {
        let origin = origin.map(|origin| ("origin", origin));
        let table = table(origin.as_slice());
        Page::of(&incoming("GET", GATE, &table), &config).map_err(|problem| problem.code)
    };
    assert_eq!(page(None), Ok(Page::Own));
    assert_eq!(page(Some("https://gate.example")), Ok(Page::Own));
    assert_eq!(page(Some(SHOP)), Ok(Page::Allowed(SHOP.to_owned())));
    for origin in [
        "null",
        "https://evil.example",
        "https://shop.example.evil.example",
        "",
    ] {
        assert_eq!(page(Some(origin)), Err(Code::OriginNotAllowed), "{origin}");
    }
}

#[test]
fn only_a_configured_page_is_told_that_it_may_read() {
    let value = |page: &Page, name: &str| {
        let headers = page.headers();
        let found = headers.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.clone().into_owned())
    };
    let allowed = Page::Allowed(SHOP.to_owned());
    assert_eq!(
        value(&allowed, "access-control-allow-origin").as_deref(),
        Some(SHOP)
    );
    assert_eq!(
        value(&allowed, "access-control-allow-credentials").as_deref(),
        Some("true")
    );
    assert_eq!(value(&allowed, "vary").as_deref(), Some("Origin"));
    assert_eq!(value(&Page::Own, "vary").as_deref(), Some("Origin"));
    assert_eq!(value(&Page::Own, "access-control-allow-origin"), None);
}

#[test]
fn a_preflight_is_an_options_request_with_both_headers() {
    let asks = |method, headers: &[(&'static str, &str)]| {
        let table = table(headers);
        cors::is_preflight(&incoming(method, GATE, &table))
    };
    let both = [("origin", SHOP), ("access-control-request-method", "GET")];
    assert!(asks("OPTIONS", &both));
    assert!(!asks("GET", &both));
    assert!(!asks("OPTIONS", &both[..1]));
    assert!(!asks("OPTIONS", &both[1..]));
}

#[test]
fn a_place_to_return_to_is_a_path_or_at_a_configured_origin() {
    let config = config();
    let place = |text: Option<&str>| {
        let place = ReturnTo::parse(text, &config);
        place
            .map(|place| place.as_str().to_owned())
            .map_err(|problem| problem.code)
    };
    assert_eq!(place(None), Ok(format!("{SHOP}/")));
    let long = |bytes: usize| format!("/{}", "a".repeat(bytes - 1));
    for text in [
        "/",
        "/after?a=b#c",
        SHOP,
        "https://shop.example/after",
        "https://shop.example?a",
        "https://shop.example#a",
        &long(2048),
    ] {
        assert_eq!(place(Some(text)), Ok(text.to_owned()), "{text}");
    }
    for text in [
        "",
        "after",
        "//evil.example",
        "/\\evil.example",
        "/a b",
        "/é",
        "/\t/evil.example",
        "https://shop.example.evil.example",
        "https://shop.example@evil.example",
        "https://shop.example:8443/",
        "https://evil.example/",
        "https://shop.example/\\",
        &long(2049),
    ] {
        assert_eq!(place(Some(text)), Err(Code::BadRequest), "{text}");
    }
}

//! Requests to the worker: URLs, routes, cookies, places to return to, and the whole decision about a request.

use std::cell::LazyCell;

use tillgate_worker::fuzz::{
    self, Decision, Worker, parameter, return_to, route, session_cookie, split_url,
};
use url::{Host, Url};

use crate::{
    configuration::{self, KEY},
    form, parts,
};

thread_local! {
    static WORKER: LazyCell<Worker> = LazyCell::new(configuration::working);
}

/// `base path ⏎ URL`: a URL is taken apart without loss, its host is the URL parser's, and a route is its path.
pub fn url(data: &[u8]) {
    let Some([base_path, text]) = parts(data) else {
        return;
    };
    let Some(split) = split_url(text) else {
        return;
    };
    let query = split.query.as_ref().map(|query| format!("?{query}"));
    let joined = [
        split.origin.as_str(),
        &split.path,
        &query.unwrap_or_default(),
    ]
    .concat();
    assert_eq!(joined, text, "a part is lost");
    if let Some(path) = route(base_path, &split.path) {
        assert_eq!(path, split.path, "another route than the path says");
    }
    if let Ok(url) = Url::parse(text) {
        let origin = url.origin().ascii_serialization();
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        assert!(!split.loopback_http || (loopback && origin.starts_with("http://")));
        assert_eq!((url.username(), url.password()), ("", None), "{origin}");
    }
    same_parameter(text, split.query.as_deref().unwrap_or_default());
}

fn same_parameter(url: &str, query: &str) {
    let values: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name == "return_to")
        .map(|(_, value)| value.into_owned())
        .collect();
    let read = parameter(url, "return_to");
    assert_eq!(read.is_none(), values.len() > 1, "a repeated parameter");
    if let [value] = &values[..] {
        let read = read.flatten().unwrap_or_default();
        assert!(form::is_same(&read, value), "read as {read:?}");
    }
}

/// A `Cookie` header: the value is there once under exactly that name, and what sets it splits no header.
pub fn cookie(data: &[u8]) {
    let Ok(header) = str::from_utf8(data) else {
        return;
    };
    for (url, name) in [
        ("https://gate.example/session", "__Host-tillgate"),
        ("http://localhost:8787/session", "tillgate"),
    ] {
        let pairs: Vec<_> = header
            .split(';')
            .map(|pair| pair.trim_matches([' ', '\t']))
            .filter_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
            .collect();
        let expected = (pairs.len() == 1).then(|| pairs[0].to_owned());
        let read = session_cookie(url, header);
        assert_eq!(
            read.as_ref().map(|(value, _)| value),
            expected.as_ref(),
            "{name}"
        );
        if let Some((value, set)) = read {
            let own = format!("{name}={value}; Path=/; Max-Age=60; HttpOnly");
            assert!(
                set.starts_with(&own) && set.ends_with("; SameSite=Lax"),
                "{set}"
            );
            assert_eq!(set.contains("; Secure;"), url.starts_with("https"), "{set}");
        }
    }
}

/// A `return_to`: where a URL parser goes with it from the callback is the worker's own origin or a configured one.
pub fn place_to_return(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    WORKER.with(|worker| {
        let Some(place) = return_to(text, worker) else {
            return;
        };
        assert_eq!(place, text, "it is changed");
        let callback = Url::parse("https://gate.example/callback/till").expect("a URL");
        let url = callback.join(&place).expect("a URL parser reads it");
        let origin = url.origin().ascii_serialization();
        let known = origin == "https://gate.example" || worker.origins().contains(&origin);
        assert!(known, "{place} leads to {origin}");
        assert_eq!((url.username(), url.password()), ("", None));
        assert!(
            place.bytes().all(|byte| byte.is_ascii_graphic()),
            "it splits a header"
        );
    });
}

/// `method ⏎ URL ⏎ event ⏎ headers`, decided by a worker that holds tokens.
pub fn request(data: &[u8]) {
    let Some([method, url, event, lines]) = parts(data) else {
        return;
    };
    if configuration::holds_secret(data) {
        // Who knows a secret already may be told it.
        return;
    }
    let headers: Vec<_> = lines
        .lines()
        .filter_map(|line| line.split_once(": "))
        .collect();
    WORKER.with(|worker| {
        let event = if event.is_empty() { "{}" } else { event };
        let Some(decision) = worker.decide(method, url, &headers, event) else {
            return;
        };
        judge(worker, &decision);
        let needs_identity = ["/api/", "/token/", "/refresh/", "/connections"];
        let path = split_url(url).map(|url| url.path).unwrap_or_default();
        let known = headers.iter().any(|(_, value)| value.contains(KEY));
        let refused = is_refusal(&decision);
        let preflight = matches!(decision, Decision::Answer { status: 204, .. });
        let guarded = needs_identity.iter().any(|route| path.starts_with(route));
        assert!(
            known || refused || preflight || !guarded,
            "a stranger is served: {decision:?}"
        );
    });
}

fn judge(worker: &Worker, decision: &Decision) {
    match decision {
        Decision::Answer {
            status,
            headers,
            body,
        } => assert_answer(*status, headers, body),
        Decision::Forward { url, .. } => assert_forward(worker, url),
        Decision::Ask(asks) => {
            for (_, message) in asks {
                assert_eq!(fuzz::message(message).as_deref(), Some(message.as_str()));
            }
        }
        Decision::Limit(answers) => answers.iter().for_each(|answer| judge(worker, answer)),
        Decision::Pass => {}
        Decision::Jwt => panic!("no caller has a JWT"),
    }
}

/// Whether it is an answer that says no, whatever the rate limit says.
pub(crate) fn is_refusal(decision: &Decision) -> bool {
    match decision {
        Decision::Answer { status, .. } => *status >= 400,
        Decision::Limit(answers) => answers.iter().all(is_refusal),
        _ => false,
    }
}

fn assert_forward(worker: &Worker, sent: &str) {
    let url = Url::parse(sent).expect("a URL parser reads what is sent");
    assert_eq!(url.as_str(), sent, "a URL parser changes what is sent");
    let below = |base: &String| {
        sent.strip_prefix(base.as_str())
            .is_some_and(|rest| rest.starts_with('/'))
    };
    assert!(
        worker.addresses().iter().any(below),
        "{sent} is no platform's"
    );
}

fn assert_answer(status: u16, headers: &[(String, String)], body: &str) {
    let of = |wanted: &str| -> Vec<&str> {
        let headers = headers.iter().filter(|(name, _)| name == wanted);
        headers.map(|(_, value)| value.as_str()).collect()
    };
    assert!((200..600).contains(&status), "{status}");
    assert_eq!(of("cache-control"), ["no-store"]);
    assert_eq!(of("x-content-type-options"), ["nosniff"]);
    for (name, value) in headers {
        let sendable = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        assert!(sendable, "{name}: {value:?}");
        assert_no_secret(value);
    }
    if let [origin] = of("access-control-allow-origin")[..] {
        assert_eq!(origin, "https://shop.example");
        assert_eq!(of("vary"), ["Origin"]);
    }
    if let [location] = of("location")[..] {
        let start = "https://apisandbox.dev.clover.com/oauth/";
        let known = ["https://shop.example", "/"]
            .iter()
            .any(|place| location.starts_with(place));
        assert!(location.starts_with(start) || known, "{location}");
    }
    if status >= 500 {
        assert!(matches!(status, 502..=504), "{status}: {body}");
    }
    assert_no_secret(body);
}

/// A token may be told, a client secret or seal key never.
fn assert_no_secret(text: &str) {
    for (name, secret) in configuration::SECRETS {
        assert!(!text.contains(secret), "{name} is told");
    }
}

//! The configuration: what is wrong is told without a secret, and what is accepted sends requests only where it may.

use tillgate_worker::fuzz::{Decision, Worker, asked};
use url::Url;

use crate::requests::is_refusal;

/// The secrets of the configuration that is fuzzed.
pub(crate) const SECRETS: [(&str, &str); 5] = [
    ("CAFE_CLIENT_SECRET", "canary-of-cafe-5be1f7"),
    ("CAFE2_CLIENT_SECRET", "canary-of-cafe2-90ab3c"),
    ("LOYALTY_CLIENT_SECRET", "canary-of-loyalty-77d2e0"),
    ("TILL_CLIENT_SECRET", "canary-of-till-1c84f9"),
    (
        "TILLGATE_SEAL_KEYS",
        "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
    ),
];

/// The key of the only caller.
pub(crate) const KEY: &str = "back-office-key-0123456789";
/// The configuration of the README, with a caller that has the [`KEY`].
const WORKING: &str = include_str!("../working.json");

/// A worker with that configuration, which holds a token for one connection of each app.
pub(crate) fn working() -> Worker {
    let worker = Worker::new(WORKING, &SECRETS);
    assert_eq!(worker.mistakes(), Vec::<String>::new());
    for (app, account) in [("cafe", "openapitest.1"), ("loyalty", "main")] {
        let event = token_event(app, account);
        let url = format!("https://gate.example/token/{app}/{account}");
        let bearer = format!("Bearer {KEY}");
        let key = [("authorization", bearer.as_str())];
        let decision = worker.decide("POST", &url, &key, &event);
        assert!(
            matches!(decision, Some(Decision::Answer { status: 200, .. })),
            "{decision:?}"
        );
    }
    worker
}

/// Whether an input itself holds one of the secrets: a fuzzer learns them from what it is compared with.
pub(crate) fn holds_secret(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    SECRETS.iter().any(|(_, secret)| text.contains(secret))
}

/// What a vault answers, as the JavaScript side hands it over.
fn token_event(app: &str, account: &str) -> String {
    let now = tillgate_worker::fuzz::NOW;
    let (refresh_at, expires_at) = (now + 3000, now + 3600);
    format!(
        r#"{{"replies":[{{"reply":"token","app":"{app}","account":"{account}","access_token":"token-of-{app}","obtained_at":{now},"expires_at":{expires_at},"refresh_at":{refresh_at},"ticket":"1.1","exchanged":true}}]}}"#
    )
}

/// The text of the variable `TILLGATE`.
pub fn document(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let worker = Worker::new(text, &SECRETS);
    let mistakes = worker.mistakes();
    let asked = asked(text);
    let known = |(name, _): &&(&str, &str)| asked.iter().any(|asked| asked == name);
    for mistake in &mistakes {
        let mut known = SECRETS.iter().filter(known);
        let told = known.find(|(_, secret)| mistake.contains(secret));
        assert_eq!(told.map(|(name, _)| name), None, "a mistake tells a secret");
    }
    assert_eq!(
        Worker::new(text, &SECRETS).mistakes(),
        mistakes,
        "read twice, told twice"
    );
    if mistakes.is_empty() {
        worker
            .addresses()
            .iter()
            .for_each(|address| assert_safe(address));
        worker
            .origins()
            .iter()
            .for_each(|origin| assert_safe(origin));
    }
    let connections = worker.decide("GET", "https://gate.example/connections", &[], "{}");
    let refused = connections.as_ref().is_some_and(is_refusal);
    assert!(refused, "a stranger sees connections: {connections:?}");
}

/// `https`, or a loopback host.
fn assert_safe(address: &str) {
    let punycode = address.contains("xn--");
    let Ok(url) = Url::parse(address) else {
        assert!(punycode, "{address} is no URL");
        return;
    };
    let host = url.host_str().unwrap_or_default();
    let loopback = host == "localhost" || host.starts_with("127.") || host == "[::1]";
    assert!(url.scheme() == "https" || loopback, "{address}");
}

//! What tests of several modules use: a second in which everything happens, a caller's key, an isolate with its
//! configuration, and what a vault replies.

use std::cell::RefCell;

use tillgate_core::time::UnixTime;

use crate::{
    cache::Cache,
    config::{Config, Invalid, Secrets, Sources, secret_names},
    handle::handle,
    incoming::{Headers, Incoming, Url},
    jwt::Ring,
    step::{Event, Step},
};

pub(crate) const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);
pub(crate) const KEY: &str = "key-0123456789abcdefghijklmnopqrstuvwxyz";
/// The SHA-256 of [`KEY`].
pub(crate) const KEY_SHA256: &str =
    "083923bdf37bdf9ee6200c0a42a27d84623373ee6093e88d8e6b2a99aa234e4e";
pub(crate) const REQUEST_ID: &str = "9186319d-9859-42aa-ae5f-2e9e71340964";
/// The client secret of every app.
pub(crate) const CLIENT_SECRET: &str = "s3cr3t-of-an-app";
const SEAL_KEYS: &str = "k1:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";

/// The configuration in the variable `TILLGATE`, with every secret that it needs.
pub(crate) fn configuration(tillgate: &str) -> Result<Config, Invalid> {
    let mut sources = Sources::default();
    sources.add("TILLGATE", tillgate.to_owned());
    let mut secrets = Secrets::default();
    for name in secret_names(&sources) {
        let text = match name.as_str() {
            "TILLGATE_SEAL_KEYS" => SEAL_KEYS,
            _ => CLIENT_SECRET,
        };
        secrets.add(&name, text.to_owned());
    }
    Config::read(&sources, &secrets)
}

/// The headers of a caller with [`KEY`].
pub(crate) struct Keyed;

impl Headers for Keyed {
    fn get(&self, name: &'static str) -> Option<String> {
        (name == "authorization").then(|| format!("Bearer {KEY}"))
    }
}

/// A configuration and what an isolate has learnt.
pub(crate) struct Isolate {
    pub(crate) config: Result<Config, Invalid>,
    pub(crate) cache: RefCell<Cache>,
    pub(crate) ring: RefCell<Ring>,
}

impl Isolate {
    /// One that has learnt nothing yet, with this text in the variable `TILLGATE`.
    pub(crate) fn new(tillgate: &str) -> Self {
        Self {
            config: configuration(tillgate),
            cache: RefCell::default(),
            ring: RefCell::default(),
        }
    }

    pub(crate) fn decide(&self, incoming: &Incoming<'_>, event: &Event) -> Step {
        handle(&self.config, &self.cache, &self.ring, incoming, event)
    }

    /// What is decided at [`NOW`] about a request for this path and query.
    pub(crate) fn asked(
        &self,
        method: &str,
        target: &str,
        headers: &dyn Headers,
        event: &Event,
    ) -> Step {
        let url = format!("https://gate.example{target}");
        let incoming = Incoming {
            method,
            url: Url::split(&url).unwrap(),
            headers,
            now: NOW,
            request_id: REQUEST_ID,
        };
        self.decide(&incoming, event)
    }
}

/// The event in which the vault of a Clearline app gives a token that was obtained now and ends in an hour.
pub(crate) fn token_came(app: &str, access_token: &str, ticket: u32, now: UnixTime) -> String {
    let [now, refresh_at, expires_at] = [0, 3000, 3600].map(|later| now.plus(later).as_seconds());
    format!(
        r#"{{"replies":[{{"reply":"token","app":"{app}","account":"main","access_token":"{access_token}",
            "obtained_at":{now},"expires_at":{expires_at},"refresh_at":{refresh_at},
            "ticket":"{ticket}","exchanged":true}}]}}"#
    )
}

//! What the fuzz targets in `tests/fuzz` reach of the worker, whose modules are private: each function takes what a
//! stranger sends and tells what was made of it, as texts. What must then hold is said there.
//!
//! Compiled with `--cfg fuzzing` alone, which no build of the worker sets, and with the tests, so that it fits.

use std::cell::RefCell;

use tillgate_core::{endpoint::Origin, json::Json, time::UnixTime};

use crate::{
    cache::Cache,
    config::{Config, Invalid, Secrets, Sources, secret_names},
    cookies::Cookie,
    handle::handle,
    incoming::{Headers, Incoming, Url},
    jwt::Ring,
    message::{Message, Reply},
    return_to::ReturnTo,
    router::Route,
    seal::{DataKey, SealKeys},
    step::{Answer, Event, Step},
};

/// The time of every request.
pub const NOW: u64 = 1_800_000_000;

/// A URL, taken apart.
#[derive(Debug)]
pub struct Parts {
    /// Scheme, host and port.
    pub origin: String,
    /// The path.
    pub path: String,
    /// What follows the `?`.
    pub query: Option<String>,
    /// Whether cookies lose `Secure` there.
    pub loopback_http: bool,
}

/// A request's URL; `None` for one that is refused.
pub fn split_url(text: &str) -> Option<Parts> {
    let url = Url::split(text).ok()?;
    Some(Parts {
        origin: url.origin.to_owned(),
        path: url.path.to_owned(),
        query: url.query.map(str::to_owned),
        loopback_http: url.is_loopback_http(),
    })
}

/// The one value of a query parameter; `None` if it is there twice or the URL is refused.
pub fn parameter(url: &str, name: &str) -> Option<Option<String>> {
    Url::split(url).ok()?.parameter(name).ok()
}

/// The path that a route was read from, put together from what was read.
pub fn route(base_path: &str, path: &str) -> Option<String> {
    let text = match Route::parse(base_path, path)? {
        Route::Health => "/health".to_owned(),
        Route::OpenApi => "/openapi.json".to_owned(),
        Route::Connections => "/connections".to_owned(),
        Route::Session => "/session".to_owned(),
        Route::Logout => "/logout".to_owned(),
        Route::Login(app) => format!("/login/{app}"),
        Route::Callback(app) => format!("/callback/{app}"),
        Route::Api(place, rest) => format!("/api/{}/{}{rest}", place.app, place.account),
        Route::Token(place) => format!("/token/{}/{}", place.app, place.account),
        Route::Refresh(place) => format!("/refresh/{}/{}", place.app, place.account),
        Route::Audit(place) => format!("/connections/{}/{}/audit", place.app, place.account),
        Route::Connection(place) => format!("/connections/{}/{}", place.app, place.account),
    };
    Some(format!("{base_path}{text}"))
}

/// Header lines of a request, as a table.
struct Table<'a>(&'a [(&'a str, &'a str)]);

impl Headers for Table<'_> {
    fn get(&self, name: &'static str) -> Option<String> {
        let values: Vec<_> = self
            .0
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

fn incoming<'a>(method: &'a str, url: &'a str, headers: &'a Table<'a>) -> Option<Incoming<'a>> {
    Some(Incoming {
        method,
        url: Url::split(url).ok()?,
        headers,
        now: UnixTime::from_seconds(NOW),
        request_id: "9186319d-9859-42aa-ae5f-2e9e71340964",
    })
}

/// What the session cookie of a `Cookie` header holds, and the `Set-Cookie` that sets it to that.
pub fn session_cookie(url: &str, header: &str) -> Option<(String, String)> {
    let lines = [("cookie", header)];
    let table = Table(&lines);
    let incoming = incoming("GET", url, &table)?;
    let cookie = Cookie::session(&incoming);
    let value = cookie.read(&incoming)?;
    let (_, set) = cookie.set(&value, 60);
    Some((value, set))
}

/// The place to return to; `None` for one that is refused.
pub fn return_to(text: &str, worker: &Worker) -> Option<String> {
    let config = worker.config.as_ref().ok()?;
    let place = ReturnTo::parse(Some(text), config).ok()?;
    Some(place.as_str().to_owned())
}

/// The names of the secrets that a configuration has fetched: of others the worker knows nothing.
pub fn asked(tillgate: &str) -> Vec<String> {
    let mut sources = Sources::default();
    sources.add("TILLGATE", tillgate.to_owned());
    secret_names(&sources)
}

/// A configured worker with its isolate's memory.
pub struct Worker {
    config: Result<Config, Invalid>,
    cache: RefCell<Cache>,
    ring: RefCell<Ring>,
}

/// What was decided about a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// An answer of the worker's own.
    Answer {
        /// The status.
        status: u16,
        /// The headers.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// Questions to Durable Objects: their names and the messages.
    Ask(Vec<(String, String)>),
    /// A call to a platform's API.
    Forward {
        /// The URL.
        url: String,
        /// Whether it may be sent twice.
        repeatable: bool,
    },
    /// The platform's answer.
    Pass,
    /// One of two answers, within a rate limit and beyond it.
    Limit(Box<[Self; 2]>),
    /// Something about a JWT comes first.
    Jwt,
}

impl Worker {
    /// Reads a configuration; mistakes are kept, as the real worker does.
    pub fn new(tillgate: &str, secrets: &[(&str, &str)]) -> Self {
        let mut sources = Sources::default();
        sources.add("TILLGATE", tillgate.to_owned());
        let asked = asked(tillgate);
        let mut found = Secrets::default();
        for (name, text) in secrets {
            if asked.iter().any(|asked| asked == name) {
                found.add(name, (*text).to_owned());
            }
        }
        Self {
            config: Config::read(&sources, &found),
            cache: RefCell::default(),
            ring: RefCell::default(),
        }
    }

    /// The mistakes of the configuration, as an administrator reads them.
    pub fn mistakes(&self) -> Vec<String> {
        let mistakes = self.config.as_ref().err().map(|invalid| &invalid.mistakes);
        mistakes
            .into_iter()
            .flatten()
            .map(ToString::to_string)
            .collect()
    }

    /// The addresses of the configuration that requests or browsers are sent to.
    pub fn addresses(&self) -> Vec<String> {
        let config = self.config.as_ref().ok();
        let apps = config.into_iter().flat_map(|config| config.apps.values());
        apps.map(|app| app.app.api().as_str().to_owned()).collect()
    }

    /// The origins of the configuration.
    pub fn origins(&self) -> Vec<String> {
        let config = self.config.as_ref().ok();
        let origins = config.into_iter().flat_map(|config| &config.origins);
        origins.map(Origin::to_string).collect()
    }

    /// Decides about a request. `event` is what became of the step before, as the JavaScript side writes it. `None`: the
    /// URL or the event is refused before.
    pub fn decide(
        &self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
        event: &str,
    ) -> Option<Decision> {
        let table = Table(headers);
        let incoming = incoming(method, url, &table)?;
        let event = Event::read(event)?;
        let step = handle(&self.config, &self.cache, &self.ring, &incoming, &event);
        Some(step.into())
    }
}

impl From<Step> for Decision {
    fn from(step: Step) -> Self {
        match step {
            Step::Answer(answer) => answer.into(),
            Step::Ask(asks) => Self::Ask(
                asks.into_iter()
                    .map(|ask| (ask.object, ask.message))
                    .collect(),
            ),
            Step::Forward(forward) => Self::Forward {
                url: forward.url,
                repeatable: forward.repeatable,
            },
            Step::Pass => Self::Pass,
            Step::Keys(_) | Step::Wait | Step::Verify(_) => Self::Jwt,
            Step::Limit(limited) => {
                Self::Limit(Box::new([limited.within.into(), limited.beyond.into()]))
            }
        }
    }
}

impl From<Answer> for Decision {
    fn from(answer: Answer) -> Self {
        let headers = answer.headers.into_iter();
        Self::Answer {
            status: answer.status,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.into_owned()))
                .collect(),
            body: answer.body.as_str().to_owned(),
        }
    }
}

/// A message as it is written again after it was read; `None` for one that is not known.
pub fn message(text: &str) -> Option<String> {
    Message::read(text).map(|message| message.write())
}

/// A reply as it is written again after it was read; `None` for one that is not known.
pub fn reply(text: &str) -> Option<String> {
    let reply = Reply::read(&Json::parse(text.as_bytes())?)?;
    Some(reply.write())
}

/// Seal keys, and what they seal and open.
pub struct Keys(SealKeys);

impl Keys {
    /// Reads the text of `TILLGATE_SEAL_KEYS`.
    ///
    /// # Errors
    /// What an operator is told.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        let told = |mistakes: Vec<_>| {
            let mistakes = mistakes.iter();
            mistakes
                .map(|mistake: &crate::seal::SealKeyMistake| mistake.error.to_string())
                .collect()
        };
        SealKeys::parse(text).map(Self).map_err(told)
    }

    /// Seals a cookie's text.
    pub fn seal_text(&self, purpose: &str, plaintext: &[u8], nonce: [u8; 12]) -> Option<String> {
        self.0.seal_text(purpose, plaintext, nonce).ok()
    }

    /// Opens a cookie's text.
    pub fn open_text(&self, purpose: &str, text: &str) -> Option<Vec<u8>> {
        let opened = self.0.open_text(purpose, text).ok()?;
        Some(opened.to_vec())
    }

    /// Wraps a connection's key.
    pub fn wrap(&self, context: &str, key: [u8; 32], nonce: [u8; 12]) -> Option<Vec<u8>> {
        let key = DataKey::from_random(key);
        self.0.wrap(context, &key, nonce).ok()
    }

    /// Whether a wrapped key opens.
    pub fn unwraps(&self, context: &str, wrapped: &[u8]) -> bool {
        self.0.unwrap(context, wrapped).is_ok()
    }
}

/// Seals a row with a connection's key.
pub fn seal_row(key: [u8; 32], context: &str, row: &[u8], nonce: [u8; 12]) -> Option<Vec<u8>> {
    DataKey::from_random(key).seal(context, row, nonce).ok()
}

/// Opens a row.
pub fn open_row(key: [u8; 32], context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
    let opened = DataKey::from_random(key).open(context, sealed).ok()?;
    Some(opened.to_vec())
}

//! The boundary to JavaScript: what `worker/index.js` calls, and what is kept between calls.
//!
//! One call goes in and one value comes out for each decision. What is kept here is configuration and copies of tokens,
//! both of which can be had again: after a trap the instance is thrown away and everything is as after a cold start.

use std::{
    cell::{OnceCell, RefCell},
    rc::Rc,
};

use js_sys::{Array, JsString};
use tillgate_core::{
    gate::{REQUEST_HEADERS, RESPONSE_HEADERS},
    time::UnixTime,
};
use wasm_bindgen::prelude::*;

use crate::{
    cache::Cache,
    config::{self, Config, Invalid, Secrets, Sources},
    decisions::{Decisions, Question},
    handle,
    incoming::{Headers, Incoming, Url},
    jwt::Ring,
    problem::{Code, Problem},
    step::{self, Event, Proof, Step},
};

mod encode;
pub mod flights;
mod rows;
pub mod vaults;

pub use self::rows::JsRows;

#[global_allocator]
static ALLOCATOR: rlsf::GlobalTlsf<Allocation> = rlsf::GlobalTlsf::new();

/// The allocator without growing blocks in place, which is the larger part of its code. Memory that has grown is one piece.
struct Allocation;

impl rlsf::GlobalTlsfOptions for Allocation {
    const ENABLE_REALLOCATION: bool = false;
}

thread_local! {
    static CONFIG: OnceCell<Rc<Result<Config, Invalid>>> = const { OnceCell::new() };
    static DECISIONS: RefCell<Decisions<Array>> = const { RefCell::new(Decisions::new()) };
    static CACHE: Rc<RefCell<Cache>> = Rc::default();
    static RING: RefCell<Ring> = RefCell::default();
}

#[wasm_bindgen]
extern "C" {
    /// The headers of a request or of an answer.
    #[wasm_bindgen(js_name = Headers)]
    pub type JsHeaders;
    #[wasm_bindgen(constructor, js_class = "Headers")]
    fn new() -> JsHeaders;
    #[wasm_bindgen(method, catch)]
    fn get(this: &JsHeaders, name: &JsValue) -> Result<Option<String>, JsValue>;
    #[wasm_bindgen(method)]
    fn append(this: &JsHeaders, name: &str, value: &str);
}

impl Headers for JsHeaders {
    fn get(&self, name: &'static str) -> Option<String> {
        encode::with_name(name, |name| self.get(name))
            .ok()
            .flatten()
    }
}

/// The time of a JavaScript date in milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::as_conversions,
    reason = "a float-to-integer `as` saturates, and dates are small"
)]
fn time(milliseconds: f64) -> UnixTime {
    UnixTime::from_millis(milliseconds as u64)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "dates are far below 2^53"
)]
fn milliseconds(time: UnixTime) -> f64 {
    time.as_seconds() as f64 * 1000.0
}

/// Throws this instance away after a trap; the next call finds a new one.
#[wasm_bindgen]
pub fn reinit() {
    wasm_bindgen::handler::schedule_reinit();
}

/// Whether [`configure`] has been called on this instance.
#[wasm_bindgen(js_name = isConfigured)]
pub fn is_configured() -> bool {
    CONFIG.with(|config| config.get().is_some())
}

/// Names of the bindings that hold the secrets of this configuration. `variables` are names and texts by turns.
#[wasm_bindgen(js_name = secretNames)]
pub fn secret_names(variables: Vec<String>) -> Vec<String> {
    config::secret_names(&sources(variables))
}

/// Reads the configuration, once for an instance. `variables` and `secrets` are names and texts by turns. Returns lines
/// for the log: the mistakes, if there are any.
#[wasm_bindgen]
pub fn configure(variables: Vec<String>, secrets: Vec<String>) -> Vec<String> {
    let mut texts = Secrets::default();
    by_turns(secrets).for_each(|(name, text)| texts.add(&name, text));
    let read = Config::read(&sources(variables), &texts);
    let mistakes = read
        .as_ref()
        .err()
        .map(|invalid| invalid.mistakes.as_slice())
        .unwrap_or_default();
    let lines = mistakes
        .iter()
        .map(|mistake| format!("{}: {}", mistake.path, mistake.message))
        .collect();
    CONFIG.with(|config| config.get_or_init(|| Rc::new(read)).clone());
    lines
}

fn sources(variables: Vec<String>) -> Sources {
    let mut sources = Sources::default();
    by_turns(variables).for_each(|(name, text)| sources.add(&name, text));
    sources
}

fn by_turns(texts: Vec<String>) -> impl Iterator<Item = (String, String)> {
    let mut texts = texts.into_iter();
    std::iter::from_fn(move || texts.next().zip(texts.next()))
}

/// The request headers that pass to a platform, in lower case.
#[wasm_bindgen(js_name = requestHeaders)]
pub fn request_headers() -> Vec<String> {
    REQUEST_HEADERS
        .iter()
        .map(|name| (*name).to_owned())
        .collect()
}

/// The answer headers that pass to a caller, in lower case.
#[wasm_bindgen(js_name = responseHeaders)]
pub fn response_headers() -> Vec<String> {
    RESPONSE_HEADERS
        .iter()
        .map(|name| (*name).to_owned())
        .collect()
}

/// Decides what to do next about a request. `authorization` and those after it are four of the `headers`; `event` is the
/// JSON of what became of the step before; `proof` is 0 once the request's signature was found good, or else the last
/// generation of keys with which it was not. What the isolate knows changes with an event and not without one.
///
/// The value is an array that begins with what to do: `0, status, headers, body` to answer; `1, objects, messages,
/// whether they may be sent again` to ask Durable Objects; `2, url, token, answer headers, most bytes of a body` to
/// forward; `3` to pass on the answer at hand; `4, address, answer, answer` to ask the rate limit about that address which
/// of the two to give; `5, url` to fetch an issuer's keys for [`keep_keys`]; `6` to come back in a moment; `7, algorithm,
/// keys, signed text, signature, generation, url` to check a signature and to fetch the keys at that url, if there is one,
/// without waiting for them. Headers are a `Headers` object that others are given as well, and without the request id; the
/// token is what [`encode::token`] says.
#[wasm_bindgen]
#[expect(
    clippy::too_many_arguments,
    reason = "one value more in a call costs less than any way to put several into one"
)]
pub fn handle(
    method: &str,
    url: &str,
    headers: &JsHeaders,
    authorization: Option<String>,
    origin: Option<String>,
    content_length: Option<String>,
    transfer_encoding: Option<String>,
    milliseconds: f64,
    request_id: &JsString,
    event: Option<String>,
    proof: Option<u32>,
) -> Array {
    let question = Question {
        method,
        url,
        authorization,
        origin,
        content_length,
        transfer_encoding,
    };
    let now = time(milliseconds);
    DECISIONS.with_borrow_mut(|decisions| {
        if event.is_some() {
            decisions.forget();
        }
        let is_new = event.is_none() && proof.is_none();
        decisions.decide(&question, headers, now, |headers| {
            let step = decide(method, url, headers, now, request_id, event, proof);
            let for_everyone = is_new && step.is_for_everyone();
            (encode::step(step), for_everyone)
        })
    })
}

fn decide(
    method: &str,
    url: &str,
    headers: &dyn Headers,
    now: UnixTime,
    request_id: &JsString,
    event: Option<String>,
    proof: Option<u32>,
) -> Step {
    let request_id = &String::from(request_id);
    let event = event.map_or_else(
        || Ok(Event::default()),
        |event| Event::read(&event).ok_or(()),
    );
    match (
        Url::split(url),
        event,
        CONFIG.with(|config| config.get().cloned()),
    ) {
        (Ok(url), Ok(mut event), Some(config)) => {
            event.proof = proof.map(Proof::from);
            let incoming = Incoming {
                method,
                url,
                headers,
                now,
                request_id,
            };
            CACHE.with(|cache| {
                RING.with(|ring| handle::handle(&config, cache, ring, &incoming, &event))
            })
        }
        (Err(problem), ..) => handle::unreadable(&problem, request_id),
        _ => {
            let detail = "The worker's own messages do not fit together.";
            handle::unreadable(&Problem::new(Code::Internal, detail), request_id)
        }
    }
}

/// Keeps an issuer's keys, which were asked for at this address. `set` is its JWK Set as JSON, empty if none came.
#[wasm_bindgen(js_name = keepKeys)]
pub fn keep_keys(url: &str, set: &[u8]) {
    RING.with_borrow_mut(|ring| ring.keep(url, set));
}

/// Judges an answer of a platform's API, see [`step::Verdict`].
#[wasm_bindgen]
#[expect(
    clippy::as_conversions,
    reason = "the discriminant of a fieldless enum"
)]
pub fn judge(status: u16, content_type: &str, tried: u32) -> u8 {
    step::judge(status, content_type, tried) as u8
}

//! The one place that sends requests to platforms: token requests and merchant proofs, with gloo-net.
//!
//! Redirects are never followed (a 307 would replay the client secret to another host), nothing is cached, answers are
//! read up to a limit and within deadlines. What goes wrong is told without gloo's own texts, which hold the full URL.

use gloo_net::http::{Method as GlooMethod, RequestBuilder, Response as GlooResponse};
use gloo_timers::callback::Timeout;
use js_sys::{Reflect, Uint8Array};
use tillgate_core::{
    exchange::{AnswerFault, ExchangeError},
    gate::Method,
    http::{MAX_ANSWER_BYTES, Request, Response, RetryAfter},
    json::Json,
    time::UnixTime,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, RequestCache, RequestRedirect};
use zeroize::Zeroizing;

use crate::{message::Reply, runtime::JsPeers, step::Ask, vault::flight::Peers};

/// Longest wait in milliseconds for connection and headers.
const HEADERS_DEADLINE: u32 = 5_000;
/// Longest wait in milliseconds for the whole answer.
const WHOLE_DEADLINE: u32 = 10_000;

/// Sends through the runtime's `fetch`.
pub(crate) struct Fetch(pub(crate) JsPeers);

impl Peers for Fetch {
    async fn send(&self, request: &Request) -> Result<Response, ExchangeError> {
        let controller = AbortController::new().map_err(|_| ExchangeError::Unavailable(None))?;
        let deadline = |milliseconds| {
            let controller = controller.clone();
            Timeout::new(milliseconds, move || controller.abort())
        };
        let whole = deadline(WHOLE_DEADLINE);
        let headers = deadline(HEADERS_DEADLINE);
        let failed = || match controller.signal().aborted() {
            true => ExchangeError::TimedOut,
            false => ExchangeError::Unavailable(None),
        };
        let sent = build(request, &controller)
            .ok_or(ExchangeError::Unavailable(None))?
            .send()
            .await;
        let response = sent.map_err(|_| failed())?;
        drop(headers);
        let body = read(&response, failed).await?;
        drop(whole);
        Ok(Response {
            status: response.status(),
            retry_after: retry_after(&response),
            body,
        })
    }

    async fn ask(&self, ask: Ask) -> Option<Reply> {
        let reply = self
            .0
            .ask(&ask.object, &ask.message)
            .await
            .ok()?
            .as_string()?;
        Reply::read(&Json::parse(reply.as_bytes())?)
    }

    fn now(&self) -> UnixTime {
        super::runtime::now()
    }
}

fn build(request: &Request, controller: &AbortController) -> Option<gloo_net::http::Request> {
    let url = request.expose_url("it is sent to the platform");
    let method = match request.method() {
        Method::Post => GlooMethod::POST,
        _ => GlooMethod::GET,
    };
    let builder = RequestBuilder::new(&url)
        .method(method)
        .redirect(RequestRedirect::Manual)
        .cache(RequestCache::NoStore)
        .abort_signal(Some(&controller.signal()));
    let headers = request.expose_headers("they are sent to the platform");
    let builder = headers.fold(builder, |builder, (name, value)| {
        builder.header(name, value)
    });
    match request.expose_body("it is sent to the platform") {
        Some(body) => builder.body(body).ok(),
        None => builder.build().ok(),
    }
}

/// Reads a body chunk by chunk, so that one without end costs no more than the limit.
async fn read(
    response: &GlooResponse,
    failed: impl Fn() -> ExchangeError,
) -> Result<Zeroizing<Vec<u8>>, ExchangeError> {
    let mut body = Zeroizing::new(Vec::new());
    let Some(stream) = response.body() else {
        return Ok(body);
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    loop {
        let result = JsFuture::from(reader.read()).await.map_err(|_| failed())?;
        let value =
            Reflect::get(&result, &JsValue::from_str("value")).unwrap_or(JsValue::UNDEFINED);
        if value.is_undefined() {
            return Ok(body);
        }
        let chunk: Uint8Array = value.unchecked_into();
        let length = usize::try_from(chunk.length()).unwrap_or(usize::MAX);
        if body.len().saturating_add(length) > MAX_ANSWER_BYTES {
            let _ = reader.cancel();
            return Err(AnswerFault::TooLarge.into());
        }
        body.extend_from_slice(&chunk.to_vec());
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), else `RateLimit-Reset` in seconds (Clopos v2).
fn retry_after(response: &GlooResponse) -> Option<RetryAfter> {
    let headers = response.headers();
    let asked = headers.get("retry-after");
    let date = |text: &String| {
        let at = js_sys::Date::parse(text);
        at.is_finite()
            .then(|| RetryAfter::clamped(super::runtime::now().until(super::runtime::time(at))))
    };
    let asked = asked.and_then(|text| RetryAfter::parse_seconds(&text).or_else(|| date(&text)));
    asked.or_else(|| {
        headers
            .get("ratelimit-reset")
            .and_then(|text| RetryAfter::parse_seconds(&text))
    })
}

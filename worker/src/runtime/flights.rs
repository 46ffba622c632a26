//! Flights at the boundary: those under way in this instance, and their turns as JavaScript values. What a turn asks for
//! is done by `worker/vault.js` and `worker/send.js`.

use std::cell::RefCell;

use js_sys::{Array, Date};
use tillgate_core::{
    exchange::{AnswerFault, ExchangeError},
    gate::Method,
    http::{MAX_ANSWER_BYTES, Request, Response, RetryAfter},
    json::Json,
    time::UnixTime,
};
use wasm_bindgen::prelude::*;

use super::{CONFIG, JsRows, encode::array, time};
use crate::{
    message::{Message, Reply},
    vault::{
        Call,
        flight::{
            self,
            table::Table,
            turn::{Answered, Turn, UnderWay},
        },
    },
};

thread_local! {
    static UNDER_WAY: RefCell<Table<UnderWay>> = const { RefCell::new(Table::new()) };
}

/// Begins the flight that a message asks for, under a number that no other flight of the isolate has. `survived`: one of the
/// same object has landed before. The value is how its first turn ends, an array: `0, reply if any` if the flight is over;
/// `1, url, method, names and values of headers by turns, body if any, most bytes of an answer` to send a request; `2,
/// object, message` to ask a Durable Object; `3` if the flight was lost with an instance that trapped, and did not land.
#[wasm_bindgen(js_name = flightBegin)]
pub fn flight_begin(
    number: u32,
    rows: JsRows,
    message: &str,
    survived: bool,
    milliseconds: f64,
) -> Array {
    let config = CONFIG.with(|config| config.get().cloned());
    let (Some(config), Some(message)) = (config, Message::read(message)) else {
        return landed(None);
    };
    let now = time(milliseconds);
    let (flight, turn) = UnderWay::begin(rows, config, message, survived, now);
    end_turn(number, flight, turn, now)
}

/// Goes on with a platform's answer: its status, `Retry-After`, `RateLimit-Reset`, and its body unless it was too long.
#[wasm_bindgen(js_name = flightSent)]
pub fn flight_sent(
    number: u32,
    milliseconds: f64,
    status: u16,
    retry_after: Option<String>,
    reset: Option<String>,
    body: Option<Vec<u8>>,
) -> Array {
    let now = time(milliseconds);
    let result = match body {
        Some(body) if body.len() <= MAX_ANSWER_BYTES => Ok(Response {
            status,
            retry_after: self::retry_after(retry_after, reset, now),
            body: body.into(),
        }),
        _ => Err(AnswerFault::TooLarge.into()),
    };
    go_on(number, Answered::Sent(result), now)
}

/// Goes on without a platform's answer: there was none in time, or none at all.
#[wasm_bindgen(js_name = flightFailed)]
pub fn flight_failed(number: u32, milliseconds: f64, timed_out: bool) -> Array {
    let error = match timed_out {
        true => ExchangeError::TimedOut,
        false => ExchangeError::Unavailable(None),
    };
    go_on(number, Answered::Sent(Err(error)), time(milliseconds))
}

/// Goes on with a Durable Object's reply, if there is one.
#[wasm_bindgen(js_name = flightReplied)]
pub fn flight_replied(number: u32, milliseconds: f64, reply: Option<String>) -> Array {
    let reply = reply.and_then(|reply| Reply::read(&Json::parse(reply.as_bytes())?));
    go_on(number, Answered::Replied(reply), time(milliseconds))
}

/// Takes note that the flight for a message was cut off by a trap. `survived` is what [`flight_begin`] was told.
#[wasm_bindgen(js_name = flightCut)]
pub fn flight_cut(rows: &JsRows, message: &str, survived: bool, milliseconds: f64) {
    let config = CONFIG.with(|config| config.get().cloned());
    if let (Some(Ok(config)), Some(message)) = (config.as_deref(), Message::read(message)) {
        let call = Call {
            rows,
            config,
            now: time(milliseconds),
        };
        flight::cut(call, &message, survived);
    }
}

/// A number that is not known was a flight of an instance that has trapped meanwhile: nobody knows what it had done.
fn go_on(number: u32, answered: Answered, now: UnixTime) -> Array {
    // Taken out while it runs, so that nothing is borrowed meanwhile.
    let known = UNDER_WAY.with_borrow_mut(|flights| flights.take(number));
    let Some(mut flight) = known else {
        return array([3.into()]);
    };
    let turn = flight.go_on(answered, now);
    end_turn(number, flight, turn, now)
}

fn end_turn(number: u32, flight: UnderWay, turn: Turn, now: UnixTime) -> Array {
    let array = match turn {
        Turn::Landed(reply) => return landed(reply),
        Turn::Send(request) => send(&request),
        Turn::Ask(ask) => array([2.into(), ask.object.into(), ask.message.into()]),
    };
    UNDER_WAY.with_borrow_mut(|flights| flights.put(number, flight, now));
    array
}

fn landed(reply: Option<Reply>) -> Array {
    array([0.into(), text(reply.map(|reply| reply.write()).as_deref())])
}

fn send(request: &Request) -> Array {
    let method = match request.method() {
        Method::Post => "POST",
        _ => "GET",
    };
    let headers = request.expose_headers("they are sent to the platform");
    let headers = headers.flat_map(|(name, value)| [name, value]);
    let headers: Array = headers.map(JsValue::from_str).collect();
    let most = u32::try_from(MAX_ANSWER_BYTES).unwrap_or(u32::MAX);
    array([
        1.into(),
        text(Some(&request.expose_url("it is sent to the platform"))),
        method.into(),
        headers.into(),
        text(request.expose_body("it is sent to the platform")),
        most.into(),
    ])
}

fn text(text: Option<&str>) -> JsValue {
    text.map_or(JsValue::UNDEFINED, JsValue::from_str)
}

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), else `RateLimit-Reset` in seconds (Clopos v2).
fn retry_after(asked: Option<String>, reset: Option<String>, now: UnixTime) -> Option<RetryAfter> {
    let date = |text: &str| {
        let at = Date::parse(text);
        at.is_finite()
            .then(|| RetryAfter::clamped(now.until(time(at))))
    };
    let asked = asked.and_then(|text| RetryAfter::parse_seconds(&text).or_else(|| date(&text)));
    asked.or_else(|| RetryAfter::parse_seconds(&reset?))
}

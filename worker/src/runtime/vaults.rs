//! Vaults at the boundary: messages to a Durable Object, its alarm, and what it tells the directory, each decided in one
//! call of `worker/vault.js`. Exchanges are in `flights`.

use js_sys::Array;
use tillgate_core::connection::Flight;
use wasm_bindgen::prelude::*;

use super::{CONFIG, JsRows, time};
use crate::{
    config::Config,
    message::{Message, Reply},
    problem::{Code, Problem},
    vault::{self, Call, Outcome, Waiting},
};

/// A message to a Durable Object. The value is an array: the reply as JSON or `undefined` to wait for the flight and call
/// again, whether to start a flight for this message, and what to tell the directory, if anything.
#[wasm_bindgen(js_name = vaultCall)]
pub fn vault_call(
    rows: &JsRows,
    message: &str,
    milliseconds: f64,
    under_way: bool,
    waited: bool,
) -> Array {
    let outcome = with_message(message, |config, message| {
        let call = Call {
            rows,
            config,
            now: time(milliseconds),
        };
        let flight = flight(under_way);
        vault::call(call, Waiting { flight, waited }, message)
    });
    let reply = outcome
        .reply
        .map_or(JsValue::UNDEFINED, |reply| reply.write().into());
    let announce = outcome
        .announce
        .map_or(JsValue::UNDEFINED, |message| message.write().into());
    [reply, outcome.launch.into(), announce].iter().collect()
}

/// What a vault still has to tell the directory, if anything.
#[wasm_bindgen(js_name = vaultAnnouncement)]
pub fn vault_announcement(rows: &JsRows) -> Option<String> {
    vault::announcement(rows).map(|message| message.write())
}

/// Notes that the directory was told.
#[wasm_bindgen(js_name = vaultAnnounced)]
pub fn vault_announced(rows: &JsRows) {
    vault::note_announced(rows);
}

/// What to do when a Durable Object is woken: the message to start a flight for, if any.
#[wasm_bindgen(js_name = vaultAlarm)]
pub fn vault_alarm(rows: &JsRows, milliseconds: f64, under_way: bool) -> Option<String> {
    let config = CONFIG.with(|config| config.get().cloned())?;
    let call = Call {
        rows,
        config: config.as_ref().as_ref().ok()?,
        now: time(milliseconds),
    };
    let message = vault::alarm(call, flight(under_way))?;
    Some(message.write())
}

const fn flight(under_way: bool) -> Flight {
    if under_way {
        Flight::UnderWay
    } else {
        Flight::None
    }
}

fn with_message(message: &str, run: impl FnOnce(&Config, &Message) -> Outcome) -> Outcome {
    let config = CONFIG.with(|config| config.get().cloned());
    let refuse = |code, detail: &str| {
        let reply = Reply::Problem(Problem::new(code, detail));
        Outcome {
            reply: Some(reply),
            ..Outcome::default()
        }
    };
    match (config.as_deref(), Message::read(message)) {
        (Some(Ok(config)), Some(message)) => run(config, &message),
        (Some(Ok(_)), None) => refuse(
            Code::Internal,
            "The vault is of another version than the worker. Try again.",
        ),
        _ => refuse(
            Code::ConfigInvalid,
            "The configuration has mistakes. The log names them.",
        ),
    }
}

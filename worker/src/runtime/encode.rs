//! Decisions as JavaScript values. What is the same for many requests is translated once and then handed out again, since
//! each text that crosses costs as much as a whole decision: header names, lists of headers, tokens, answers.

use std::{borrow::Cow, cell::RefCell};

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;

use super::JsHeaders;
use crate::{
    cache::Supply,
    step::{Answer, Ask, Body, Forward, HeaderList, Step, Verify},
};

/// Most lists of headers that are kept. There are about as many as there are kinds of answers.
const MAX_LISTS: usize = 64;

thread_local! {
    static NAMES: RefCell<Vec<(&'static str, JsValue)>> = const { RefCell::new(Vec::new()) };
    static LISTS: RefCell<Vec<(HeaderList, JsHeaders)>> = const { RefCell::new(Vec::new()) };
}

/// Calls `run` with a header's name. There are about a dozen, all written in the source.
pub(super) fn with_name<T>(name: &'static str, run: impl FnOnce(&JsValue) -> T) -> T {
    NAMES.with_borrow_mut(|names| {
        if let Some((_, known)) = names.iter().find(|(known, _)| *known == name) {
            return run(known);
        }
        let text = JsValue::from_str(name);
        let value = run(&text);
        names.push((name, text));
        value
    })
}

/// A decision as an array, see [`super::handle`].
pub(super) fn step(step: Step) -> Array {
    match step {
        Step::Answer(answer) => self::answer(answer),
        Step::Ask(asks) => self::asks(&asks),
        Step::Forward(forward) => self::forward(*forward),
        Step::Pass => array([3.into()]),
        Step::Limit(limited) => array([
            4.into(),
            limited.address.into(),
            self::answer(limited.within).into(),
            self::answer(limited.beyond).into(),
        ]),
        Step::Keys(url) => array([5.into(), url.into()]),
        Step::Wait => array([6.into()]),
        Step::Verify(verify) => self::verify(*verify),
    }
}

/// `Array.of` is slower: it calls a constructor and defines property after property.
pub(super) fn array<const LENGTH: usize>(items: [JsValue; LENGTH]) -> Array {
    items.iter().collect()
}

fn answer(answer: Answer) -> Array {
    let make = || body(&answer.body);
    let made = match &answer.body {
        Body::Lasting(text) => text.translation(|_| make()).cloned(),
        _ => None,
    };
    array([
        0.into(),
        answer.status.into(),
        headers(answer.headers),
        made.unwrap_or_else(make),
    ])
}

/// A text, or for what lasts an `ArrayBuffer`, which the runtime does not copy for each answer.
fn body(body: &Body) -> JsValue {
    match body {
        Body::Empty => JsValue::NULL,
        Body::Text(text) => text.into(),
        Body::Lasting(text) => Uint8Array::from(text.value().as_bytes()).buffer().into(),
    }
}

fn asks(asks: &[Ask]) -> Array {
    let list = |text: fn(&Ask) -> &str| {
        let texts = asks.iter().map(|ask| JsValue::from_str(text(ask)));
        texts.collect::<Array>()
    };
    let objects = list(|ask| &ask.object);
    let messages = list(|ask| &ask.message);
    let repeatable = asks.iter().all(|ask| ask.repeatable);
    array([1.into(), objects.into(), messages.into(), repeatable.into()])
}

fn forward(forward: Forward) -> Array {
    let most = u32::try_from(forward.max_body_bytes).unwrap_or(u32::MAX);
    array([
        2.into(),
        forward.url.into(),
        token(&forward.supply),
        headers(forward.answer_headers),
        most.into(),
    ])
}

fn verify(verify: Verify) -> Array {
    let keys: Array = verify.keys.into_iter().map(JsValue::from).collect();
    array([
        7.into(),
        verify.algorithm.into(),
        keys.into(),
        verify.signed.into(),
        Uint8Array::from(verify.signature.as_slice()).into(),
        verify.generation.into(),
        verify.refresh.map_or(JsValue::UNDEFINED, JsValue::from),
    ])
}

/// A token as an array: its ticket, the token, and the names and values of the headers that it is sent in by turns.
fn token(supply: &Supply) -> JsValue {
    let translated = supply.headers.translation(|headers| {
        let token = supply
            .access_token
            .expose("an answer that repeats it is held back");
        let headers = headers.expose("an API call is sent with its token");
        let headers = headers.flat_map(|(name, value)| [name, value]);
        let texts = [supply.ticket.as_str(), token].into_iter().chain(headers);
        JsValue::from(texts.map(JsValue::from_str).collect::<Array>())
    });
    translated.cloned().unwrap_or(JsValue::NULL)
}

/// A list of headers as a `Headers` object: always the same one where nothing in the list was made for one answer.
fn headers(list: HeaderList) -> JsValue {
    let lasts = list
        .iter()
        .all(|(_, value)| matches!(value, Cow::Borrowed(_)));
    if !lasts {
        return new_headers(&list).into();
    }
    LISTS.with_borrow_mut(|lists| {
        if let Some((_, known)) = lists.iter().find(|(known, _)| *known == list) {
            return JsValue::from(known);
        }
        let headers = new_headers(&list);
        let value = JsValue::from(&headers);
        if lists.len() < MAX_LISTS {
            lists.push((list, headers));
        }
        value
    })
}

fn new_headers(list: &HeaderList) -> JsHeaders {
    let headers = JsHeaders::new();
    for (name, value) in list {
        headers.append(name, value);
    }
    headers
}

//! The JSON tree: it is what serde_json reads, to the last bit of its numbers, and what is written of it reads back.
//! What differs on purpose: a key that stands twice is kept twice, or refused, and faults have words of their own.

use serde_json::Value;
use tillgate_core::json::{Fault, Json, Object, ReadError, list};

/// Any bytes as JSON.
pub fn json(data: &[u8]) {
    let theirs = serde_json::from_slice::<Value>(data).ok();
    let ours = Json::parse(data);
    assert_eq!(
        ours.is_some(),
        theirs.is_some(),
        "one of the two readers refuses it"
    );
    let strict = Json::parse_strictly(data);
    let strict = strict.err();
    if let Some(error) = &strict {
        assert!(is_within(error, data), "a fault outside of the text");
    }
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        assert!(strict.is_some(), "only the strict reader takes it");
        return;
    };
    assert!(is_same(&ours, &theirs), "the two readers disagree");
    let refused = strict.map(|error| error.fault);
    let repeated = has_repeated_key(&ours).then_some(Fault::Repeated);
    assert_eq!(refused, repeated, "a repeated key");
    if has_fraction(&ours) {
        // Nothing of ours writes numbers that are not whole.
        return;
    }
    let written = write(&ours);
    let again: Value = serde_json::from_str(&written).expect("what is written is JSON");
    assert!(is_same(&ours, &again), "what is written reads otherwise");
}

fn is_within(error: &ReadError, text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n');
    let line = error.line.checked_sub(1).and_then(|above| lines.nth(above));
    // What ends too early ends behind its last byte.
    line.is_some_and(|line| error.column > 0 && error.column.saturating_sub(1) <= line.len())
}

fn is_same(ours: &Json, theirs: &Value) -> bool {
    match ours {
        Json::Null => theirs.is_null(),
        Json::Flag(flag) => theirs.as_bool() == Some(*flag),
        Json::Whole(number) => theirs.as_u64() == Some(*number),
        Json::Number(number) => {
            !theirs.is_u64() && theirs.as_f64().map(f64::to_bits) == Some(number.to_bits())
        }
        Json::Text(text) => theirs.as_str() == Some(text.as_str()),
        Json::List(items) => theirs.as_array().is_some_and(|others| {
            items.len() == others.len() && items.iter().zip(others).all(|(a, b)| is_same(a, b))
        }),
        Json::Object(entries) => theirs.as_object().is_some_and(|others| {
            let known = |(key, _): &(String, Json)| others.contains_key(key);
            let same = |(key, other): (&String, &Value)| {
                ours.get(key).is_some_and(|value| is_same(value, other))
            };
            entries.iter().all(known) && others.iter().all(same)
        }),
    }
}

fn has_repeated_key(json: &Json) -> bool {
    match json {
        Json::List(items) => items.iter().any(has_repeated_key),
        Json::Object(entries) => entries.iter().enumerate().any(|(index, (key, value))| {
            entries.iter().take(index).any(|(other, _)| other == key) || has_repeated_key(value)
        }),
        _ => false,
    }
}

fn has_fraction(json: &Json) -> bool {
    match json {
        Json::Number(_) => true,
        Json::List(items) => items.iter().any(has_fraction),
        Json::Object(entries) => entries.iter().any(|(_, value)| has_fraction(value)),
        _ => false,
    }
}

fn write(json: &Json) -> String {
    match json {
        Json::Null | Json::Number(_) => "null".to_owned(),
        Json::Flag(flag) => flag.to_string(),
        Json::Whole(number) => number.to_string(),
        Json::Text(text) => tillgate_core::json::text(text),
        Json::List(items) => list(items, write),
        Json::Object(entries) => {
            let mut object = Object::new();
            for (key, value) in entries {
                match value {
                    Json::Text(text) => object.text(key, text),
                    Json::Whole(number) => object.whole(key, *number),
                    Json::Flag(flag) => object.flag(key, *flag),
                    other => object.json(key, &write(other)),
                };
            }
            object.finish()
        }
    }
}

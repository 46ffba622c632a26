//! Reading a platform's JSON with mistrust: bounded size and nesting, one object at the top.

use serde_json::{Map, Value};

use crate::{exchange::AnswerFault, http::MAX_ANSWER_BYTES};

/// Deepest accepted nesting. The documented answers have two levels (Clopos error arrays).
const MAX_NESTING: usize = 16;

/// The object that a body holds.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, AnswerFault> {
    if body.len() > MAX_ANSWER_BYTES {
        return Err(AnswerFault::TooLarge);
    }
    if nesting(body) > MAX_NESTING {
        return Err(AnswerFault::TooDeep);
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => Err(AnswerFault::NotJson),
    }
}

/// The text under `key`, if there is one.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str)
}

/// How deep brackets nest, read without parsing: strings are skipped, so it is exact for valid JSON.
fn nesting(body: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0_usize);
    let (mut in_string, mut escaped) = (false, false);
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth = depth.saturating_add(1);
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_levels_are_read_and_seventeen_are_not() {
        let nested = |levels: usize| {
            format!(
                "{{\"a\":{}{}}}",
                "[".repeat(levels - 1),
                "]".repeat(levels - 1)
            )
        };
        assert!(object(nested(16).as_bytes()).is_ok());
        assert_eq!(object(nested(17).as_bytes()), Err(AnswerFault::TooDeep));
    }

    #[test]
    fn brackets_inside_strings_do_not_nest() {
        let body = format!("{{\"a\":\"{}\\\"{}\"}}", "[".repeat(40), "{".repeat(40));
        assert!(object(body.as_bytes()).is_ok());
    }

    #[test]
    fn only_an_object_counts_as_an_answer() {
        for body in [
            "",
            "null",
            "[]",
            "\"token\"",
            "1",
            "<html>",
            "{\"a\":1} trailing",
            "{\"a\":1e400}",
        ] {
            assert_eq!(object(body.as_bytes()), Err(AnswerFault::NotJson), "{body}");
        }
    }
}

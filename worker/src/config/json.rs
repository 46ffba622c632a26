//! JSON texts as the operator wrote them, read more strictly than JSON asks for: a key that stands twice is a mistake,
//! since one of its values would be lost without a word.

use core::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value, error::Category};

/// Reads a text. The error says where it is wrong by line and column and repeats nothing of it.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    if text.trim().is_empty() {
        return Err("is empty: it must hold a JSON object".to_owned());
    }
    serde_json::from_str(text)
        .map(|Strict(value)| value)
        .map_err(|error| explain(text, &error))
}

fn explain(text: &str, error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        Category::Eof => format!(
            "is not JSON: it ends too early, at {place}; a bracket or quotation mark is not closed"
        ),
        Category::Data => format!("has a key twice in one object, at {place}; keep one of the two"),
        _ if is_comment(text, error) => {
            format!("is not JSON: comments are not possible; remove the one at {place}")
        }
        // The messages of serde_json for wrong syntax are fixed sentences with the place.
        Category::Syntax | Category::Io => format!("is not JSON: {error}"),
    }
}

/// serde_json stops at a comment's first slash, or just before it.
fn is_comment(text: &str, error: &serde_json::Error) -> bool {
    let line = text
        .lines()
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    let near = line
        .bytes()
        .skip(error.column().saturating_sub(2))
        .take(3)
        .collect::<Vec<_>>();
    near.windows(2).any(|pair| pair == b"//" || pair == b"/*")
}

/// A value none of whose objects has a key twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Strict(value))) = entries.next_entry::<String, Strict>()? {
            if object.insert(key, value).is_some() {
                return Err(A::Error::custom("a key stands twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

//! JSON as a tree, for everything that is read: platforms' answers, records, messages, configuration.
//!
//! One tree and one reader instead of a derived one for each type: in wasm every derived reader costs some 2 KB. The
//! syntax is serde_json's, the tree is ours: its texts are wiped when dropped, since many are secrets, and it tells
//! whether a key stood twice. Writing is in [`write`].

mod write;

use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

pub use write::{Object, list, texts};

use crate::{exchange::AnswerFault, http::MAX_ANSWER_BYTES, time::UnixTime};

/// Deepest accepted nesting of a platform's answer. The documented ones have two levels (Clopos error arrays).
const MAX_NESTING: usize = 16;

/// A JSON value. It has no `Debug`: it may hold secrets.
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Flag(bool),
    /// A whole number that is not negative.
    Whole(u64),
    /// Any other number.
    Number(f64),
    /// A text.
    Text(Zeroizing<String>),
    /// A list.
    List(Vec<Json>),
    /// An object's entries in the order of the text.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a text that is JSON and nothing else. Of a key that stands twice in an object the last one counts.
    pub fn parse(text: &[u8]) -> Option<Self> {
        read(text, Repeated::LastCounts).ok()
    }

    /// The same, but a key that stands twice in an object is an error of the category `Data`.
    ///
    /// # Errors
    /// The error of serde_json, which names line and column and repeats nothing of the text but what was expected.
    pub fn parse_strictly(text: &[u8]) -> Result<Self, serde_json::Error> {
        read(text, Repeated::Refused)
    }

    /// The value under `key`, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let entries = self.entries()?;
        entries
            .iter()
            .rfind(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// The entries of an object in the order of the text.
    pub fn entries(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is whole and not negative.
    pub fn as_whole(&self) -> Option<u64> {
        match self {
            Self::Whole(number) => Some(*number),
            _ => None,
        }
    }

    /// The text under `key`.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text()
    }

    /// A copy of the text under `key`.
    pub fn owned_text(&self, key: &str) -> Option<String> {
        self.text(key).map(str::to_owned)
    }

    /// The whole number under `key`.
    pub fn whole(&self, key: &str) -> Option<u64> {
        self.get(key)?.as_whole()
    }

    /// The time under `key`, in seconds since the epoch.
    pub fn time(&self, key: &str) -> Option<UnixTime> {
        self.whole(key).map(UnixTime::from_seconds)
    }

    /// Whether `true` stands under `key`.
    pub fn flag(&self, key: &str) -> bool {
        matches!(self.get(key), Some(Self::Flag(true)))
    }
}

/// The object that a platform's answer holds, read with mistrust: bounded size and nesting, one object at the top.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn answer(body: &[u8]) -> Result<Json, AnswerFault> {
    if body.len() > MAX_ANSWER_BYTES {
        return Err(AnswerFault::TooLarge);
    }
    if nesting(body) > MAX_NESTING {
        return Err(AnswerFault::TooDeep);
    }
    Json::parse(body)
        .filter(|answer| answer.entries().is_some())
        .ok_or(AnswerFault::NotJson)
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

/// What happens to a key that stands twice in one object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeated {
    LastCounts,
    Refused,
}

fn read(text: &[u8], repeated: Repeated) -> Result<Json, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let json = repeated.deserialize(&mut deserializer)?;
    deserializer.end().map(|()| json)
}

impl<'de> DeserializeSeed<'de> for Repeated {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Repeated {
    type Value = Json;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Flag(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Whole(value))
    }

    #[expect(
        clippy::cast_precision_loss,
        clippy::as_conversions,
        reason = "of negative numbers only the sign is of interest"
    )]
    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value as f64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(Zeroizing::new(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut object: Vec<(String, Json)> = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(self)?;
            if self == Self::Refused && object.iter().any(|(other, _)| *other == key) {
                return Err(A::Error::custom("a key stands twice"));
            }
            object.push((key, value));
        }
        Ok(Json::Object(object))
    }
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
        assert!(answer(nested(16).as_bytes()).is_ok());
        assert_eq!(
            answer(nested(17).as_bytes()).err(),
            Some(AnswerFault::TooDeep)
        );
    }

    #[test]
    fn brackets_inside_strings_do_not_nest() {
        let body = format!("{{\"a\":\"{}\\\"{}\"}}", "[".repeat(40), "{".repeat(40));
        assert!(answer(body.as_bytes()).is_ok());
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
            let fault = answer(body.as_bytes()).err();
            assert_eq!(fault, Some(AnswerFault::NotJson), "{body}");
        }
    }

    #[test]
    fn of_a_repeated_key_the_last_one_counts_unless_it_is_refused() {
        let text = br#"{"a": 1, "a": "two"}"#;
        assert_eq!(Json::parse(text).unwrap().text("a"), Some("two"));
        let error = Json::parse_strictly(text).err().unwrap();
        assert_eq!(error.classify(), serde_json::error::Category::Data);
    }

    #[test]
    fn every_kind_of_value_is_told_apart() {
        let text = r#"{"null":null,"yes":true,"no":false,"whole":18446744073709551615,"less":-1,"part":1.5,"text":"é\n","list":[1,[]]}"#;
        let json = Json::parse(text.as_bytes()).unwrap();
        assert!(matches!(json.get("null"), Some(Json::Null)));
        assert!(json.flag("yes") && !json.flag("no") && !json.flag("text") && !json.flag("absent"));
        assert_eq!(json.whole("whole"), Some(u64::MAX));
        assert_eq!((json.whole("less"), json.whole("part")), (None, None));
        assert_eq!(json.text("text"), Some("é\n"));
        assert_eq!(
            json.get("list").and_then(Json::items).map(<[_]>::len),
            Some(2)
        );
    }
}

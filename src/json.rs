//! JSON as a tree, for everything that is read: platforms' answers, records, messages, configuration.
//!
//! One tree and one reader of our own, for two reasons: in wasm it is 8 KB smaller than serde_json, with which
//! `tests/json.rs` and a fuzz target compare it; and its texts are wiped when dropped, since many are secrets.
//! Reading is in `read`, `text` and `number`, writing in `write`.

mod number;
mod read;
mod text;
mod write;

use zeroize::Zeroizing;

pub use read::{Fault, ReadError};
use read::{MAX_LEVELS, Reader, Repeated};
pub use write::{Object, list, text, texts};

use crate::{exchange::AnswerFault, http::MAX_ANSWER_BYTES, time::UnixTime};

/// Deepest accepted nesting of a platform's answer. The documented ones have two levels (Clopos error arrays).
const MAX_ANSWER_LEVELS: u8 = 16;

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
        Reader::new(text, MAX_LEVELS, Repeated::LastCounts)
            .whole_text()
            .ok()
    }

    /// The same, but a key that stands twice in an object is refused.
    ///
    /// # Errors
    /// What is wrong first, with line and column: whoever wrote the text has to mend it there.
    pub fn parse_strictly(text: &[u8]) -> Result<Self, ReadError> {
        let mut reader = Reader::new(text, MAX_LEVELS, Repeated::Refused);
        reader
            .whole_text()
            .map_err(|fault| reader.error(text, fault))
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
    match Reader::new(body, MAX_ANSWER_LEVELS, Repeated::LastCounts).whole_text() {
        Ok(answer) if answer.entries().is_some() => Ok(answer),
        Err(Fault::TooDeep) => Err(AnswerFault::TooDeep),
        _ => Err(AnswerFault::NotJson),
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
        assert_eq!(
            (error.fault, error.line, error.column),
            (Fault::Repeated, 1, 10)
        );
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

//! Writing JSON: objects key by key, and lists of texts. Not in here: reading, and numbers that are not whole, which
//! nothing of ours writes.

use core::{fmt::Write, mem};

use super::text::plain_length;
use crate::time::UnixTime;

/// An object being written. Keys come in the order of the calls; each is written once.
#[derive(Default)]
pub struct Object {
    /// What was written so far, without the opening brace.
    entries: String,
}

impl Object {
    /// An object without entries.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text.
    pub fn text(&mut self, key: &str, value: &str) -> &mut Self {
        push_text(self.key(key), value);
        self
    }

    /// Adds a text, if there is one.
    pub fn optional_text(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// Adds a text, or `null`.
    pub fn text_or_null(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(key, value),
            None => self.json(key, "null"),
        }
    }

    /// Adds a whole number.
    pub fn whole(&mut self, key: &str, value: u64) -> &mut Self {
        push_whole(self.key(key), value);
        self
    }

    /// Adds a whole number, if there is one.
    pub fn optional_whole(&mut self, key: &str, value: Option<u64>) -> &mut Self {
        match value {
            Some(value) => self.whole(key, value),
            None => self,
        }
    }

    /// Adds a time in seconds since the epoch.
    pub fn time(&mut self, key: &str, value: UnixTime) -> &mut Self {
        self.whole(key, value.as_seconds())
    }

    /// Adds a time in seconds since the epoch, or `null`.
    pub fn time_or_null(&mut self, key: &str, value: Option<UnixTime>) -> &mut Self {
        match value {
            Some(value) => self.time(key, value),
            None => self.json(key, "null"),
        }
    }

    /// Adds `true` or `false`.
    pub fn flag(&mut self, key: &str, value: bool) -> &mut Self {
        self.json(key, if value { "true" } else { "false" })
    }

    /// Adds a value that is JSON already.
    pub fn json(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key).push_str(value);
        self
    }

    /// The object as text.
    pub fn finish(&mut self) -> String {
        let mut text = mem::take(&mut self.entries);
        text.insert(0, '{');
        text.push('}');
        text
    }

    fn key(&mut self, key: &str) -> &mut String {
        if !self.entries.is_empty() {
            self.entries.push(',');
        }
        push_text(&mut self.entries, key);
        self.entries.push(':');
        &mut self.entries
    }
}

/// A list of what is made of each item, which has to be JSON.
pub fn list<T>(items: &[T], json: fn(&T) -> String) -> String {
    let mut list = String::from("[");
    for item in items {
        push_item(&mut list, &json(item));
    }
    list.push(']');
    list
}

/// A list of texts, with `null` for absent ones.
pub fn texts(items: &[Option<&str>]) -> String {
    list(items, |item| {
        item.map_or_else(|| String::from("null"), text)
    })
}

/// A text.
pub fn text(text: &str) -> String {
    let mut json = String::new();
    push_text(&mut json, text);
    json
}

/// Not in [`list`], of which there is one for each kind of item.
fn push_item(list: &mut String, item: &str) {
    if list.len() > 1 {
        list.push(',');
    }
    list.push_str(item);
}

fn push_whole(out: &mut String, value: u64) {
    // Writing to a `String` cannot fail.
    let _ = write!(out, "{value}");
}

/// RFC 8259 §7: quotation mark, backslash and the controls below U+0020 are escaped, everything else stands as it is.
fn push_text(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    loop {
        let (plain, after) = rest
            .split_at_checked(plain_length(rest.as_bytes()))
            .unwrap_or((rest, ""));
        out.push_str(plain);
        let mut characters = after.chars();
        let Some(character) = characters.next() else {
            break;
        };
        push_escaped(out, character);
        rest = characters.as_str();
    }
    out.push('"');
}

fn push_escaped(out: &mut String, character: char) {
    out.push('\\');
    if character >= ' ' {
        out.push(character);
        return;
    }
    out.push_str(if character < '\u{10}' { "u000" } else { "u001" });
    let low = u32::from(character) & 0xF;
    out.extend(char::from_digit(low, 16));
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_text_comes_back_as_it_was(key: String, text: String) {
            let json = Object::new().text(&key, &text).finish();
            let value: serde_json::Value = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(value, serde_json::json!({ key: text }));
        }
    }

    #[test]
    fn an_object_has_its_entries_in_order() {
        let json = Object::new()
            .text("a", "x\"\\\n")
            .optional_text("absent", None)
            .whole("b", u64::MAX)
            .optional_whole("absent", None)
            .flag("c", true)
            .json("d", &texts(&[Some("y"), None]))
            .finish();
        assert_eq!(
            json,
            r#"{"a":"x\"\\\u000a","b":18446744073709551615,"c":true,"d":["y",null]}"#
        );
        assert_eq!(Object::new().finish(), "{}");
    }
}

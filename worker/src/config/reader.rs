//! Reading JSON values: every accessor records its mistake with the path of the key and goes on, so that all mistakes come
//! out at once. No value is ever repeated; it might be a secret.

use core::fmt;

use tillgate_core::{
    json::{self, Json},
    text,
};

use super::mistakes::Mistakes;

/// Longest key that a path shows, in bytes.
const MAX_SHOWN_KEY_BYTES: usize = 64;
/// How alike (Jaro-Winkler) an unknown key is to a known one that it is certainly meant to be.
const CERTAINLY_MEANT: f64 = 0.9;

/// A value with its path. The empty path is that of the variable `TILLGATE`.
pub(super) struct Node<'a> {
    pub(super) path: String,
    value: &'a Json,
}

impl<'a> Node<'a> {
    pub(super) fn new(path: impl Into<String>, value: &'a Json) -> Self {
        Self {
            path: path.into(),
            value,
        }
    }

    /// The entries of an object whose keys are free.
    pub(super) fn entries(&self, mistakes: &mut Mistakes) -> Vec<(&'a str, Self)> {
        let Json::Object(entries) = self.value else {
            self.wrong_type("an object", mistakes);
            return Vec::new();
        };
        entries
            .iter()
            .map(|(key, value)| (key.as_str(), Self::new(child(&self.path, key), value)))
            .collect()
    }

    /// The items of a list.
    pub(super) fn items(&self, mistakes: &mut Mistakes) -> Vec<Self> {
        let Json::List(items) = self.value else {
            self.wrong_type("a list", mistakes);
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .map(|(index, value)| Self::new(format!("{}[{index}]", self.path), value))
            .collect()
    }

    /// A text that is not empty.
    pub(super) fn text(&self, mistakes: &mut Mistakes) -> Option<&'a str> {
        match self.value {
            Json::Text(text) if text.is_empty() => mistakes.add(&self.path, "is empty"),
            Json::Text(text) => return Some(text),
            _ => self.wrong_type("text", mistakes),
        }
        None
    }

    /// A text that `parse` reads; its error becomes the mistake.
    pub(super) fn parsed<T, E: fmt::Display>(
        &self,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
        mistakes: &mut Mistakes,
    ) -> Option<T> {
        match parse(self.text(mistakes)?) {
            Ok(value) => Some(value),
            Err(error) => {
                mistakes.add(&self.path, error.to_string());
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn one_of<T: Clone>(
        &self,
        choices: &[(&str, T)],
        mistakes: &mut Mistakes,
    ) -> Option<T> {
        let text = self.value.as_text();
        let chosen = choices
            .iter()
            .find(|(word, _)| text == Some(*word))
            .map(|(_, choice)| choice.clone());
        if chosen.is_none() {
            let mut words = String::new();
            for (word, _) in choices {
                text::add(&mut words, " or ", &format!("`\"{word}\"`"));
            }
            mistakes.add(&self.path, format!("must be {words}"));
        }
        chosen
    }

    /// A whole number of a range.
    pub(super) fn number(
        &self,
        range: core::ops::RangeInclusive<u64>,
        mistakes: &mut Mistakes,
    ) -> Option<u64> {
        let number = self
            .value
            .as_whole()
            .filter(|number| range.contains(number));
        if number.is_none() {
            let (least, most) = (range.start(), range.end());
            mistakes.add(
                &self.path,
                format!("must be a whole number from {least} to {most}, without quotation marks"),
            );
        }
        number
    }

    pub(super) fn is_text(&self, text: &str) -> bool {
        self.value.as_text() == Some(text)
    }

    pub(super) fn is_object(&self) -> bool {
        self.value.entries().is_some()
    }

    /// Whether the value is an object that has this text under `key`.
    pub(super) fn has_text(&self, key: &str, text: &str) -> bool {
        self.value.text(key) == Some(text)
    }

    fn wrong_type(&self, wanted: &str, mistakes: &mut Mistakes) {
        let found = match self.value {
            Json::Null => "null",
            Json::Flag(_) => "a boolean",
            Json::Whole(_) | Json::Number(_) => "a number",
            Json::Text(_) => "text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        };
        mistakes.add(&self.path, format!("must be {wanted}, not {found}"));
    }
}

/// An object with a known set of keys.
pub(super) struct Object<'a> {
    path: String,
    entries: &'a [(String, Json)],
    /// Known keys that an unknown one is certainly meant to be: they are not reported as missing as well.
    meant: Vec<String>,
}

impl<'a> Object<'a> {
    /// Opens an object and records its unknown keys. `secrets_belong` is said of a key that seems to hold a secret.
    pub(super) fn open(
        node: &Node<'a>,
        known: &[&str],
        secrets_belong: &str,
        mistakes: &mut Mistakes,
    ) -> Option<Self> {
        let Json::Object(entries) = node.value else {
            node.wrong_type("an object", mistakes);
            return None;
        };
        let mut meant = Vec::new();
        let keys = entries.iter().map(|(key, _)| key.as_str());
        for key in keys.filter(|key| !known.contains(key)) {
            let path = child(&node.path, key);
            if names_secret(key) {
                mistakes.add(path, secrets_belong);
                continue;
            }
            let nearest = nearest(key, known.iter().copied());
            meant.extend(
                nearest
                    .filter(|(_, likeness)| *likeness >= CERTAINLY_MEANT)
                    .map(|(key, _)| key.to_owned()),
            );
            let hint = nearest
                .map(|(key, _)| format!("; did you mean `{key}`?"))
                .unwrap_or_default();
            mistakes.add(
                path,
                format!(
                    "is an unknown key{hint} Known here: {}",
                    text::join(known, ", ")
                ),
            );
        }
        Some(Self {
            path: node.path.clone(),
            entries,
            meant,
        })
    }

    /// The path of one of the keys.
    pub(super) fn path(&self, key: &str) -> String {
        child(&self.path, key)
    }

    pub(super) fn optional(&self, key: &str) -> Option<Node<'a>> {
        self.entries
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| Node::new(self.path(key), value))
    }

    /// A key that has to be there; `what` says what would be right.
    pub(super) fn required(
        &self,
        key: &str,
        what: &str,
        mistakes: &mut Mistakes,
    ) -> Option<Node<'a>> {
        let node = self.optional(key);
        if node.is_none() && !self.meant.iter().any(|meant| meant == key) {
            mistakes.add(self.path(key), format!("is missing: {what}"));
        }
        node
    }
}

/// The most similar of several names, and how alike they are, from 0 to 1.
pub(super) fn nearest<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Option<(&'a str, f64)> {
    let name: String = name.chars().take(MAX_SHOWN_KEY_BYTES).collect();
    let name = name.to_ascii_lowercase();
    known
        .map(|known| (known, strsim::jaro_winkler(&name, known)))
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
}

/// Whether a key's name says that its value is a secret.
fn names_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    let words = [
        "secret",
        "password",
        "passwd",
        "seal",
        "access_token",
        "accesstoken",
        "api_key",
        "apikey",
    ];
    key == "key" || key == "token" || words.iter().any(|word| text::contains(&key, word))
}

fn child(path: &str, key: &str) -> String {
    let dot = if path.is_empty() { "" } else { "." };
    let plain = key
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    match key.len() {
        1..=MAX_SHOWN_KEY_BYTES if plain => format!("{path}{dot}{key}"),
        0..=MAX_SHOWN_KEY_BYTES => format!("{path}{}", json::texts(&[Some(key)])),
        bytes => format!("{path}[a key of {bytes} bytes]"),
    }
}

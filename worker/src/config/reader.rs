//! Reading JSON values: every accessor notes its mistake with the path of the key and goes on, so that all mistakes come
//! out at once. No value is ever repeated; it might be a secret.

use core::fmt;

use tillgate_core::{
    json::{self, Json},
    text,
};

use super::mistakes::Mistakes;

/// Longest key that a path shows, in bytes.
const MAX_SHOWN_KEY_BYTES: usize = 64;
/// In how many characters at most an unknown key differs from a known one that it is certainly meant to be.
const CERTAINLY_MEANT: usize = 2;

/// A value and where it stands. Its path is spelt out only for a mistake.
#[derive(Clone, Copy)]
pub(super) struct Node<'a> {
    place: Place<'a>,
    value: &'a Json,
    mistakes: &'a Mistakes,
}

#[derive(Clone, Copy)]
enum Place<'a> {
    /// In a variable of its own. The empty path is that of `TILLGATE`.
    Variable(&'a str),
    /// Under a key of an object.
    Key(&'a Node<'a>, &'a str),
    /// In a list.
    Item(&'a Node<'a>, usize),
}

impl<'a> Node<'a> {
    /// What a variable holds.
    pub(super) fn new(variable: &'a str, value: &'a Json, mistakes: &'a Mistakes) -> Self {
        Self {
            place: Place::Variable(variable),
            value,
            mistakes,
        }
    }

    fn inside(&self, place: Place<'a>, value: &'a Json) -> Self {
        Self {
            place,
            value,
            ..*self
        }
    }

    /// The path, as an operator reads it.
    pub(super) fn path(&self) -> String {
        match self.place {
            Place::Variable(name) => name.to_owned(),
            Place::Key(object, key) => object.path_of(key),
            Place::Item(list, index) => format!("{}[{index}]", list.path()),
        }
    }

    /// The path of one of its keys.
    pub(super) fn path_of(&self, key: &str) -> String {
        let path = self.path();
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

    /// Notes what is wrong with the value.
    pub(super) fn wrong(&self, message: fmt::Arguments<'_>) {
        self.mistakes.add(self.path(), message);
    }

    /// Notes what is wrong with a value below it, whose path goes on with `below`: plain keys with dots between them.
    pub(super) fn wrong_below(&self, below: &str, message: fmt::Arguments<'_>) {
        let path = self.path();
        self.mistakes.add(format!("{path}.{below}"), message);
    }

    /// The entries of an object whose keys are free.
    pub(super) fn entries(&'a self) -> impl Iterator<Item = (&'a str, Self)> {
        if self.value.entries().is_none() {
            self.wrong_type("an object");
        }
        let entries = self.value.entries().unwrap_or_default().iter();
        entries.map(|(key, value)| {
            let key = key.as_str();
            (key, self.inside(Place::Key(self, key), value))
        })
    }

    /// The items of a list.
    pub(super) fn items(&'a self) -> impl Iterator<Item = Self> {
        if self.value.items().is_none() {
            self.wrong_type("a list");
        }
        let items = self.value.items().unwrap_or_default().iter().enumerate();
        items.map(|(index, value)| self.inside(Place::Item(self, index), value))
    }

    /// The items of a list that has to have some; `what` says which.
    pub(super) fn some_items(&'a self, what: &str) -> impl Iterator<Item = Self> {
        if self.value.items().is_some_and(<[Json]>::is_empty) {
            self.wrong(format_args!("is empty: {what}"));
        }
        self.items()
    }

    /// A text that is not empty.
    pub(super) fn text(&self) -> Option<&'a str> {
        match self.value {
            Json::Text(text) if text.is_empty() => {
                self.wrong(format_args!(
                    "is empty: write what belongs there, or remove it"
                ));
            }
            Json::Text(text) => return Some(text),
            _ => self.wrong_type("text"),
        }
        None
    }

    /// A text that `parse` reads; its error becomes the mistake.
    pub(super) fn parsed<T, E: fmt::Display>(
        &self,
        parse: fn(&'a str) -> Result<T, E>,
    ) -> Option<T> {
        let result = parse(self.text()?);
        result
            .map_err(|error| self.wrong(format_args!("{error}")))
            .ok()
    }

    /// One of a few words.
    pub(super) fn one_of<T: Copy>(&self, choices: &[(&str, T)]) -> Option<T> {
        let chosen = choices.iter().find(|(word, _)| self.is_text(word));
        if chosen.is_none() {
            self.wrong_word(&mut choices.iter().map(|(word, _)| *word));
        }
        chosen.map(|(_, choice)| *choice)
    }

    fn wrong_word(&self, words: &mut dyn Iterator<Item = &str>) {
        let mut right = String::new();
        for word in words {
            text::add(&mut right, " or ", &format!("`\"{word}\"`"));
        }
        self.wrong(format_args!("must be {right}"));
    }

    /// A whole number of a range.
    pub(super) fn number(&self, least: u64, most: u64) -> Option<u64> {
        let number = self.value.as_whole();
        let number = number.filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.wrong(format_args!(
                "must be a whole number from {least} to {most}, without quotation marks"
            ));
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

    fn wrong_type(&self, wanted: &str) {
        let found = match self.value {
            Json::Null => "null",
            Json::Flag(_) => "a boolean",
            Json::Whole(_) | Json::Number(_) => "a number",
            Json::Text(_) => "text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        };
        self.wrong(format_args!("must be {wanted}, not {found}"));
    }
}

/// An object with a known set of keys, which may come in several parts.
#[derive(Clone, Copy)]
pub(super) struct Object<'a> {
    node: &'a Node<'a>,
    known: &'a [&'a [&'a str]],
}

impl<'a> Object<'a> {
    /// Opens an object and notes its unknown keys. `secrets_belong` is said of a key that seems to hold a secret.
    pub(super) fn open(
        node: &'a Node<'a>,
        known: &'a [&'a [&'a str]],
        secrets_belong: fmt::Arguments<'_>,
    ) -> Option<Self> {
        if !node.is_object() {
            node.wrong_type("an object");
            return None;
        }
        let object = Self { node, known };
        for key in object.unknown() {
            let path = node.path_of(key);
            if names_secret(key) {
                node.mistakes.add(path, secrets_belong);
                continue;
            }
            let hint = did_you_mean(key, &mut object.keys());
            let mut known = String::new();
            for key in object.keys() {
                text::add(&mut known, ", ", key);
            }
            let message = format_args!("is an unknown key{hint} Known here: {known}");
            node.mistakes.add(path, message);
        }
        Some(object)
    }

    fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.known.iter().copied().flatten().copied()
    }

    fn unknown(&self) -> impl Iterator<Item = &'a str> {
        let is_known = |key: &str| self.keys().any(|known| known == key);
        let entries = self.node.value.entries().unwrap_or_default().iter();
        let keys = entries.map(|(key, _)| key.as_str());
        keys.filter(move |key| !is_known(key))
    }

    /// Notes what is wrong with one of the keys.
    pub(super) fn wrong(&self, key: &str, message: fmt::Arguments<'_>) {
        self.node.mistakes.add(self.node.path_of(key), message);
    }

    pub(super) fn optional(&self, key: &'a str) -> Option<Node<'a>> {
        let value = self.node.value.get(key)?;
        Some(self.node.inside(Place::Key(self.node, key), value))
    }

    /// A key that has to be there; `what` says what would be right. It is not missing if an unknown one is certainly meant
    /// to be it.
    pub(super) fn required(&self, key: &'a str, what: fmt::Arguments<'_>) -> Option<Node<'a>> {
        let node = self.optional(key);
        let is_meant = |unknown| {
            let nearest = nearest(unknown, &mut self.keys());
            nearest.is_some_and(|(known, distance)| known == key && distance <= CERTAINLY_MEANT)
        };
        if node.is_none()
            && !self
                .unknown()
                .any(|unknown| !names_secret(unknown) && is_meant(unknown))
        {
            self.wrong(key, format_args!("is missing: {what}"));
        }
        node
    }
}

/// The end of a sentence about an unknown name: the one that is nearest to it.
pub(super) fn did_you_mean(name: &str, known: &mut dyn Iterator<Item = &str>) -> String {
    let nearest = nearest(name, known);
    nearest.map_or(String::new(), |(known, _)| {
        format!("; did you mean `{known}`?")
    })
}

/// The most similar of several names, and in how many characters it differs.
fn nearest<'a>(name: &str, known: &mut dyn Iterator<Item = &'a str>) -> Option<(&'a str, usize)> {
    let name: String = name.chars().take(MAX_SHOWN_KEY_BYTES).collect();
    let name = name.to_ascii_lowercase();
    known
        .map(|known| (known, strsim::levenshtein(&name, known)))
        .min_by_key(|(_, distance)| *distance)
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

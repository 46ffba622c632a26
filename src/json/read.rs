//! Reading JSON (RFC 8259): the structure, and what can be wrong with a text. Texts and numbers within it are read in
//! [`super::text`] and [`super::number`].

use zeroize::Zeroizing;

use super::Json;

/// Deepest nesting that is read at all: what reads and drops a tree calls itself once for each level.
pub(super) const MAX_LEVELS: u8 = 127;

/// What is wrong with a text that should be JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A bracket or a quotation mark is not closed, or nothing is there at all.
    #[error("it ends too early; a bracket or quotation mark is not closed")]
    EndsEarly,
    /// Something else where a value should be.
    #[error("expected a value; texts stand in double quotes")]
    Value,
    /// Something else where a key should be.
    #[error("expected a key in double quotes")]
    Key,
    /// Something else between a key and its value.
    #[error("expected `:`")]
    Colon,
    /// Something else behind an item of a list or an object.
    #[error("expected `,` or the closing bracket")]
    CommaOrEnd,
    /// A comma and nothing behind it.
    #[error("trailing comma")]
    TrailingComma,
    /// Something behind the end.
    #[error("trailing characters")]
    TrailingCharacters,
    /// A comment, which JSON does not have.
    #[error("comments are not possible; remove it")]
    Comment,
    /// A line break or another control character in a text.
    #[error("a line break or control character in a text; write it as an escape")]
    ControlCharacter,
    /// An unknown escape, or half of a surrogate pair.
    #[error("invalid escape")]
    Escape,
    /// A text that is not UTF-8.
    #[error("not UTF-8")]
    Encoding,
    /// A number that is not written as JSON writes numbers.
    #[error("invalid number")]
    Number,
    /// A number that no double-precision number comes near.
    #[error("number out of range")]
    OutOfRange,
    /// More levels than are read.
    #[error("nested too deeply")]
    TooDeep,
    /// A key that stands twice in one object, where that is refused.
    #[error("keep one of the two")]
    Repeated,
}

/// A [`Fault`] and where it is. It repeats nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {fault}")]
pub struct ReadError {
    /// What is wrong.
    pub fault: Fault,
    /// The line, from 1.
    pub line: usize,
    /// The byte in its line, from 1.
    pub column: usize,
}

/// What happens to a key that stands twice in one object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeated {
    LastCounts,
    Refused,
}

/// A text as far as it has not been read. After a fault that is where the fault is.
pub(super) struct Reader<'a> {
    pub(super) rest: &'a [u8],
    /// How many more levels may be opened.
    levels: u8,
    repeated: Repeated,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a [u8], levels: u8, repeated: Repeated) -> Self {
        Self {
            rest: text,
            levels,
            repeated,
        }
    }

    /// The one value that the text holds.
    pub(super) fn whole_text(&mut self) -> Result<Json, Fault> {
        let json = self.value()?;
        match self.peek() {
            Err(Fault::EndsEarly) => Ok(json),
            other => Err(other.err().unwrap_or(Fault::TrailingCharacters)),
        }
    }

    /// A fault of `text`, from which this reader came to where it is.
    pub(super) fn error(&self, text: &[u8], fault: Fault) -> ReadError {
        let read = text.len().saturating_sub(self.rest.len());
        let (mut line, mut column) = (1_usize, 1_usize);
        for byte in text.iter().take(read) {
            column = column.saturating_add(1);
            if *byte == b'\n' {
                line = line.saturating_add(1);
                column = 1;
            }
        }
        ReadError {
            fault,
            line,
            column,
        }
    }

    fn value(&mut self) -> Result<Json, Fault> {
        match self.peek()? {
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::list),
            b'"' => self.text().map(|text| Json::Text(Zeroizing::new(text))),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.word(),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Json, Fault>) -> Result<Json, Fault> {
        self.levels = self.levels.checked_sub(1).ok_or(Fault::TooDeep)?;
        self.skip();
        let json = read(self);
        self.levels = self.levels.saturating_add(1);
        json
    }

    fn list(&mut self) -> Result<Json, Fault> {
        let mut items = Vec::new();
        while self.goes_on(b']', items.is_empty())? {
            items.push(self.value()?);
        }
        Ok(Json::List(items))
    }

    fn object(&mut self) -> Result<Json, Fault> {
        let mut entries: Vec<(String, Json)> = Vec::new();
        while self.goes_on(b'}', entries.is_empty())? {
            let before = self.rest;
            let key = self.key()?;
            if self.repeated == Repeated::Refused && entries.iter().any(|(other, _)| *other == key)
            {
                self.rest = before;
                return Err(Fault::Repeated);
            }
            entries.push((key, self.value()?));
        }
        Ok(Json::Object(entries))
    }

    fn key(&mut self) -> Result<String, Fault> {
        if self.peek()? != b'"' {
            return Err(Fault::Key);
        }
        let key = self.text()?;
        if self.peek()? != b':' {
            return Err(Fault::Colon);
        }
        self.skip();
        Ok(key)
    }

    /// Whether an item follows, at the beginning of a list or an object or behind an item of it.
    fn goes_on(&mut self, close: u8, at_the_beginning: bool) -> Result<bool, Fault> {
        let byte = self.peek()?;
        if byte == close {
            self.skip();
            return Ok(false);
        }
        if at_the_beginning {
            return Ok(true);
        }
        if byte != b',' {
            return Err(Fault::CommaOrEnd);
        }
        self.skip();
        if self.peek()? == close {
            return Err(Fault::TrailingComma);
        }
        Ok(true)
    }

    fn word(&mut self) -> Result<Json, Fault> {
        let (rest, json) = if let Some(rest) = self.rest.strip_prefix(b"null") {
            (rest, Json::Null)
        } else if let Some(rest) = self.rest.strip_prefix(b"true") {
            (rest, Json::Flag(true))
        } else if let Some(rest) = self.rest.strip_prefix(b"false") {
            (rest, Json::Flag(false))
        } else {
            return Err(Fault::Value);
        };
        self.rest = rest;
        Ok(json)
    }

    /// The next byte that is no white space, which it leaves where it is.
    fn peek(&mut self) -> Result<u8, Fault> {
        loop {
            match self.rest {
                [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] => self.rest = rest,
                [b'/', b'/' | b'*', ..] => return Err(Fault::Comment),
                [byte, ..] => return Ok(*byte),
                [] => return Err(Fault::EndsEarly),
            }
        }
    }

    /// Leaves out the byte that was looked at.
    pub(super) fn skip(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }
}

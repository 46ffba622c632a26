//! Decisions that are given again: a busy isolate is asked the same thing many times in a second.
//!
//! A decision about a request is made of the request's [`Question`], of the second, and of what the isolate knows. So it
//! stands for everyone who asks the same, until the second is over or something is learnt: a vault's reply, a rejected
//! token. One that looked at anything else of its request is not kept; [`Noticed`] sees to that.
//!
//! Of a question nothing is kept but a fingerprint of 128 bits, SipHash-2-4 with a random key that never leaves the
//! isolate. Nobody outside can make two questions that have one fingerprint, and no caller's key is compared with another.
//!
//! Not in here: how decisions are made (`handle`), and which of them are the same for everyone (`step`).

#[cfg(test)]
mod tests;

use std::{cell::Cell, hash::Hasher as _};

use siphasher::sip128::{Hash128, Hasher128 as _, SipHasher24};
use tillgate_core::time::UnixTime;

use crate::{incoming::Headers, random};

/// Most decisions that are kept, as many as a byte can tell apart. One that is missing costs some microseconds.
const PLACES: usize = 256;

/// What a decision is made of, as it was sent; of the headers those that decisions about tokens and calls look at.
pub(crate) struct Question<'a> {
    /// The method.
    pub(crate) method: &'a str,
    /// The URL.
    pub(crate) url: &'a str,
    /// `Authorization`.
    pub(crate) authorization: Option<String>,
    /// `Origin`.
    pub(crate) origin: Option<String>,
    /// `Content-Length`.
    pub(crate) content_length: Option<String>,
    /// `Transfer-Encoding`.
    pub(crate) transfer_encoding: Option<String>,
}

/// A request's headers: those of its question, and others, of which is noticed whether any was looked at.
struct Noticed<'a> {
    question: &'a Question<'a>,
    others: &'a dyn Headers,
    looked: Cell<bool>,
}

/// The decisions of one second.
pub(crate) struct Decisions<T> {
    /// With its random key, from the first question on: there is no randomness before an isolate's first request.
    hasher: Option<SipHasher24>,
    second: UnixTime,
    /// By the first byte of the fingerprint. Empty, or with all its places.
    kept: Vec<Option<(Hash128, T)>>,
}

impl<T: Clone> Decisions<T> {
    /// None yet.
    pub(crate) const fn new() -> Self {
        Self {
            hasher: None,
            second: UnixTime::from_seconds(0),
            kept: Vec::new(),
        }
    }

    /// The decision about a question: the one that is kept, or what `make` makes of the request's headers, with whether it
    /// is the same for everyone who asks the same.
    pub(crate) fn decide(
        &mut self,
        question: &Question<'_>,
        others: &dyn Headers,
        now: UnixTime,
        make: impl FnOnce(&dyn Headers) -> (T, bool),
    ) -> T {
        let fingerprint = self.fingerprint(question);
        if let Some(kept) = fingerprint.and_then(|fingerprint| self.get(fingerprint, now)) {
            return kept;
        }
        let headers = Noticed {
            question,
            others,
            looked: Cell::new(false),
        };
        let (decision, for_everyone) = make(&headers);
        if let Some(fingerprint) = fingerprint.filter(|_| for_everyone && !headers.looked.get()) {
            self.keep(fingerprint, decision.clone());
        }
        decision
    }

    /// Forgets all decisions: something was learnt.
    pub(crate) fn forget(&mut self) {
        self.kept.clear();
    }

    fn get(&mut self, fingerprint: Hash128, now: UnixTime) -> Option<T> {
        if self.second != now {
            self.second = now;
            self.forget();
        }
        match self.kept.get(place(fingerprint))? {
            Some((known, decision)) if *known == fingerprint => Some(decision.clone()),
            _ => None,
        }
    }

    fn keep(&mut self, fingerprint: Hash128, decision: T) {
        if self.kept.is_empty() {
            self.kept.resize_with(PLACES, || None);
        }
        if let Some(place) = self.kept.get_mut(place(fingerprint)) {
            *place = Some((fingerprint, decision));
        }
    }

    /// `None` where there is no randomness.
    fn fingerprint(&mut self, question: &Question<'_>) -> Option<Hash128> {
        if self.hasher.is_none() {
            self.hasher = Some(SipHasher24::new_with_key(&random::bytes().ok()?));
        }
        let mut hasher = self.hasher?;
        question.write_to(&mut hasher);
        Some(hasher.finish128())
    }
}

const fn place(fingerprint: Hash128) -> usize {
    let [first, ..] = fingerprint.h1.to_le_bytes();
    first as usize
}

impl Question<'_> {
    /// The header of this name, if it is one of the question's.
    fn header(&self, name: &str) -> Option<&Option<String>> {
        match name {
            "authorization" => Some(&self.authorization),
            "origin" => Some(&self.origin),
            "content-length" => Some(&self.content_length),
            "transfer-encoding" => Some(&self.transfer_encoding),
            _ => None,
        }
    }

    /// No text in UTF-8 has the bytes 254 and 255, so where each ends, and whether it is there, is not to be mistaken.
    fn write_to(&self, hasher: &mut SipHasher24) {
        let texts = [Some(self.method), Some(self.url)];
        let headers = [
            self.authorization.as_deref(),
            self.origin.as_deref(),
            self.content_length.as_deref(),
            self.transfer_encoding.as_deref(),
        ];
        for text in texts.into_iter().chain(headers) {
            hasher.write(text.unwrap_or_default().as_bytes());
            hasher.write_u8(if text.is_some() { 255 } else { 254 });
        }
    }
}

impl Headers for Noticed<'_> {
    fn get(&self, name: &'static str) -> Option<String> {
        self.question.header(name).map_or_else(
            || {
                self.looked.set(true);
                self.others.get(name)
            },
            Option::clone,
        )
    }
}

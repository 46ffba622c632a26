//! The keys of all issuers that this isolate has fetched, and when they are fetched again.
//!
//! Nothing is shared but memory: one request fetches, the others use what is there or look again in a moment. What becomes
//! of a fetch is noted even if the request that began it is gone, since JavaScript carries it on.

use tillgate_core::time::{DAY, MINUTE, UnixTime};

use super::{
    keys::{self, Key},
    token::Token,
};

/// From this age in seconds on, keys are fetched anew beside their use, so that a withdrawn one ends.
pub(crate) const REFRESH_AGE: u64 = 10 * MINUTE;
/// For so many seconds keys are used while their issuer cannot be reached.
pub(crate) const MAX_AGE: u64 = DAY;
/// Least seconds between two fetches where there are keys, however many tokens name unknown ones.
pub(crate) const INTERVAL: u64 = MINUTE;
/// Least seconds between two fetches where there are none: longer than one may take, so that it has ended by then.
pub(crate) const RETRY: u64 = 15;
/// For so many seconds a request waits for a fetch that another has begun: as long as `worker/send.js` lets one take, and one
/// more because the beginning is known to the second.
pub(crate) const PATIENCE: u64 = 11;

/// The keys of all issuers, with the addresses of their sets. There are few.
#[derive(Debug, Default)]
pub(crate) struct Ring(Vec<(String, Issuer)>);

/// What is known of one issuer's keys.
#[derive(Debug, Default)]
pub(crate) struct Issuer {
    keys: Vec<Key>,
    /// When the keys were asked for.
    keys_of: Option<UnixTime>,
    /// Counts the sets that came.
    pub(crate) generation: u32,
    asked_at: Option<UnixTime>,
    answer: Answer,
}

/// What became of the last fetch.
#[derive(Debug, Default, PartialEq, Eq)]
enum Answer {
    /// It is not there yet, and the one before did not fail.
    #[default]
    Awaited,
    /// Keys.
    Came,
    /// None; stays until some come.
    Failed,
}

/// What a request that lacks a key does.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// Fetch the keys. The ring expects it.
    Fetch,
    /// Look again in a moment.
    Wait,
    /// There is none, as far as the issuer can say.
    Refuse,
    /// Nobody knows; ask again after so many seconds.
    Unavailable(u64),
}

impl Ring {
    /// The keys at this address, so far perhaps none.
    pub(crate) fn issuer(&mut self, url: &str) -> Option<&mut Issuer> {
        let known = self.0.iter().position(|(known, _)| known == url);
        let at = known.unwrap_or_else(|| {
            self.0.push((url.to_owned(), Issuer::default()));
            self.0.len().saturating_sub(1)
        });
        self.0.get_mut(at).map(|(_, issuer)| issuer)
    }

    /// Notes what a fetch brought: a JWK Set, or what is none.
    pub(crate) fn keep(&mut self, url: &str, set: &[u8]) {
        if let Some(issuer) = self.issuer(url) {
            issuer.keep(keys::read(set));
        }
    }
}

impl Issuer {
    /// The keys that may have signed a token.
    pub(crate) fn fitting(&self, token: &Token<'_>, now: UnixTime) -> Vec<String> {
        let mut fitting = Vec::new();
        for key in self.keys.iter().filter(|_| self.is_usable(now)) {
            let named = token.kid.is_none() || key.kid == token.kid;
            if named && key.algorithm == token.algorithm {
                fitting.push(key.jwk.clone());
            }
        }
        fitting
    }

    /// What to do where a key is lacking.
    pub(crate) fn lacking(&mut self, now: UnixTime) -> Advice {
        let since = self.asked_at.map(|at| at.until(now));
        let wait = since.map_or(0, |since| self.interval(now).saturating_sub(since));
        match () {
            () if wait == 0 => self.begin(now),
            () if self.answer == Answer::Awaited && since < Some(PATIENCE) => return Advice::Wait,
            () if self.is_usable(now) => return Advice::Refuse,
            () => return Advice::Unavailable(wait),
        }
        Advice::Fetch
    }

    /// Whether to fetch the keys beside their use. The ring then expects it.
    pub(crate) fn is_due(&mut self, now: UnixTime) -> bool {
        let old = |at: Option<UnixTime>, age| at.is_some_and(|at| at.until(now) >= age);
        let due = old(self.keys_of, REFRESH_AGE) && old(self.asked_at, INTERVAL);
        if due {
            self.begin(now);
        }
        due
    }

    fn is_usable(&self, now: UnixTime) -> bool {
        self.keys_of.is_some_and(|at| at.until(now) < MAX_AGE)
    }

    fn interval(&self, now: UnixTime) -> u64 {
        if self.is_usable(now) { INTERVAL } else { RETRY }
    }

    fn begin(&mut self, now: UnixTime) {
        self.asked_at = Some(now);
        if self.answer == Answer::Came {
            self.answer = Answer::Awaited;
        }
    }

    fn keep(&mut self, keys: Option<Vec<Key>>) {
        let Some(keys) = keys else {
            self.answer = Answer::Failed;
            return;
        };
        self.keys = keys;
        self.keys_of = self.asked_at;
        self.generation = self.generation.saturating_add(1);
        self.answer = Answer::Came;
    }
}

//! What the vaults of this isolate have seen lately, which spares them work and decides nothing: all of it may be lost at
//! any time.
//!
//! What was opened or sealed is kept so that the same bytes are not deciphered again; an exchange would spend most of its
//! time on that. It is found by what its bytes are bound to and by those very bytes, all of them: bytes that were changed
//! are not found, so they are opened, and refused. What is kept is never newer or older than what is stored.

use std::cell::RefCell;

use tillgate_core::{connection::Connection, time::UnixTime};

use crate::seal::{DataKey, Freshness};

/// Most values of a kind, of which each is at most some 5 KB.
const MOST: usize = 256;

/// For how long a breaker counts as being at rest after it has said so, in seconds.
const REST: u64 = 10;

/// All of it.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    /// Keys of connections.
    pub(super) keys: Kept<(DataKey, Freshness)>,
    /// Connections.
    pub(super) connections: Kept<Connection>,
    /// When breakers last said that they are at rest.
    resting: Kept<UnixTime>,
}

impl Recent {
    /// Notes what a breaker has just said, or that it is about to be told of a failure.
    pub(super) fn note_breaker(&self, object: &str, rests: bool, now: UnixTime) {
        match rests {
            true => self.resting.keep(object.to_owned(), Vec::new(), now),
            false => self.resting.drop(object),
        }
    }

    /// Whether a breaker said a moment ago that it is at rest.
    pub(super) fn rests(&self, object: &str, now: UnixTime) -> bool {
        let said = self.resting.get(object, &[]);
        said.is_some_and(|at| at <= now && at.until(now) < REST)
    }
}

/// Values with the bytes that they were sealed as, one for each context.
#[derive(Debug)]
pub(super) struct Kept<T>(RefCell<Vec<Entry<T>>>);

#[derive(Debug)]
struct Entry<T> {
    context: String,
    sealed: Vec<u8>,
    value: T,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T: Clone> Kept<T> {
    /// What these bytes hold, if they are the last that were kept for this context.
    pub(super) fn get(&self, context: &str, sealed: &[u8]) -> Option<T> {
        let entries = self.0.borrow();
        let entry = entries.iter().find(|entry| entry.context == context)?;
        (entry.sealed == sealed).then(|| entry.value.clone())
    }

    /// Keeps what these bytes hold in place of what was kept for this context.
    pub(super) fn keep(&self, context: String, sealed: Vec<u8>, value: T) {
        let mut entries = self.0.borrow_mut();
        if let Some(entry) = entries.iter_mut().find(|entry| entry.context == context) {
            entry.sealed = sealed;
            entry.value = value;
            return;
        }
        if entries.len() >= MOST {
            entries.remove(0);
        }
        entries.push(Entry {
            context,
            sealed,
            value,
        });
    }

    fn drop(&self, context: &str) {
        let mut entries = self.0.borrow_mut();
        let at = entries.iter().position(|entry| entry.context == context);
        at.map(|at| entries.remove(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_bytes_for_the_same_context_are_found() {
        let kept = Kept::default();
        kept.keep("a".to_owned(), vec![1, 2], 'x');
        assert_eq!(kept.get("a", &[1, 2]), Some('x'));
        assert_eq!(
            (kept.get("a", &[1, 3]), kept.get("b", &[1, 2])),
            (None, None)
        );
        kept.keep("a".to_owned(), vec![1, 3], 'y');
        assert_eq!(
            (kept.get("a", &[1, 2]), kept.get("a", &[1, 3])),
            (None, Some('y'))
        );
    }

    #[test]
    fn the_oldest_makes_room() {
        let kept = Kept::default();
        for number in 0..=MOST {
            kept.keep(number.to_string(), Vec::new(), number);
        }
        assert_eq!((kept.get("0", &[]), kept.get("1", &[])), (None, Some(1)));
    }
}

//! The flights of an instance between their turns, by number. One whose object is broken off in the middle never goes on:
//! what has been under way for too long is dropped when the next one waits.

use tillgate_core::time::UnixTime;

/// Longest time in seconds between two turns, far more than the 10 s of a request. What waits longer has no object any
/// more.
const LONGEST: u64 = 120;

/// Flights, or what stands for them in tests.
pub(crate) struct Table<T>(Vec<Entry<T>>);

struct Entry<T> {
    number: u32,
    since: UnixTime,
    flight: T,
}

impl<T> Table<T> {
    /// One without flights.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Keeps a flight until its next turn.
    pub(crate) fn put(&mut self, number: u32, flight: T, now: UnixTime) {
        self.0.retain(|entry| entry.since.until(now) <= LONGEST);
        self.0.push(Entry {
            number,
            since: now,
            flight,
        });
    }

    /// Takes a flight out for its next turn; `None` if it is not known.
    pub(crate) fn take(&mut self, number: u32) -> Option<T> {
        let index = self.0.iter().position(|entry| entry.number == number)?;
        Some(self.0.swap_remove(index).flight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flight_is_taken_once_and_by_its_own_number() {
        let mut table = Table::new();
        let now = UnixTime::from_seconds(1_000);
        table.put(1, 'a', now);
        table.put(2, 'b', now);
        assert_eq!(
            (table.take(2), table.take(2), table.take(1)),
            (Some('b'), None, Some('a'))
        );
    }

    #[test]
    fn what_never_goes_on_is_dropped_and_what_still_may_is_not() {
        let mut table = Table::new();
        table.put(1, 'a', UnixTime::from_seconds(1_000));
        table.put(2, 'b', UnixTime::from_seconds(1_001));
        table.put(3, 'c', UnixTime::from_seconds(1_001 + LONGEST));
        assert_eq!(
            (table.take(1), table.take(2), table.take(3)),
            (None, Some('b'), Some('c'))
        );
    }
}

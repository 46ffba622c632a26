//! A Durable Object's storage as rows of bytes under a name. What the rows hold is written down in `STORAGE.md`.

use tillgate_core::time::UnixTime;

/// Rows of one object. Every operation is synchronous; the runtime makes all writes of one turn durable together, before
/// anything leaves the object.
pub(crate) trait Rows {
    /// The row of this name.
    fn get(&self, name: &str) -> Option<Vec<u8>>;
    /// Writes a row.
    fn put(&self, name: &str, value: &[u8]);
    /// Removes a row.
    fn delete(&self, name: &str);
    /// Names of rows behind `after`, in order, `limit` at most.
    fn names(&self, after: &str, limit: u32) -> Vec<String>;
    /// Removes every row and the alarm, but not the trail.
    fn clear(&self);
    /// Appends a JSON object to the trail. Of each kind, what was done and whether it failed, the latest `most` are kept.
    fn append(&self, what: &str, failed: bool, entry: &str, most: u32);
    /// The last entry of the trail that tells of a failure of this.
    fn last_failure(&self, what: &str) -> Option<String>;
    /// The trail before this sequence number, the newest entry first, `limit` at most. Each has got its `sequence`.
    fn trail(&self, before: u32, limit: u32) -> Vec<String>;
    /// Wakes the object at this time, or no longer.
    fn set_alarm(&self, at: Option<UnixTime>);
}

#[cfg(test)]
pub(crate) mod memory {
    use std::{cell::RefCell, collections::BTreeMap};

    use super::*;

    /// Rows in memory, which tests can look into.
    #[derive(Default)]
    pub(crate) struct Memory {
        pub(crate) rows: RefCell<BTreeMap<String, Vec<u8>>>,
        pub(crate) alarm: RefCell<Option<UnixTime>>,
        pub(crate) trail: RefCell<Vec<Entry>>,
    }

    /// An entry of the trail.
    pub(crate) struct Entry {
        sequence: u32,
        kind: (String, bool),
        json: String,
    }

    impl Rows for Memory {
        fn get(&self, name: &str) -> Option<Vec<u8>> {
            self.rows.borrow().get(name).cloned()
        }
        fn put(&self, name: &str, value: &[u8]) {
            self.rows
                .borrow_mut()
                .insert(name.to_owned(), value.to_vec());
        }
        fn delete(&self, name: &str) {
            self.rows.borrow_mut().remove(name);
        }
        fn names(&self, after: &str, limit: u32) -> Vec<String> {
            let rows = self.rows.borrow();
            rows.keys()
                .filter(|name| name.as_str() > after)
                .take(limit as usize)
                .cloned()
                .collect()
        }
        fn clear(&self) {
            self.rows.borrow_mut().clear();
            *self.alarm.borrow_mut() = None;
        }
        fn append(&self, what: &str, failed: bool, entry: &str, most: u32) {
            let mut trail = self.trail.borrow_mut();
            let last = trail.last().map_or(0, |entry| entry.sequence);
            let kind = (what.to_owned(), failed);
            trail.push(Entry {
                sequence: last.saturating_add(1),
                kind: kind.clone(),
                json: entry.to_owned(),
            });
            if trail.iter().filter(|entry| entry.kind == kind).count() > most as usize {
                let oldest = trail.iter().position(|entry| entry.kind == kind);
                trail.remove(oldest.unwrap());
            }
        }
        fn last_failure(&self, what: &str) -> Option<String> {
            let trail = self.trail.borrow();
            let mut entries = trail.iter().rev();
            let last = entries.find(|entry| entry.kind == (what.to_owned(), true))?;
            Some(last.json.clone())
        }
        fn trail(&self, before: u32, limit: u32) -> Vec<String> {
            let trail = self.trail.borrow();
            let earlier = trail.iter().rev().filter(|entry| entry.sequence < before);
            let numbered = earlier.map(|Entry { sequence, json, .. }| {
                json.replacen('{', &format!("{{\"sequence\":{sequence},"), 1)
            });
            numbered.take(limit as usize).collect()
        }
        fn set_alarm(&self, at: Option<UnixTime>) {
            *self.alarm.borrow_mut() = at;
        }
    }
}

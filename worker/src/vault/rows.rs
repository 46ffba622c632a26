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
    /// Removes everything, the alarm included.
    fn clear(&self);
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
        fn set_alarm(&self, at: Option<UnixTime>) {
            *self.alarm.borrow_mut() = at;
        }
    }
}

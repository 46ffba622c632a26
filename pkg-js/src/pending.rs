//! A login that was begun and not answered yet: what must be known of it when the answer comes. Where it is kept
//! (the tab's session storage, or a variable of the page that opened a popup) is not decided here.

use crate::form;
use alloc::borrow::ToOwned;
use alloc::string::String;

/// Random bytes in a `state`: 256 bits cannot be guessed and do not repeat.
pub(crate) const ENTROPY_BYTES: usize = 32;

/// A login that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pending {
    /// RFC 6749, section 10.12: comes back unchanged, and only this tab knows it.
    pub(crate) state: String,
    /// The app that the login was begun for.
    pub(crate) client_id: String,
}

impl Pending {
    /// A login with a state of its own: 64 hex digits, which no encoding changes.
    pub(crate) fn new(client_id: &str, entropy: [u8; ENTROPY_BYTES]) -> Self {
        let mut state = String::new();
        for byte in entropy {
            form::push_hex(&mut state, byte, |digit| *digit);
        }
        Self {
            state,
            client_id: client_id.to_owned(),
        }
    }

    /// As text, for whoever keeps it.
    pub(crate) fn record(&self) -> String {
        let mut record = String::new();
        form::append(&mut record, "state", &self.state);
        form::append(&mut record, "client_id", &self.client_id);
        record
    }

    /// From the text that [`Pending::record`] made; `None` if it is anything else.
    pub(crate) fn from_record(record: &str) -> Option<Self> {
        let mut pairs = form::pairs(record);
        let mut next = |name: &str| {
            let pair = pairs.next().filter(|pair| pair.is_named(name))?;
            pair.value().filter(|value| !value.is_empty())
        };
        Some(Self {
            state: next("state")?,
            client_id: next("client_id")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_that_is_no_record_is_no_pending_login() {
        for text in [
            "",
            "state=",
            "state=&client_id=a",
            "client_id=a&state=b",
            "state=%FF&client_id=a",
            "{}",
        ] {
            assert_eq!(Pending::from_record(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_record_reads_back(client_id in "[!-~]{1,30}", entropy: [u8; ENTROPY_BYTES]) {
            let pending = Pending::new(&client_id, entropy);
            prop_assert_eq!(pending.state.len(), 64);
            prop_assert_eq!(Pending::from_record(&pending.record()), Some(pending));
        }
    }
}

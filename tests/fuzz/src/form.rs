//! Form encoding: it is read as the library form_urlencoded reads it, but for what is no UTF-8, and what is written of it
//! reads back.

use tillgate_core::form;

/// Any text as a query.
pub fn pairs(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let ours: Vec<_> = form::pairs(text).collect();
    let theirs: Vec<_> = form_urlencoded::parse(data).collect();
    assert_eq!(ours.len(), theirs.len(), "the two readers disagree");
    for ((name, value), (their_name, their_value)) in ours.iter().zip(&theirs) {
        assert!(is_same(name, their_name), "the two disagree on a name");
        assert!(is_same(value, their_value), "the two disagree on a value");
    }
    let mut written = String::new();
    for (name, value) in &ours {
        form::append(&mut written, name, value);
    }
    assert!(written.is_ascii(), "what is written is not plain");
    let again: Vec<_> = form::pairs(&written).collect();
    assert_eq!(again, ours, "what is written reads otherwise");
}

/// Where the library repairs what is no UTF-8, ours gives up the whole text.
pub(crate) fn is_same(ours: &str, theirs: &str) -> bool {
    ours == theirs || (ours == "\u{FFFD}" && theirs.contains(ours))
}

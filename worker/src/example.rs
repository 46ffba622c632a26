//! What tests of several modules use: a caller's key, and a second in which everything happens.

use tillgate_core::time::UnixTime;

pub(crate) const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);
pub(crate) const KEY: &str = "key-0123456789abcdefghijklmnopqrstuvwxyz";
/// The SHA-256 of [`KEY`].
pub(crate) const KEY_SHA256: &str =
    "083923bdf37bdf9ee6200c0a42a27d84623373ee6093e88d8e6b2a99aa234e4e";

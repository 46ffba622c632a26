//! The memory of one login: that its state was used. The object is named after the state, and a state that was never
//! ours does not get this far, so nothing grows with forged callbacks.

use tillgate_core::time::UnixTime;

use super::{Call, rows::Rows};
use crate::message::Reply;

/// Until when the object remembers, in seconds since the epoch.
const UNTIL: &str = "used_until";

/// Uses the state up.
pub(super) fn consume(call: Call<'_>, until: UnixTime) -> Reply {
    let first = call.rows.get(UNTIL).is_none();
    if first {
        call.rows.put(UNTIL, &until.as_seconds().to_be_bytes());
        call.rows.set_alarm(Some(until));
    }
    Reply::Consumed { first }
}

/// Whether this object remembers a login; if so it forgets it, now that its state is no longer accepted anyway.
pub(super) fn expire(rows: &dyn Rows) -> bool {
    let is_login = rows.get(UNTIL).is_some();
    if is_login {
        rows.clear();
    }
    is_login
}

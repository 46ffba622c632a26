//! What the worker and its Durable Objects say to each other: what is understood is written again as the same.

use tillgate_worker::fuzz::{message, reply};

/// A message or a reply.
pub fn message_or_reply(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    for write in [message, reply] {
        let Some(written) = write(text) else {
            continue;
        };
        assert_eq!(
            write(&written).as_ref(),
            Some(&written),
            "it changes when it is passed on"
        );
    }
}

//! An isolate of the worker: its memory of the token, as `worker/src/cache.rs` keeps it, and its clock.

use tillgate_core::time::UnixTime;

use crate::vault::{Defect, Supply};

/// Longest time in seconds that a copy is used without asking the vault again; the worker's `cache::MAX_AGE`.
pub(crate) const MAX_AGE: u64 = 60;

/// A copy of the token.
#[derive(Clone, Debug)]
pub(crate) struct Copy {
    pub(crate) serial: u64,
    pub(crate) ticket: String,
    good_until: UnixTime,
    /// When it arrived, in true time.
    pub(crate) since: u64,
}

pub(crate) struct Isolate {
    /// By how many seconds its clock is ahead of the vault's.
    pub(crate) ahead: i64,
    copy: Option<Copy>,
}

impl Isolate {
    pub(crate) fn new(ahead: i64) -> Self {
        Self { ahead, copy: None }
    }

    /// The copy, if it may be used now.
    pub(crate) fn copy(&self, now: UnixTime) -> Option<Copy> {
        self.copy.clone().filter(|copy| now < copy.good_until)
    }

    /// Keeps what the vault replied, and uses it. A copy of the same token that is still good stays as it is.
    pub(crate) fn keep(
        &mut self,
        supply: &Supply,
        now: UnixTime,
        true_now: u64,
        defect: Defect,
    ) -> Copy {
        let oldest = now.plus(MAX_AGE);
        let good_until = match defect {
            Defect::CopyOutlivesToken => oldest,
            _ => oldest.min(supply.refresh_at).min(supply.expires_at),
        };
        let new = Copy {
            serial: supply.serial,
            ticket: supply.ticket.clone(),
            good_until,
            since: true_now,
        };
        let known = self.copy.take();
        let known = known.filter(|copy| copy.ticket == supply.ticket && now < copy.good_until);
        self.copy = Some(known.unwrap_or_else(|| new.clone()));
        new
    }

    /// The platform's API answered 401 to the copy, or the isolate starts anew.
    pub(crate) fn forget(&mut self) {
        self.copy = None;
    }
}

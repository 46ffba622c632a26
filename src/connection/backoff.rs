//! How long a platform is left alone after a failure, and how often a 401 from its API may force an exchange.

use crate::{
    exchange::ExchangeError,
    time::{HOUR, MINUTE, UnixTime},
};

/// Waits in seconds after rejected credentials; the last one repeats. Attempts of the first hour: at 0, 30, 90, 210, 510,
/// 1,110, 2,010 and 2,910 s, which are 8; from then on one in 900 s, which are 4 an hour.
const REJECTED: [u64; 6] = [30, 60, 120, 300, 600, 900];
/// Waits in seconds after an outage or an answer without sense; the last one repeats.
const OUTAGE: [u64; 6] = [1, 2, 5, 10, 20, 40];
/// Wait in seconds after a rate limit that does not say how long.
const RATE_LIMITED: u64 = 30;
/// Longest wait in seconds, whatever a platform asks for.
const LONGEST: u64 = HOUR;

/// Seconds until the next attempt after the `count`-th failure in a row (the first is 1). `jitter` is a random number
/// that adds up to a quarter, so that many connections do not come back together.
pub(crate) fn seconds(error: ExchangeError, count: u32, jitter: u64) -> u64 {
    let wait = match error {
        ExchangeError::CredentialsRejected(_)
        | ExchangeError::AccessDenied(_)
        | ExchangeError::CodeRejected => nth(&REJECTED, count),
        ExchangeError::RateLimited(asked) => asked.map_or(RATE_LIMITED, |wait| wait.seconds()),
        ExchangeError::Unavailable(Some(asked)) => asked.seconds().max(nth(&OUTAGE, count)),
        ExchangeError::Unavailable(None)
        | ExchangeError::TimedOut
        | ExchangeError::AnswerInvalid(_) => nth(&OUTAGE, count),
    };
    let spread = (wait / 4).saturating_add(1);
    wait.saturating_add(jitter.checked_rem(spread).unwrap_or(0))
        .min(LONGEST)
}

/// Whether a wait that ends then is still to be kept. One that ends further away than any wait lasts was noted before the
/// clock was set back.
pub(crate) fn holds(until: UnixTime, now: UnixTime) -> bool {
    (1..=LONGEST).contains(&now.until(until))
}

fn nth(waits: &[u64], count: u32) -> u64 {
    let index = usize::try_from(count.saturating_sub(1)).unwrap_or(usize::MAX);
    waits.get(index).or(waits.last()).copied().unwrap_or(MINUTE)
}

/// How many exchanges a 401 may force in short order. A token that was revoked needs one; a path that the token may not
/// use answers 401 for ever.
const FORCED_AT_ONCE: u32 = 5;
/// Seconds after which one more is allowed.
const FORCED_REFILL: u64 = MINUTE;

/// A bucket of forced exchanges.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Forced {
    pub(super) spent: u32,
    pub(super) since: UnixTime,
}

impl Forced {
    /// Takes one, if there is one.
    pub(super) fn take(&mut self, now: UnixTime) -> bool {
        if now < self.since {
            // The clock was set back; what was spent then says nothing about now.
            *self = Self::default();
        }
        let regained = self.since.until(now) / FORCED_REFILL;
        let spent = self
            .spent
            .saturating_sub(u32::try_from(regained).unwrap_or(u32::MAX));
        if spent >= FORCED_AT_ONCE {
            return false;
        }
        let since = if spent == 0 {
            now
        } else {
            self.since.plus(regained.saturating_mul(FORCED_REFILL))
        };
        *self = Self {
            spent: spent.saturating_add(1),
            since,
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime::from_seconds(1_800_000_000);

    #[test]
    fn a_wait_that_seems_longer_than_any_is_not_kept() {
        assert!(holds(NOW.plus(1), NOW));
        assert!(holds(NOW.plus(LONGEST), NOW));
        assert!(!holds(NOW, NOW));
        assert!(!holds(NOW.plus(LONGEST + 1), NOW));
    }

    #[test]
    fn forced_exchanges_come_back_one_a_minute_and_all_at_once_when_the_clock_is_set_back() {
        let mut forced = Forced::default();
        let taken = (0..10).filter(|_| forced.take(NOW)).count();
        assert_eq!(taken, 5);
        assert!(!forced.take(NOW.plus(59)));
        assert!(forced.take(NOW.plus(60)));
        assert!(!forced.take(NOW.plus(60)));
        assert!(forced.take(NOW.minus(86_400)));
    }
}

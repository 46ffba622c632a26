//! The documented waits between attempts, without jitter.

use tillgate_core::exchange::ExchangeError;

/// The documented waits in seconds, the last one repeats.
const REJECTED: [u64; 6] = [30, 60, 120, 300, 600, 900];
const OUTAGE: [u64; 6] = [1, 2, 5, 10, 20, 40];
const RATE_LIMITED: u64 = 30;

/// The shortest documented wait in seconds after the `count`-th failure in a row.
pub(super) fn wait(error: ExchangeError, count: u32) -> u64 {
    match error {
        ExchangeError::CredentialsRejected(_)
        | ExchangeError::AccessDenied(_)
        | ExchangeError::CodeRejected => nth(&REJECTED, count),
        ExchangeError::RateLimited(asked) => asked.map_or(RATE_LIMITED, |wait| wait.seconds()),
        ExchangeError::Unavailable(asked) => {
            nth(&OUTAGE, count).max(asked.map_or(0, |wait| wait.seconds()))
        }
        ExchangeError::TimedOut | ExchangeError::AnswerInvalid(_) => nth(&OUTAGE, count),
    }
}

fn nth(waits: &[u64; 6], count: u32) -> u64 {
    let index = usize::try_from(count - 1).unwrap();
    waits[index.min(waits.len() - 1)]
}

/// The shortest wait in seconds after that many exchanges in a row that died.
pub(super) fn wait_after_deaths(count: u32) -> u64 {
    nth(&OUTAGE, count - 1)
}

//! When all connections of an app leave its platform alone: a fault of the whole app is not tried again for each of
//! them, and a platform that is down for everyone is asked by one.
//!
//! Like a connection this is a state machine without a clock. It is asked with [`Breaker::admit`] before an exchange and
//! told with [`Breaker::report`] how the exchange ended. A fault of one account never stops another.

mod record;

use crate::{
    connection::backoff,
    exchange::{ExchangeError, Reach},
    time::UnixTime,
};

/// How many accounts in a row have to find a platform down before it counts as down for all: more than the few that
/// share a fault of their own.
pub const OUTAGE_ACCOUNTS: usize = 5;
/// How long one exchange may try whether a fault is over before another may, in seconds: longer than any exchange takes.
pub const PROBE_SECONDS: u64 = 15;

/// What is known of an app's platform. Nothing, as long as all goes well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    fault: Option<Fault>,
    /// Accounts that found the platform down since one last found it up.
    troubled: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fault {
    error: ExchangeError,
    /// How many in a row.
    count: u32,
    until: UnixTime,
}

/// An exchange that must not begin yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// What stands in its way.
    pub error: ExchangeError,
    /// When one may be tried.
    pub until: UnixTime,
}

impl Breaker {
    /// Whether an exchange may begin. Once a wait is over, one may, and the next only after [`PROBE_SECONDS`] or when
    /// that one has succeeded.
    ///
    /// # Errors
    /// [`Blocked`] says until when to wait.
    pub fn admit(&mut self, now: UnixTime) -> Result<(), Blocked> {
        match &mut self.fault {
            Some(Fault { error, until, .. }) if backoff::holds(*until, now) => Err(Blocked {
                error: *error,
                until: *until,
            }),
            Some(fault) => {
                fault.until = now.plus(PROBE_SECONDS);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Whether anything is known that a success would clear.
    pub fn is_watching(&self) -> bool {
        *self != Self::default()
    }

    /// Takes the end of an exchange of this account. `jitter` is a random number that spreads the next try.
    pub fn report(
        &mut self,
        account: &str,
        result: Result<(), ExchangeError>,
        now: UnixTime,
        jitter: u64,
    ) {
        match result {
            Ok(()) => *self = Self::default(),
            Err(error) if concerns_app(error) => self.open(error, now, jitter),
            Err(error) if is_outage(error) => self.trouble(account, error, now, jitter),
            // The platform answers, and what it says concerns this account.
            Err(_) => *self = Self::default(),
        }
    }

    fn open(&mut self, error: ExchangeError, now: UnixTime, jitter: u64) {
        let count = self.fault.map_or(1, |fault| fault.count.saturating_add(1));
        let until = now.plus(backoff::seconds(error, count, jitter));
        self.fault = Some(Fault {
            error,
            count,
            until,
        });
    }

    fn trouble(&mut self, account: &str, error: ExchangeError, now: UnixTime, jitter: u64) {
        if self.troubled.len() < OUTAGE_ACCOUNTS
            && !self.troubled.iter().any(|known| known == account)
        {
            self.troubled.push(account.to_owned());
        }
        if self.fault.is_some() || self.troubled.len() >= OUTAGE_ACCOUNTS {
            self.open(error, now, jitter);
        }
    }
}

const fn concerns_app(error: ExchangeError) -> bool {
    matches!(
        error,
        ExchangeError::CredentialsRejected(Reach::App) | ExchangeError::AccessDenied(Reach::App)
    )
}

const fn is_outage(error: ExchangeError) -> bool {
    matches!(
        error,
        ExchangeError::Unavailable(_) | ExchangeError::TimedOut | ExchangeError::RateLimited(_)
    )
}

//! What is promised, checked by somebody who does not know how a connection decides. It sees what is stored, what is sent
//! and what is used, and judges by the vault's clock unless it says otherwise.

mod promises;
mod waits;

use tillgate_core::{
    connection::{Connection, REFRESH_JITTER, REFRESH_MARGIN},
    exchange::ExchangeError,
    time::{DAY, HOUR, UnixTime},
};

pub(crate) use promises::*;
use waits::{wait, wait_after_deaths};

use crate::{
    isolate::MAX_AGE,
    platform::serial,
    vault::{Refusal, Rows, stored},
};

/// Longest drift between the clocks of isolates and vault, in seconds.
pub(crate) const DRIFT: u64 = 2;
/// The documented shortest and longest lifetimes that are believed, in seconds.
const LIFETIMES: (u64, u64) = (60, 366 * DAY);

/// Why something was written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cause {
    /// A call, or an exchange that begins: no token may change.
    Note,
    /// An exchange or a proof that succeeded, failed, or found the token rejected.
    Success,
    Failure,
    Disproof,
    LogIn,
    Forget,
}

/// What is known of a token.
#[derive(Clone, Default)]
struct Token {
    obtained: UnixTime,
    ends: UnixTime,
    /// In which life of the connection its exchange began.
    life: u64,
    stored: bool,
    /// The platform's API answered 401 to it.
    rejected: bool,
    /// Somebody asked for it.
    used: bool,
}

/// Who launched an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Launched {
    Caller,
    Administrator,
    Alarm,
}

#[derive(Default)]
pub(crate) struct Oracle {
    tokens: Vec<Token>,
    record: Option<Vec<u8>>,
    /// The number of the stored token; 0 for none.
    held: u64,
    /// Counts how often the connection was forgotten.
    life: u64,
    /// For how many seconds nobody has set the clocks.
    clocks_held_for: u64,
    failures: u32,
    not_before: UnixTime,
    rate_limited: bool,
    /// Exchanges in a row that were noted and whose end nobody saw, and when the last one was noted.
    deaths: u32,
    noted_at: UnixTime,
    /// Since the stored token changed: tokens issued, and excuses for more than one.
    issued: u32,
    excuses: u32,
}

impl Oracle {
    fn token(&mut self, serial: u64) -> &mut Token {
        let index = usize::try_from(serial).unwrap();
        if self.tokens.len() <= index {
            self.tokens.resize(index + 1, Token::default());
        }
        &mut self.tokens[index]
    }

    /// Whether a token is stored that has not ended.
    fn valid(&mut self, now: UnixTime) -> bool {
        let held = self.held;
        held > 0 && now < self.token(held).ends
    }

    pub(crate) fn life(&self) -> u64 {
        self.life
    }

    pub(crate) fn held(&self) -> u64 {
        self.held
    }

    pub(crate) fn not_before(&self) -> UnixTime {
        self.not_before
    }

    /// The vault's turn is over: what is stored now may have changed. Returns whether it has.
    pub(crate) fn stored(&mut self, rows: &Rows, cause: Cause) -> Result<bool, Violation> {
        if rows.record == self.record {
            return Ok(false);
        }
        self.record.clone_from(&rows.record);
        let connection = stored(rows);
        let token = connection.as_ref().and_then(token_of);
        let (before, now) = (self.held, token.unwrap_or((0, UnixTime::default())));
        self.held = now.0;
        self.compare(before, now, cause)?;
        if before != now.0 {
            (self.issued, self.excuses) = (0, 0);
        }
        Ok(true)
    }

    fn compare(&mut self, before: u64, (now, ends): (u64, UnixTime), cause: Cause) -> Checked {
        let story = format!("{cause:?}: token {before} became {now}");
        if now == 0 {
            let allowed = before == 0 || matches!(cause, Cause::Forget | Cause::Disproof);
            let rule = if matches!(cause, Cause::Failure) {
                WORSE
            } else {
                LOST
            };
            return if allowed { Ok(()) } else { broken(rule, story) };
        }
        if now < before {
            return broken(OLDER, story);
        }
        let life = self.life;
        let token = self.token(now);
        if token.life != life {
            return broken(FORGOTTEN, story);
        }
        if token.ends != ends {
            return broken(
                WORSE,
                format!("{story}, ends {ends:?} instead of {:?}", token.ends),
            );
        }
        token.stored = true;
        let renews = matches!(cause, Cause::Success | Cause::LogIn);
        if now == before || renews {
            Ok(())
        } else {
            broken(LOST, story)
        }
    }

    /// The platform issued a token; `obtained` is when its answer arrives.
    pub(crate) fn obtained(&mut self, serial: u64, life: u64, lifetime: u64, obtained: UnixTime) {
        let token = self.token(serial);
        token.life = life;
        token.obtained = obtained;
        token.ends = obtained.plus(lifetime.clamp(LIFETIMES.0, LIFETIMES.1));
    }

    /// An exchange is decided upon.
    pub(crate) fn launches(&mut self, launched: Launched, now: UnixTime) -> Checked {
        if launched != Launched::Administrator {
            self.has_reason(launched, now)?;
            self.has_waited(now)
        } else if self.rate_limited {
            self.has_waited(now)
        } else {
            Ok(())
        }
    }

    /// It begins; `held` and `life` are those that it was decided upon for.
    pub(crate) fn begins(
        &mut self,
        launched: Launched,
        (held, life): (u64, u64),
        others: usize,
    ) -> Checked {
        if others > 0 {
            return broken(ONE_AT_A_TIME, format!("{others} others are under way"));
        }
        let forgotten = held > 0 && life != self.life;
        if held != self.held || forgotten {
            return broken(NO_REASON, format!("it was decided upon for token {held}"));
        }
        self.excuses += u32::from(launched == Launched::Administrator);
        Ok(())
    }

    /// An exchange is noted: it begins, or it was cut off. From then on waits are counted if it dies.
    pub(crate) fn notes(&mut self, now: UnixTime) {
        self.noted_at = now;
    }

    fn has_reason(&mut self, launched: Launched, now: UnixTime) -> Checked {
        let held = self.held;
        let token = self.token(held).clone();
        let lifetime = token.obtained.until(token.ends);
        let earliest = REFRESH_MARGIN.min(lifetime / 4) + REFRESH_JITTER.min(lifetime / 20);
        let due = held == 0 || now >= token.ends.minus(earliest) || token.rejected;
        let wanted = launched != Launched::Alarm || token.used;
        if due && wanted {
            return Ok(());
        }
        let state = format!("token {held}, due: {due}, used: {}", token.used);
        broken(NO_REASON, state)
    }

    fn has_waited(&self, now: UnixTime) -> Checked {
        if now < self.not_before {
            let missing = now.until(self.not_before);
            return broken(BACK_OFF, format!("{missing} s before its end"));
        }
        if self.deaths < 2 {
            return Ok(());
        }
        let until = self.noted_at.plus(wait_after_deaths(self.deaths));
        if now < until {
            return broken(DEATHS, format!("{} died in a row", self.deaths));
        }
        Ok(())
    }

    /// The platform issued a token, whether or not anybody learns of it.
    pub(crate) fn issues(&mut self) -> Checked {
        self.issued += 1;
        if self.issued <= 1 + self.excuses {
            return Ok(());
        }
        let held = self.held;
        broken(ONE_EXCHANGE, format!("{} for token {held}", self.issued))
    }

    /// An exchange came to its end and was taken.
    pub(crate) fn settled(&mut self, error: Option<ExchangeError>, issued: bool, now: UnixTime) {
        self.deaths = 0;
        self.excuses += u32::from(issued && error.is_some());
        let Some(error) = error else {
            self.forgive();
            return;
        };
        self.failures += 1;
        self.rate_limited = matches!(error, ExchangeError::RateLimited(_));
        self.not_before = now.plus(wait(error, self.failures));
    }

    /// The app's breaker stopped an exchange. Its wait counts instead of any before.
    pub(crate) fn postponed(&mut self, until: UnixTime) {
        self.not_before = until;
        self.deaths = 0;
        self.rate_limited = false;
    }

    /// An exchange ended without anybody seeing how. It counts if it was noted, and against the secret that it was begun
    /// with.
    pub(crate) fn died(&mut self, counts: bool) {
        self.deaths += u32::from(counts);
        self.excuses += 1;
    }

    /// The operator put another secret: whatever was waited for may have changed.
    pub(crate) fn forgive(&mut self) {
        self.failures = 0;
        self.deaths = 0;
        self.not_before = UnixTime::default();
        self.rate_limited = false;
    }

    pub(crate) fn forgets(&mut self) {
        self.life += 1;
        self.forgive();
        (self.issued, self.excuses) = (0, 0);
    }

    /// Time passes.
    pub(crate) fn passes(&mut self, seconds: u64) {
        self.clocks_held_for = self.clocks_held_for.saturating_add(seconds);
    }

    /// Somebody sets the clocks. A wait that now seems to take an hour, jitter included, need not be kept.
    pub(crate) fn clocks_set(&mut self, now: UnixTime) {
        self.clocks_held_for = 0;
        if now.until(self.not_before.max(self.noted_at)) > HOUR - HOUR / 4 {
            self.not_before = UnixTime::default();
            self.deaths = 0;
        }
    }

    /// An isolate sends a token. `now` is by its own clock; `age` says for how many true seconds it has had it.
    pub(crate) fn uses(&mut self, serial: u64, now: UnixTime, age: u64) -> Checked {
        let clock_held = self.clocks_held_for > age;
        let token = self.token(serial);
        if now >= token.ends {
            let late = token.ends.until(now);
            return broken(ENDED, format!("token {serial}, {late} s after"));
        }
        if !token.stored {
            return broken(NOT_STORED, format!("token {serial}"));
        }
        if age > MAX_AGE && clock_held {
            return broken(LEARNS, format!("token {serial} is used for {age} s"));
        }
        Ok(())
    }

    /// The platform's API answered 401 to a token.
    pub(crate) fn rejects(&mut self, serial: u64) {
        self.token(serial).rejected = true;
    }

    /// The vault gives a token to a caller.
    pub(crate) fn gives(&mut self, serial: u64) -> Checked {
        let life = self.life;
        let token = self.token(serial);
        token.used = true;
        if token.life == life {
            return Ok(());
        }
        broken(FORGOTTEN, format!("token {serial} is given"))
    }

    /// The vault refuses a caller who needs the token.
    pub(crate) fn refuses(&mut self, refusal: Refusal, now: UnixTime) -> Checked {
        if let Refusal::Wait { until } = refusal
            && !(1..=HOUR).contains(&now.until(until))
        {
            return broken(BOUNDED, format!("{} s", now.until(until)));
        }
        if refusal != Refusal::Unreadable && self.valid(now) {
            return broken(
                REFUSED,
                format!("{refusal:?} while token {} is good", self.held),
            );
        }
        Ok(())
    }
}

fn token_of(connection: &Connection) -> Option<(u64, UnixTime)> {
    let token = connection.token(UnixTime::default())?;
    Some((serial(token.access_token()), token.expires_at()))
}

//! A connection's life: which token it has, whether it may be used, when to renew it, how long to leave a platform alone.
//!
//! A [`Connection`] is a state machine without a clock: it is asked with [`Connection::step`], told that an exchange
//! begins with [`Connection::begin`] and how it ended with [`Connection::settle`]. It does not know who waits: the one
//! slot for an exchange under way belongs to whoever drives it, and says so with [`Flight`]. What it can answer is
//! in `step` and `view`, waits between attempts are in `backoff`, the stored form is in `record`.

pub(crate) mod backoff;
mod record;
mod step;
mod ticket;
mod view;

use crate::{
    exchange::ExchangeError,
    time::{DAY, UnixTime},
    token::TokenSet,
};

pub use record::RecordError;
pub use step::{Flight, Renewal, Step};
pub use ticket::Ticket;
pub use view::{NOTICE_DAYS, State};

/// How long before its end a token is renewed, in seconds: longer than most outages, short against an hour.
pub const REFRESH_MARGIN: u64 = 300;
/// By how much that is spread at most, in seconds, so that connections of one deployment do not renew together.
pub const REFRESH_JITTER: u64 = 60;
/// How often a token that only a login can renew is proved again at the platform, in seconds.
pub const PROOF_INTERVAL: u64 = 7 * DAY;
/// How many exchanges may die without an answer (crash, eviction) before their platform is left alone for a while.
const DEATHS_AT_ONCE: u32 = 1;

/// A connection's token, its failures and its counters.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Tells this life of the connection from one before it was forgotten.
    epoch: u64,
    /// Counts tokens: every newer token has a higher number.
    generation: u64,
    held: Option<Held>,
    failure: Option<Failure>,
    attempt: Option<Attempt>,
    exchanges: u64,
    used: bool,
    login_required: bool,
    forced: backoff::Forced,
}

#[derive(Clone, Debug)]
struct Held {
    token: TokenSet,
    /// From here on the token is renewed, or proved.
    refresh_at: UnixTime,
    /// The platform answered 401 to it: it is to be replaced even though its end has not come.
    rejected: bool,
}

#[derive(Clone, Copy, Debug)]
struct Failure {
    error: ExchangeError,
    /// How many in a row.
    count: u32,
    next_attempt_at: UnixTime,
}

/// An exchange that was begun and whose end is not known yet. It is stored so that one that kills its process is not
/// repeated for ever, see [`Connection::begin`].
#[derive(Clone, Copy, Debug)]
struct Attempt {
    at: UnixTime,
    deaths: u32,
}

impl Connection {
    /// A connection that has never had a token. `epoch` is a random number.
    pub fn new(epoch: u64) -> Self {
        Self {
            epoch,
            generation: 0,
            held: None,
            failure: None,
            attempt: None,
            exchanges: 0,
            used: false,
            login_required: false,
            forced: backoff::Forced::default(),
        }
    }

    /// What to do for a caller who needs the token now.
    pub fn step(&self, now: UnixTime, renewal: Renewal, flight: Flight) -> Step {
        let waits = flight == Flight::UnderWay;
        let may_begin = !waits && self.blocked(now).is_none();
        let replaceable = renewal == Renewal::Exchange;
        match self.usable(now) {
            Some(held) if held.rejected && replaceable && (may_begin || waits) => Step::Exchange,
            Some(held) if may_begin && (now >= held.refresh_at || held.rejected) => {
                Step::UseAndRefresh
            }
            Some(_) => Step::Use,
            None if waits => Step::Exchange,
            None if renewal == Renewal::Login => Step::LoginRequired,
            None => self.blocked(now).unwrap_or(Step::Exchange),
        }
    }

    /// Whether an administrator's wish for a new exchange is granted: it may shorten our own back-off, but not a wait
    /// that the platform asked for.
    ///
    /// # Errors
    /// The [`Step::Wait`] that says until when to wait.
    pub fn may_force(&self, now: UnixTime) -> Result<(), Step> {
        match self.failure {
            Some(Failure {
                error: ExchangeError::RateLimited(_),
                ..
            }) => self.blocked(now).map_or(Ok(()), Err),
            _ => Ok(()),
        }
    }

    /// Notes that an exchange begins. Store the connection before sending the request. Who can tell that exchanges do not
    /// kill the process may do without, and note one that is cut off by calling this and storing the connection then.
    pub fn begin(&mut self, now: UnixTime) -> Ticket {
        let deaths = self
            .attempt
            .map_or(0, |attempt| attempt.deaths.saturating_add(1));
        self.attempt = Some(Attempt { at: now, deaths });
        self.ticket()
    }

    /// The ticket of the token that is held now.
    pub fn ticket(&self) -> Ticket {
        Ticket {
            epoch: self.epoch,
            generation: self.generation,
        }
    }

    /// Takes the result of an exchange. `jitter` is a random number that spreads the next renewal. Returns whether the
    /// result was taken: one that comes late, for a connection that was forgotten or already has a newer token, is not.
    pub fn settle(
        &mut self,
        ticket: Ticket,
        result: Result<TokenSet, ExchangeError>,
        now: UnixTime,
        jitter: u64,
    ) -> bool {
        if ticket != self.ticket() {
            return false;
        }
        self.attempt = None;
        match result {
            Ok(token) => self.hold(token, jitter),
            Err(error) => self.fail(error, now, jitter),
        }
        true
    }

    /// Notes that an exchange was not begun, since something beyond this connection stands in its way until then.
    pub fn postpone(&mut self, error: ExchangeError, until: UnixTime) {
        let count = self.failure.map_or(0, |failure| failure.count);
        self.failure = Some(Failure {
            error,
            count,
            next_attempt_at: until,
        });
        self.keep_token();
    }

    /// Takes a token that a login brought. It replaces whatever is held, since it is newer than all of it.
    pub fn log_in(&mut self, token: TokenSet) {
        let proof_at = token.obtained_at().plus(PROOF_INTERVAL);
        self.hold(token, 0);
        if let Some(held) = &mut self.held {
            held.refresh_at = proof_at;
        }
    }

    /// Takes the result of proving a token that only a login can renew. `Ok(false)`: the platform says that it is no
    /// longer good. A platform that could not say leaves everything as it was.
    pub fn prove(
        &mut self,
        ticket: Ticket,
        result: Result<bool, ExchangeError>,
        now: UnixTime,
        jitter: u64,
    ) {
        if ticket != self.ticket() {
            return;
        }
        self.attempt = None;
        match (result, &mut self.held) {
            (Ok(true), Some(held)) => {
                held.rejected = false;
                held.refresh_at = now.plus(PROOF_INTERVAL);
                self.failure = None;
            }
            (Ok(_), _) => {
                self.held = None;
                self.login_required = true;
                self.generation = self.generation.saturating_add(1);
            }
            (Err(error), _) => self.fail(error, now, jitter),
        }
    }

    /// Notes that the platform's API answered 401 to the token of this ticket. Returns whether that changed anything: a
    /// late 401 for an older token does not, and neither do more than a few within a short time, since a 401 can also
    /// mean that the token may not do this.
    pub fn reject(&mut self, ticket: Ticket, now: UnixTime) -> bool {
        let current = ticket == self.ticket();
        match &mut self.held {
            Some(held) if current && !held.rejected && self.forced.take(now) => {
                held.rejected = true;
                true
            }
            _ => false,
        }
    }

    /// Clears a back-off that no longer means anything, for instance because the credential was changed.
    pub fn forgive(&mut self) {
        self.failure = None;
        self.attempt = None;
    }

    /// Notes that the token was asked for. Returns whether that is news that should be stored.
    pub fn mark_used(&mut self) -> bool {
        !core::mem::replace(&mut self.used, true)
    }

    /// The token, if it may be sent now.
    pub fn token(&self, now: UnixTime) -> Option<&TokenSet> {
        self.usable(now).map(|held| &held.token)
    }

    /// From when on the token is renewed; an isolate's copy is no longer asked for then.
    pub fn refresh_at(&self) -> Option<UnixTime> {
        self.held.as_ref().map(|held| held.refresh_at)
    }

    /// When to look again without being asked: the renewal of a token that is in use. `None`: nobody needs it.
    pub fn deadline(&self) -> Option<UnixTime> {
        let held = self.held.as_ref().filter(|_| self.used)?;
        let blocked_until = self.failure.map(|failure| failure.next_attempt_at);
        let at = blocked_until.map_or(held.refresh_at, |until| until.max(held.refresh_at));
        (at < held.token.expires_at()).then_some(at)
    }

    fn usable(&self, now: UnixTime) -> Option<&Held> {
        self.held
            .as_ref()
            .filter(|held| now < held.token.expires_at())
    }

    /// The step that says to wait, while it is too early for another attempt.
    fn blocked(&self, now: UnixTime) -> Option<Step> {
        let failed = self
            .failure
            .map(|failure| (failure.error, failure.next_attempt_at));
        let died = self
            .attempt
            .filter(|attempt| attempt.deaths >= DEATHS_AT_ONCE)
            .map(|attempt| {
                let error = ExchangeError::Unavailable(None);
                let wait = backoff::seconds(error, attempt.deaths.saturating_add(1), 0);
                (error, attempt.at.plus(wait))
            });
        let mut waits = [failed, died].into_iter().flatten();
        waits
            .find(|(_, until)| backoff::holds(*until, now))
            .map(|(error, until)| Step::Wait { error, until })
    }

    fn hold(&mut self, token: TokenSet, jitter: u64) {
        let lifetime = token.obtained_at().until(token.expires_at());
        let refresh_at = token.expires_at().minus(margin(lifetime, jitter));
        self.held = Some(Held {
            token,
            refresh_at,
            rejected: false,
        });
        self.generation = self.generation.saturating_add(1);
        self.exchanges = self.exchanges.saturating_add(1);
        self.failure = None;
        self.attempt = None;
        self.used = false;
        self.login_required = false;
    }

    fn fail(&mut self, error: ExchangeError, now: UnixTime, jitter: u64) {
        let count = self
            .failure
            .map_or(1, |failure| failure.count.saturating_add(1));
        let next_attempt_at = now.plus(backoff::seconds(error, count, jitter));
        self.failure = Some(Failure {
            error,
            count,
            next_attempt_at,
        });
        self.keep_token();
    }

    /// Goes on with the old token after a failure. It may be as good as ever: a 401 can also mean that it may not do this.
    fn keep_token(&mut self) {
        self.attempt = None;
        if let Some(held) = &mut self.held {
            held.rejected = false;
        }
    }
}

/// How long before its end a token of this lifetime is renewed, in seconds: [`REFRESH_MARGIN`] and up to
/// [`REFRESH_JITTER`], for short lifetimes a quarter and up to a twentieth of it.
fn margin(lifetime: u64, jitter: u64) -> u64 {
    let spread = REFRESH_JITTER.min(lifetime / 20);
    let jitter = jitter.checked_rem(spread.saturating_add(1)).unwrap_or(0);
    REFRESH_MARGIN.min(lifetime / 4).saturating_add(jitter)
}

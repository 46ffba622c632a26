//! The vault as `worker/src/vault` and `worker/vault.js` run it, around the real [`Connection`]: what is stored outlives a
//! restart, the one slot for an exchange does not. Every function is one turn: nothing can come in between.
//!
//! [`Defect`]s are put here, into the driver: the tests show that the simulation finds each of them.

mod rows;

use tillgate_core::{
    connection::{Connection, Flight as Slot, RecordError, Renewal, Step, Ticket},
    exchange::ExchangeError,
    time::UnixTime,
    token::TokenSet,
};

pub(crate) use rows::{Rows, stored};
use rows::{read, write};

use crate::{
    moves::{Random, Release},
    platform::serial,
};

/// A bug in whatever drives a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    None,
    /// Every caller starts an exchange of their own.
    NoFlightSlot,
    /// A result is taken whatever has happened to the connection in the meantime.
    NoTicketCheck,
    /// The exchange writes back the copy that it began with.
    StaleCopyWritten,
    /// An exchange begins although the connection has changed since that was decided.
    StaleDecision,
    /// What was decided is stored some time after it was told.
    WriteAfterReply,
    /// A restart begins without the failures before it.
    BackOffForgottenOnRestart,
    /// The attempt is not stored before the request is sent.
    AttemptNotStored,
    /// An exchange whose beginning was not noted is cut off, and that is not noted either.
    CutNotNoted,
    /// A failed exchange starts the connection anew.
    FailureDropsToken,
    /// A 401 counts against whatever token is held, not against the one that it was for.
    LateRejectionBelieved,
    /// An exchange ends with the call that began it.
    FlightBelongsToCaller,
    /// An exchange that traps wakes nobody.
    NobodyWokenAfterTrap,
    /// A record of another version is taken for none.
    OtherVersionOverwritten,
    /// An isolate keeps a copy for its full age, even beyond the token's end.
    CopyOutlivesToken,
}

/// Who asks for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    Token { rejected: Option<String> },
    Refresh,
    Forget,
}

#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Token(Supply),
    Refused(Refusal),
    Done,
}

/// A token on its way to an isolate.
#[derive(Clone, Debug)]
pub(crate) struct Supply {
    pub(crate) serial: u64,
    pub(crate) ticket: String,
    pub(crate) refresh_at: UnixTime,
    pub(crate) expires_at: UnixTime,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Wait { until: UnixTime },
    LoginRequired,
    Failed,
    Unreadable,
    VaultLost,
}

/// What a call comes to; without a reply the caller waits for the flight.
pub(crate) struct Outcome {
    pub(crate) reply: Option<Reply>,
    pub(crate) launch: bool,
}

impl Outcome {
    fn reply(reply: Reply) -> Self {
        Self {
            reply: Some(reply),
            launch: false,
        }
    }

    fn refused(refusal: Refusal) -> Self {
        Self::reply(Reply::Refused(refusal))
    }
}

/// An exchange, or a proof, that has begun.
pub(crate) struct Begun {
    pub(crate) ticket: Ticket,
    /// The token to prove, on a platform where only a login brings one.
    pub(crate) proves: Option<u64>,
    /// Whether it has to be noted before its request is sent.
    pub(crate) noted: bool,
    /// For [`Defect::StaleCopyWritten`].
    copy: Connection,
}

pub(crate) struct Vault {
    pub(crate) rows: Rows,
    pub(crate) renewal: Renewal,
    pub(crate) release: Release,
    /// Stands for the configured client secret.
    pub(crate) secret: u64,
    pub(crate) defect: Defect,
    pub(crate) random: Random,
    /// For [`Defect::WriteAfterReply`]: what is decided and not stored yet.
    unwritten: Option<Rows>,
    /// Whether an exchange has come to its end since the last restart, so that exchanges are not what kills the vault.
    survived: bool,
}

impl Vault {
    pub(crate) fn new(renewal: Renewal, defect: Defect, seed: u64) -> Self {
        Self {
            rows: Rows::default(),
            renewal,
            release: Release::Current,
            secret: 0,
            defect,
            random: Random::new(!seed),
            unwritten: None,
            survived: false,
        }
    }

    /// Decides about a message.
    pub(crate) fn call(
        &mut self,
        message: &Message,
        slot: Slot,
        waited: bool,
        now: UnixTime,
    ) -> Outcome {
        let slot = match self.defect {
            Defect::NoFlightSlot => Slot::None,
            _ => slot,
        };
        let called = match message {
            Message::Token { rejected } => self.token(rejected.as_deref(), slot, waited, now),
            Message::Refresh => self.refresh(slot, waited, now),
            Message::Forget => {
                self.rows = Rows::default();
                self.unwritten = None;
                Ok(Outcome::reply(Reply::Done))
            }
        };
        called.unwrap_or_else(|_| Outcome::refused(Refusal::Unreadable))
    }

    fn token(
        &mut self,
        rejected: Option<&str>,
        slot: Slot,
        waited: bool,
        now: UnixTime,
    ) -> Result<Outcome, RecordError> {
        let mut connection = self.load_or_new()?;
        let rejected = rejected.filter(|_| !waited).and_then(Ticket::parse);
        let rejected = rejected.map(|ticket| match self.defect {
            Defect::LateRejectionBelieved => connection.ticket(),
            _ => ticket,
        });
        if rejected.is_some_and(|ticket| connection.reject(ticket, now)) {
            self.save(&connection);
        }
        let step = connection.step(now, self.renewal, slot);
        Ok(match step {
            Step::UseAndRefresh if rejected.is_some() => wait(slot),
            Step::Use if rejected == Some(connection.ticket()) && slot == Slot::UnderWay => {
                wait(slot)
            }
            Step::Use | Step::UseAndRefresh => Outcome {
                reply: Some(self.supply(&mut connection, now)),
                launch: step == Step::UseAndRefresh,
            },
            Step::Exchange => wait(slot),
            Step::Wait { until, .. } => Outcome::refused(Refusal::Wait { until }),
            Step::LoginRequired => Outcome::refused(Refusal::LoginRequired),
        })
    }

    fn supply(&mut self, connection: &mut Connection, now: UnixTime) -> Reply {
        if connection.mark_used() {
            self.save(connection);
        }
        let token = connection.token(now).unwrap();
        Reply::Token(Supply {
            serial: serial(token.access_token()),
            ticket: connection.ticket().to_string(),
            refresh_at: connection.refresh_at().unwrap(),
            expires_at: token.expires_at(),
        })
    }

    fn refresh(&mut self, slot: Slot, waited: bool, now: UnixTime) -> Result<Outcome, RecordError> {
        let connection = self.load_or_new()?;
        if waited {
            return Ok(match connection.last_error() {
                Some(_) => Outcome::refused(Refusal::Failed),
                None => Outcome::reply(Reply::Done),
            });
        }
        let step = connection.step(now, self.renewal, slot);
        let refused = match step {
            Step::LoginRequired => Err(step),
            _ => connection.may_force(now),
        };
        Ok(match refused {
            Ok(()) => wait(slot),
            Err(Step::Wait { until, .. }) => Outcome::refused(Refusal::Wait { until }),
            Err(_) => Outcome::refused(Refusal::LoginRequired),
        })
    }

    /// What to do when the alarm rings: whether an exchange is to be launched.
    pub(crate) fn alarm(&mut self, slot: Slot, now: UnixTime) -> bool {
        let Ok(Some(connection)) = self.load() else {
            return false;
        };
        if connection.step(now, self.renewal, slot) == Step::UseAndRefresh {
            return true;
        }
        self.rows.alarm = connection.deadline().filter(|at| *at > now);
        false
    }

    /// What an exchange that is launched now sets out from.
    pub(crate) fn ticket(&self) -> Option<Ticket> {
        let connection = self.load().ok().flatten();
        connection.map(|connection| connection.ticket())
    }

    /// The app's breaker stops an exchange that was launched.
    pub(crate) fn postpone(&mut self, launched_from: Option<Ticket>, until: UnixTime) {
        if self.ticket() != launched_from {
            return;
        }
        if let Ok(mut connection) = self.load_or_new() {
            connection.postpone(ExchangeError::Unavailable(None), until);
            self.save(&connection);
        }
    }

    /// An exchange begins. `None`: there is nothing to exchange or prove, or not any more.
    pub(crate) fn begin(&mut self, launched_from: Option<Ticket>, now: UnixTime) -> Option<Begun> {
        if self.ticket() != launched_from && self.defect != Defect::StaleDecision {
            return None;
        }
        let noted = !(self.survived && self.load().is_ok_and(|stored| stored.is_some()));
        let mut connection = self.load_or_new().ok()?;
        let proves = match self.renewal {
            Renewal::Exchange => None,
            Renewal::Login => Some(serial(connection.token(now)?.access_token())),
        };
        let ticket = connection.begin(now);
        if noted && self.defect != Defect::AttemptNotStored {
            self.save(&connection);
        }
        Some(Begun {
            ticket,
            proves,
            noted,
            copy: connection,
        })
    }

    /// The answer to an exchange has arrived.
    pub(crate) fn settle(
        &mut self,
        begun: &Begun,
        result: Result<TokenSet, ExchangeError>,
        now: UnixTime,
    ) {
        let jitter = self.random.next();
        self.finish(begun, |connection, ticket, defect| {
            match (&result, defect) {
                (Err(_), Defect::FailureDropsToken) => {
                    *connection = Connection::new(jitter);
                    connection.settle(connection.ticket(), result, now, jitter);
                }
                _ => {
                    connection.settle(ticket, result, now, jitter);
                }
            }
        });
    }

    /// The answer to a proof has arrived.
    pub(crate) fn prove(
        &mut self,
        begun: &Begun,
        result: Result<bool, ExchangeError>,
        now: UnixTime,
    ) {
        self.finish(begun, |connection, ticket, _| {
            connection.prove(ticket, result, now, 0);
        });
    }

    fn finish(&mut self, begun: &Begun, change: impl FnOnce(&mut Connection, Ticket, Defect)) {
        let loaded = match self.defect {
            Defect::StaleCopyWritten => Some(begun.copy.clone()),
            _ => self.load().ok().flatten(),
        };
        let Some(mut connection) = loaded else { return };
        let ticket = match self.defect {
            Defect::NoTicketCheck => connection.ticket(),
            _ => begun.ticket,
        };
        change(&mut connection, ticket, self.defect);
        let before = self.rows.clone();
        self.save(&connection);
        if self.defect == Defect::WriteAfterReply {
            self.unwritten = Some(core::mem::replace(&mut self.rows, before));
        }
    }

    /// A merchant has logged in.
    pub(crate) fn log_in(&mut self, token: TokenSet) -> Result<(), RecordError> {
        let mut connection = self.load_or_new()?;
        connection.log_in(token);
        self.save(&connection);
        Ok(())
    }

    /// An exchange has come to its end, whatever that was.
    pub(crate) fn landed(&mut self) {
        self.survived = true;
    }

    /// An exchange is cut off. Whether that has to be noted now, because its beginning was not.
    pub(crate) fn cut(&mut self, now: UnixTime) -> bool {
        if !core::mem::take(&mut self.survived) {
            return false;
        }
        let Ok(Some(mut connection)) = self.load() else {
            return false;
        };
        connection.begin(now);
        if self.defect != Defect::CutNotNoted {
            self.save(&connection);
        }
        true
    }

    /// Everything in memory is gone.
    pub(crate) fn restart(&mut self) {
        (self.unwritten, self.survived) = (None, false);
        if self.defect == Defect::BackOffForgottenOnRestart
            && let Ok(Some(mut connection)) = self.load()
        {
            connection.forgive();
            self.save(&connection);
        }
    }

    /// For [`Defect::WriteAfterReply`]: the write comes after all.
    pub(crate) fn write_late(&mut self) {
        if let Some(rows) = self.unwritten.take() {
            self.rows = rows;
        }
    }

    fn load_or_new(&mut self) -> Result<Connection, RecordError> {
        match self.load() {
            Ok(Some(connection)) => Ok(connection),
            Ok(None) => Ok(Connection::new(self.random.next())),
            Err(_) if self.defect == Defect::OtherVersionOverwritten => {
                Ok(Connection::new(self.random.next()))
            }
            Err(error) => Err(error),
        }
    }

    /// The stored connection, as this release reads it. Another secret than last time ends its back-off.
    fn load(&self) -> Result<Option<Connection>, RecordError> {
        let rows = self.unwritten.as_ref().unwrap_or(&self.rows);
        let Some(record) = &rows.record else {
            return Ok(None);
        };
        let mut connection = read(self.release, record)?;
        if rows.secret.is_some_and(|secret| secret != self.secret) {
            connection.forgive();
        }
        Ok(Some(connection))
    }

    fn save(&mut self, connection: &Connection) {
        self.unwritten = None;
        self.rows = Rows {
            record: Some(write(self.release, connection)),
            secret: Some(self.secret),
            alarm: connection.deadline(),
        };
    }
}

fn wait(slot: Slot) -> Outcome {
    Outcome {
        reply: None,
        launch: slot == Slot::None,
    }
}

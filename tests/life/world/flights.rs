//! Exchanges and proofs under way: from their launch to their end, good or bad.

use tillgate_core::{
    connection::{Renewal, Ticket},
    exchange::ExchangeError,
    time::UnixTime,
};

use super::{BREAKER_WAIT, World, calls::Place};
use crate::{
    moves::Mood,
    oracle::{Cause, Checked, Launched, Violation},
    platform::Answer,
    vault::{Begun, Defect},
};

/// An exchange or a proof.
pub(super) struct Flight {
    pub(super) owner: Option<u64>,
    pub(super) life: u64,
    /// The token that was stored when it was launched.
    pub(super) held: u64,
    /// The client secret it was begun with.
    pub(super) secret: u64,
    pub(super) stage: Stage,
}

/// How far it is.
pub(super) enum Stage {
    /// It asks the app's breaker.
    Launched(Launched, Option<Ticket>),
    Begun(Begun),
    Sent(Begun, Sent),
    Landed,
}

/// What the platform has been asked, and what it answered.
pub(super) enum Sent {
    Exchange(Answer),
    Proof(Result<bool, ExchangeError>),
}

impl Sent {
    /// The answer has not come in time.
    pub(super) fn time_out(&mut self) {
        match self {
            Self::Exchange(answer) => answer.response = Err(ExchangeError::TimedOut),
            Self::Proof(result) => *result = Err(ExchangeError::TimedOut),
        }
    }
}
impl World {
    pub(super) fn launch(&mut self, launched: Launched, owner: Option<u64>) -> Checked {
        if self.vault.renewal == Renewal::Exchange {
            self.oracle.launches(launched, self.now())?;
        }
        self.tell(|| format!("an exchange is launched by {launched:?}"));
        self.flights.push(Flight {
            owner,
            life: self.oracle.life(),
            secret: self.vault.secret,
            held: self.oracle.held(),
            stage: Stage::Launched(launched, self.vault.ticket()),
        });
        Ok(())
    }

    /// The exchange goes on by one stage.
    pub(super) fn fly(&mut self, which: usize) -> Checked {
        self.vault.write_late();
        self.oracle.stored(&self.vault.rows, Cause::Success)?;
        if self.flights.is_empty() {
            return Ok(());
        }
        let index = which % self.flights.len();
        let mut flight = self.flights.remove(index);
        let stage = std::mem::replace(&mut flight.stage, Stage::Landed);
        let next = match stage {
            Stage::Launched(launched, from) => self.begin(&mut flight, launched, from)?,
            Stage::Begun(begun) => self.send(begun, flight.life)?,
            Stage::Sent(begun, sent) => self.settle(&flight, &begun, sent)?,
            Stage::Landed => return self.wake(),
        };
        if matches!(next, Stage::Landed) {
            self.vault.landed();
        }
        flight.stage = next;
        self.flights.insert(index, flight);
        Ok(())
    }

    pub(super) fn begin(
        &mut self,
        flight: &mut Flight,
        launched: Launched,
        from: Option<Ticket>,
    ) -> Result<Stage, Violation> {
        let now = self.now();
        let exchanges = self.vault.renewal == Renewal::Exchange;
        if self.platform.mood == Mood::Tripped && exchanges && launched != Launched::Administrator {
            return self.postpone(from, now);
        }
        let Some(begun) = self.vault.begin(from, now) else {
            self.disturbances += 1;
            return Ok(Stage::Landed);
        };
        let under_way =
            |flight: &&Flight| matches!(flight.stage, Stage::Begun(_) | Stage::Sent(..));
        let others = self.flights.iter().filter(under_way).count();
        if exchanges {
            let decided_for = (flight.held, flight.life);
            self.oracle.begins(launched, decided_for, others)?;
        }
        if begun.noted && exchanges {
            self.oracle.notes(now);
        }
        (flight.life, flight.secret) = (self.oracle.life(), self.vault.secret);
        self.oracle.stored(&self.vault.rows, Cause::Note)?;
        self.tell(|| "the exchange begins".into());
        Ok(Stage::Begun(begun))
    }

    pub(super) fn postpone(
        &mut self,
        from: Option<Ticket>,
        now: UnixTime,
    ) -> Result<Stage, Violation> {
        let until = now.plus(BREAKER_WAIT);
        self.vault.postpone(from, until);
        if self.oracle.stored(&self.vault.rows, Cause::Failure)? {
            self.oracle.postponed(until);
        }
        self.tell(|| "the breaker stops the exchange".into());
        Ok(Stage::Landed)
    }

    pub(super) fn send(&mut self, begun: Begun, life: u64) -> Result<Stage, Violation> {
        let sent = match begun.proves {
            Some(serial) => {
                self.tally.proofs += 1;
                Sent::Proof(self.platform.prove(serial, self.true_now))
            }
            None => {
                self.tally.exchanges += 1;
                let answer = self.platform.answer(self.true_now);
                if answer.issued.is_some() && life == self.oracle.life() {
                    self.oracle.issues()?;
                }
                Sent::Exchange(answer)
            }
        };
        self.tell(|| match &sent {
            Sent::Proof(result) => format!("the platform is asked for the merchant: {result:?}"),
            Sent::Exchange(answer) => format!("the platform is asked for a token: {answer:?}"),
        });
        Ok(Stage::Sent(begun, sent))
    }

    pub(super) fn settle(
        &mut self,
        flight: &Flight,
        begun: &Begun,
        sent: Sent,
    ) -> Result<Stage, Violation> {
        let now = self.now();
        match sent {
            Sent::Proof(result) => {
                self.vault.prove(begun, result, now);
                let cause = match result {
                    Ok(false) if begun.proves == Some(self.oracle.held()) => Cause::Disproof,
                    _ => Cause::Failure,
                };
                self.oracle.stored(&self.vault.rows, cause)?;
            }
            Sent::Exchange(answer) => {
                let (issued, lifetime) = (answer.issued, answer.lifetime);
                let result = self.platform.read(answer, now);
                if let (Some(serial), Ok(_)) = (issued, &result) {
                    self.oracle.obtained(serial, flight.life, lifetime, now);
                }
                let error = result.as_ref().err().copied();
                self.vault.settle(begun, result, now);
                let cause = error.map_or(Cause::Success, |_| Cause::Failure);
                match self.oracle.stored(&self.vault.rows, cause)? {
                    true => self.oracle.settled(error, issued.is_some(), now),
                    false => self.came_to_nothing(flight, begun.noted),
                }
            }
        }
        self.tell(|| "the answer is taken".into());
        Ok(Stage::Landed)
    }

    pub(super) fn came_to_nothing(&mut self, flight: &Flight, noted: bool) {
        self.tally.died += 1;
        self.disturbances += 1;
        if flight.life == self.oracle.life() {
            self.oracle
                .died(noted && flight.secret == self.vault.secret);
        }
    }

    /// Everything that was not stored is gone; who waited asks once more.
    pub(super) fn restart_vault(&mut self) -> Checked {
        self.tell(|| "the vault restarts".into());
        self.bury_flights(false);
        self.vault.restart();
        self.oracle.stored(&self.vault.rows, Cause::Note)?;
        self.fail_waiting(|_| true);
        Ok(())
    }

    /// The exchange traps. Who began it, or has waited before, is told so; the others look again.
    pub(super) fn cut_flight(&mut self) -> Checked {
        if self.flights.is_empty() {
            return Ok(());
        }
        self.tell(|| "the exchange is cut off".into());
        let now = self.now();
        let noted = self.vault.cut(now);
        if noted && self.vault.renewal == Renewal::Exchange {
            self.oracle.notes(now);
        }
        self.oracle.stored(&self.vault.rows, Cause::Note)?;
        self.bury_flights(noted);
        if self.vault.defect == Defect::NobodyWokenAfterTrap {
            return Ok(());
        }
        self.fail_waiting(|call| {
            call.waits > 1 || matches!(call.place, Place::Waiting { launched: true })
        });
        self.wake()
    }

    /// `noted`: that they end so was noted just now.
    pub(super) fn bury_flights(&mut self, noted: bool) {
        self.disturbances += 1;
        for flight in std::mem::take(&mut self.flights) {
            if let Stage::Begun(begun) | Stage::Sent(begun, _) = &flight.stage
                && begun.proves.is_none()
            {
                self.came_to_nothing(&flight, noted || begun.noted);
            }
        }
    }
}

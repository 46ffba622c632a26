//! Calls: from a client to an isolate, to the vault if need be, to the platform's API, and back.

use super::{ISOLATES, MAX_CALLS, World};
use crate::{
    oracle::{Cause, Checked, Launched, Violation, WAITER, broken},
    vault::{Defect, Message, Refusal, Reply, Supply},
};

/// Somebody's call on its way.
pub(super) struct Call {
    pub(super) id: u64,
    pub(super) isolate: usize,
    pub(super) message: Message,
    pub(super) forbidden: bool,
    pub(super) place: Place,
    /// How often it has waited for an exchange, and what happened meanwhile that may make it wait once more.
    pub(super) waits: u32,
    pub(super) disturbances_before: u32,
    /// How often the platform's API and the vault have been asked.
    pub(super) tried: u32,
    pub(super) lost: u32,
}

pub(super) enum Place {
    /// At its isolate, which looks at its memory.
    Arrived,
    /// On the way to the vault.
    ToVault,
    /// At the vault, waiting for an exchange; `launched`: it is its own.
    Waiting { launched: bool },
    /// On the way back.
    Returning(Reply),
    /// On the way to the platform's API.
    AtApi { serial: u64, ticket: String },
}

impl World {
    pub(super) fn request(&mut self, isolate: usize, message: Message, forbidden: bool) {
        if self.calls.len() >= MAX_CALLS {
            return;
        }
        let (id, isolate) = (self.next_call, isolate % ISOLATES);
        self.next_call += 1;
        self.tell(|| format!("call {id} arrives at isolate {isolate}: {message:?}"));
        self.calls.push_back(Call {
            id,
            isolate,
            message,
            forbidden,
            place: Place::Arrived,
            waits: 0,
            disturbances_before: self.disturbances,
            tried: 0,
            lost: 0,
        });
    }

    /// One call goes on, if it does not wait.
    pub(super) fn deliver(&mut self, which: usize) -> Checked {
        let ready = |call: &Call| !matches!(call.place, Place::Waiting { .. });
        let count = self.calls.iter().filter(|call| ready(call)).count();
        if count == 0 {
            return Ok(());
        }
        let mut indices = (0..self.calls.len()).filter(|index| ready(&self.calls[*index]));
        let index = indices.nth(which % count).unwrap();
        let mut call = self.calls.remove(index).unwrap();
        let place = std::mem::replace(&mut call.place, Place::Arrived);
        let next = match place {
            Place::Arrived => self.at_isolate(&call)?,
            Place::ToVault => self.at_vault(&mut call)?,
            Place::Returning(reply) => self.returned(&mut call, reply)?,
            Place::AtApi { serial, ticket } => self.at_api(&mut call, serial, ticket)?,
            Place::Waiting { .. } => unreachable!("it is not ready"),
        };
        if let Some(place) = next {
            self.calls.push_back(Call { place, ..call });
        }
        Ok(())
    }

    pub(super) fn at_isolate(&mut self, call: &Call) -> Result<Option<Place>, Violation> {
        let now = self.isolate_now(call.isolate);
        let copy = match call.message {
            Message::Token { .. } => self.isolates[call.isolate].copy(now),
            _ => None,
        };
        let Some(copy) = copy else {
            return Ok(Some(Place::ToVault));
        };
        self.tell(|| format!("call {} uses token {} from memory", call.id, copy.serial));
        self.oracle
            .uses(copy.serial, now, self.true_now - copy.since)?;
        Ok(Some(Place::AtApi {
            serial: copy.serial,
            ticket: copy.ticket,
        }))
    }

    pub(super) fn at_vault(&mut self, call: &mut Call) -> Result<Option<Place>, Violation> {
        let now = self.now();
        let outcome = self
            .vault
            .call(&call.message, self.slot(), call.waits > 0, now);
        self.oracle.stored(&self.vault.rows, Cause::Note)?;
        match &outcome.reply {
            Some(Reply::Refused(refusal)) if call.message != Message::Refresh => {
                self.tally.refused += 1;
                self.oracle.refuses(*refusal, now)?;
            }
            Some(Reply::Token(supply)) => self.oracle.gives(supply.serial)?,
            _ => {}
        }
        if outcome.launch {
            let launched = match call.message {
                Message::Refresh => Launched::Administrator,
                _ => Launched::Caller,
            };
            self.launch(launched, Some(call.id))?;
        }
        self.tell(|| match &outcome.reply {
            Some(reply) => format!("the vault replies to call {}: {reply:?}", call.id),
            None => format!("call {} waits", call.id),
        });
        let launched = outcome.launch;
        Ok(Some(match outcome.reply {
            Some(reply) => Place::Returning(reply),
            None => {
                call.waits += 1;
                self.tally.waited += 1;
                self.waits_are_bounded(call)?;
                Place::Waiting { launched }
            }
        }))
    }

    /// An exchange under way that the call joins, its own, and one more for each that came to nothing.
    pub(super) fn waits_are_bounded(&self, call: &Call) -> Checked {
        let disturbed = self.disturbances - call.disturbances_before;
        if call.waits <= 2 + disturbed {
            return Ok(());
        }
        broken(
            WAITER,
            format!("call {} waits for exchange {}", call.id, call.waits),
        )
    }

    pub(super) fn returned(
        &mut self,
        call: &mut Call,
        reply: Reply,
    ) -> Result<Option<Place>, Violation> {
        let Reply::Token(supply) = reply else {
            return Ok(None);
        };
        let rejected = match &call.message {
            Message::Token { rejected } => rejected.clone(),
            _ => None,
        };
        if rejected.as_ref() == Some(&supply.ticket) {
            return Ok(None);
        }
        self.use_supply(call, &supply).map(Some)
    }

    pub(super) fn use_supply(&mut self, call: &Call, supply: &Supply) -> Result<Place, Violation> {
        let now = self.isolate_now(call.isolate);
        let defect = self.vault.defect;
        let copy = self.isolates[call.isolate].keep(supply, now, self.true_now, defect);
        // The reply may be a little older than the token's end, but no token is sent on purpose once it has ended.
        if now < supply.expires_at || defect == Defect::CopyOutlivesToken {
            self.oracle.uses(copy.serial, now, 0)?;
        }
        self.tell(|| format!("call {} uses token {}", call.id, copy.serial));
        Ok(Place::AtApi {
            serial: copy.serial,
            ticket: copy.ticket,
        })
    }

    pub(super) fn at_api(
        &mut self,
        call: &mut Call,
        serial: u64,
        ticket: String,
    ) -> Result<Option<Place>, Violation> {
        if self.platform.accepts(serial, self.true_now) && !call.forbidden {
            self.tally.served += 1;
            self.tell(|| format!("call {} is served", call.id));
            return Ok(None);
        }
        self.tell(|| {
            format!(
                "the API answers 401 to call {} with token {serial}",
                call.id
            )
        });
        self.oracle.rejects(serial);
        self.tally.rejected += 1;
        self.disturbances += 1;
        call.tried += 1;
        if call.tried > 1 {
            return Ok(None);
        }
        self.isolates[call.isolate].forget();
        call.waits = 0;
        call.disturbances_before = self.disturbances;
        call.message = Message::Token {
            rejected: Some(ticket),
        };
        Ok(Some(Place::ToVault))
    }

    /// Those who wait look again, one after the other and before anything else happens.
    pub(super) fn wake(&mut self) -> Checked {
        self.tell(|| "those who wait are woken".into());
        let waiting = |call: &Call| matches!(call.place, Place::Waiting { .. });
        let ids = self.calls.iter().filter(|call| waiting(call));
        for id in ids.map(|call| call.id).collect::<Vec<_>>() {
            let index = self.calls.iter().position(|call| call.id == id).unwrap();
            let mut call = self.calls.remove(index).unwrap();
            if let Some(place) = self.at_vault(&mut call)? {
                self.calls.push_back(Call { place, ..call });
            }
        }
        Ok(())
    }

    pub(super) fn disconnect(&mut self, which: usize) {
        if self.calls.is_empty() {
            return;
        }
        let call = self.calls.remove(which % self.calls.len()).unwrap();
        self.tell(|| format!("the client of call {} goes away", call.id));
        if self.vault.defect == Defect::FlightBelongsToCaller {
            self.flights.retain(|flight| flight.owner != Some(call.id));
        }
    }

    /// The vault fails those who wait and whom this concerns; each asks once more, then gets an answer that says so.
    pub(super) fn fail_waiting(&mut self, concerns: impl Fn(&Call) -> bool) {
        self.calls.retain_mut(|call| {
            if matches!(call.place, Place::Waiting { .. }) && concerns(call) {
                call.lost += 1;
                call.waits = 0;
                call.place = match call.lost {
                    1 => Place::ToVault,
                    _ => Place::Returning(Reply::Refused(Refusal::VaultLost)),
                };
            }
            true
        });
    }

    pub(super) fn nobody_waits_for_nothing(&self) -> Checked {
        let waiting = |call: &&Call| matches!(call.place, Place::Waiting { .. });
        match self.calls.iter().find(waiting) {
            Some(call) if self.flights.is_empty() => {
                broken(WAITER, format!("call {} waits for nothing", call.id))
            }
            _ => Ok(()),
        }
    }
}

//! Isolates, one vault, the platform and the clocks, and what one move does to them.

mod calls;
mod flights;

use std::collections::VecDeque;

use tillgate_core::{
    connection::{Flight as Slot, Renewal},
    time::{DAY, HOUR, UnixTime},
    token::TokenSet,
};

use self::{
    calls::Call,
    flights::{Flight, Stage},
};
use crate::{
    isolate::Isolate,
    moves::{Due, Mood, Move},
    oracle::{BOUNDED, Cause, Checked, DRIFT, Launched, Oracle, RECOVERY, broken},
    platform::{self, Platform},
    tally::Tally,
    vault::{Defect, Message, Vault, stored},
};

/// When a run begins, in true time.
const START: u64 = 1_800_000_000;
/// How many isolates there are.
const ISOLATES: usize = 4;
/// Longest time in seconds for a whole token request; the worker's `send` sees to it.
const EXCHANGE_DEADLINE: u64 = 10;
/// For how many seconds a breaker that has tripped stops exchanges.
const BREAKER_WAIT: u64 = 30;
/// Most calls at once; more clients are not let in.
const MAX_CALLS: usize = 24;

pub(crate) struct World {
    true_now: u64,
    clocks_ahead: i64,
    isolates: Vec<Isolate>,
    calls: VecDeque<Call>,
    next_call: u64,
    flights: Vec<Flight>,
    vault: Vault,
    platform: Platform,
    oracle: Oracle,
    /// What may make a call wait once more: a forgotten connection, a rejected token, an exchange that was cut off.
    disturbances: u32,
    pub(crate) tally: Tally,
    /// Lines for a reader, if there is one.
    pub(crate) story: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64, defect: Defect) -> Self {
        let renewal = if seed % 4 == 3 {
            Renewal::Login
        } else {
            Renewal::Exchange
        };
        let ahead =
            |index: usize| i64::try_from(index).unwrap() % 5 - i64::try_from(DRIFT).unwrap();
        let isolates = (0..ISOLATES).map(|index| Isolate::new(ahead(index)));
        Self {
            true_now: START,
            clocks_ahead: 0,
            isolates: isolates.collect(),
            calls: VecDeque::new(),
            next_call: 1,
            flights: Vec::new(),
            vault: Vault::new(renewal, defect, seed),
            platform: Platform::new(),
            oracle: Oracle::default(),
            disturbances: 0,
            tally: Tally::default(),
            story: None,
        }
    }

    fn tell(&mut self, line: impl FnOnce() -> String) {
        if let Some(story) = &mut self.story {
            story.push(format!("{:>8} s  {}", self.true_now - START, line()));
        }
    }

    /// The vault's clock.
    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.true_now.saturating_add_signed(self.clocks_ahead))
    }

    fn isolate_now(&self, isolate: usize) -> UnixTime {
        let ahead = self.clocks_ahead + self.isolates[isolate].ahead;
        UnixTime::from_seconds(self.true_now.saturating_add_signed(ahead))
    }

    fn slot(&self) -> Slot {
        match self.flights.is_empty() {
            true => Slot::None,
            false => Slot::UnderWay,
        }
    }

    /// Carries out one move.
    pub(crate) fn apply(&mut self, next: Move) -> Checked {
        match next {
            Move::Request { isolate, forbidden } => {
                self.request(
                    usize::from(isolate),
                    Message::Token { rejected: None },
                    forbidden,
                );
            }
            Move::Refresh { isolate } => {
                self.request(usize::from(isolate), Message::Refresh, false)
            }
            Move::Deliver(which) => self.deliver(usize::from(which))?,
            Move::Fly(which) => self.fly(usize::from(which))?,
            Move::Pass(seconds) => self.pass(u64::from(seconds))?,
            Move::PassUntil(due, offset) => self.pass_until(due, offset)?,
            Move::SetClocks(by) => self.set_clocks(by),
            Move::Platform(mood) => {
                self.platform.mood = mood;
                self.tell(|| format!("the platform is {mood:?}"));
            }
            Move::Revoke => {
                self.platform.revoke_all();
                self.tell(|| "the platform revokes all tokens".into());
            }
            Move::Disconnect(which) => self.disconnect(usize::from(which)),
            Move::RestartVault => self.restart_vault()?,
            Move::CutFlight => self.cut_flight()?,
            Move::RestartIsolate(which) => self.restart_isolate(usize::from(which)),
            Move::Alarm => self.alarm()?,
            Move::Forget => self.forget()?,
            Move::ChangeSecret { right } => {
                self.vault.secret += 1;
                self.disturbances += 1;
                self.platform.secret_right = right;
                self.oracle.forgive();
                self.tell(|| format!("the operator puts another secret, right: {right}"));
            }
            Move::Deploy(release) => {
                self.vault.release = release;
                self.tell(|| format!("the vault is of release {release:?}"));
            }
            Move::LogIn => self.log_in()?,
        }
        self.nobody_waits_for_nothing()
    }

    /// Those who can be woken are, and an exchange does not outlast its deadline: more time passes only after its end.
    fn pass(&mut self, mut seconds: u64) -> Checked {
        let landed = |flight: &Flight| matches!(flight.stage, Stage::Landed);
        while let Some(index) = self.flights.iter().position(landed) {
            self.fly(index)?;
        }
        self.vault.write_late();
        self.oracle.stored(&self.vault.rows, Cause::Success)?;
        if seconds > EXCHANGE_DEADLINE && !self.flights.is_empty() {
            self.tick(EXCHANGE_DEADLINE);
            seconds -= EXCHANGE_DEADLINE;
            self.time_out()?;
        }
        self.tick(seconds);
        Ok(())
    }

    fn tick(&mut self, seconds: u64) {
        self.true_now += seconds;
        self.oracle.passes(seconds);
        self.tell(|| format!("{seconds} s pass"));
    }

    /// What is under way ends; where an answer is outstanding, it has not come in time.
    fn time_out(&mut self) -> Checked {
        for _ in 0..MAX_CALLS {
            for flight in &mut self.flights {
                if let Stage::Sent(_, sent) = &mut flight.stage {
                    sent.time_out();
                }
            }
            match self.flights.is_empty() {
                true => return Ok(()),
                false => self.fly(0)?,
            }
        }
        broken(BOUNDED, "one exchange follows the other")
    }

    fn pass_until(&mut self, due: Due, offset: i8) -> Checked {
        let connection = stored(&self.vault.rows);
        let at = match due {
            Due::Renewal => connection.and_then(|connection| connection.refresh_at()),
            Due::End => connection
                .and_then(|connection| connection.lifetime())
                .map(|(_, end)| end),
            Due::Alarm => self.vault.rows.alarm,
            Due::BackOff => Some(self.oracle.not_before()),
        };
        let Some(at) = at else { return Ok(()) };
        let seconds = self
            .now()
            .until(at)
            .saturating_add_signed(i64::from(offset));
        // A year on a platform with long tokens, and no further.
        self.pass(seconds.min(370 * DAY))
    }

    fn set_clocks(&mut self, by: i32) {
        self.clocks_ahead += i64::from(by);
        self.disturbances += 1;
        self.oracle.clocks_set(self.now());
        self.tell(|| format!("the clocks are set by {by} s"));
    }

    fn restart_isolate(&mut self, which: usize) {
        let isolate = which % ISOLATES;
        self.isolates[isolate].forget();
        self.calls.retain(|call| call.isolate != isolate);
        self.tell(|| format!("isolate {isolate} restarts"));
    }

    fn alarm(&mut self) -> Checked {
        let now = self.now();
        if self.vault.rows.alarm.is_none_or(|at| now < at) {
            return Ok(());
        }
        self.vault.rows.alarm = None;
        self.tell(|| "the alarm rings".into());
        if self.vault.alarm(self.slot(), now) {
            self.launch(Launched::Alarm, None)?;
        }
        self.oracle
            .stored(&self.vault.rows, Cause::Note)
            .map(|_| ())
    }

    fn forget(&mut self) -> Checked {
        self.tell(|| "an administrator has the connection forgotten".into());
        let (slot, now) = (self.slot(), self.now());
        self.vault.call(&Message::Forget, slot, false, now);
        self.disturbances += 1;
        self.oracle.stored(&self.vault.rows, Cause::Forget)?;
        self.oracle.forgets();
        Ok(())
    }

    fn log_in(&mut self) -> Checked {
        if self.vault.renewal != Renewal::Login {
            return Ok(());
        }
        let (year, now) = (365 * DAY, self.now());
        let serial = self.platform.issue(year, self.true_now);
        self.oracle.obtained(serial, self.oracle.life(), year, now);
        let token = TokenSet::restore(platform::token(serial), now, now.plus(year));
        self.tell(|| format!("a merchant logs in: token {serial}"));
        if self.vault.log_in(token).is_ok() {
            self.oracle.stored(&self.vault.rows, Cause::LogIn)?;
            self.oracle.settled(None, false, now);
        }
        Ok(())
    }

    /// Nothing goes wrong any more: everybody gets an answer, and new calls are served once every wait is over.
    pub(crate) fn calm_down(&mut self) -> Checked {
        self.platform.mood = Mood::Well { lifetime: 3600 };
        self.platform.secret_right = true;
        self.vault.release = crate::moves::Release::Incompatible;
        self.tell(|| "from here on nothing goes wrong".into());
        self.drain()?;
        // An hour is the longest wait; one that a clock set back made begin late takes another.
        self.pass(2 * HOUR)?;
        let served = self.tally.served;
        // With forced exchanges used up, a token that was revoked costs a minute.
        for _ in 0..3 {
            if self.vault.renewal == Renewal::Login {
                self.log_in()?;
            }
            self.request(0, Message::Token { rejected: None }, false);
            self.drain()?;
            self.pass(61)?;
        }
        if self.tally.served == served {
            return broken(RECOVERY, "three calls were refused");
        }
        Ok(())
    }

    fn drain(&mut self) -> Checked {
        for _ in 0..100 * MAX_CALLS {
            if self.calls.is_empty() && self.flights.is_empty() {
                return Ok(());
            }
            self.fly(0)?;
            self.deliver(0)?;
        }
        broken(BOUNDED, format!("{} calls never end", self.calls.len()))
    }
}

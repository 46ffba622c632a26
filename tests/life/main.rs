//! A token's life, simulated: isolates, one vault, a platform and clocks, with everything that can go wrong between them.
//! The connection and the reading of answers are the real ones; what drives them is modelled on the worker in `vault.rs`
//! and `isolate.rs`. Sealing is not in here (the worker's tests have it), nor are sockets (`tests/e2e`).
//!
//! A run is a list of random moves made from a seed. `oracle.rs` judges every step; a run that breaks a promise is made as
//! short as possible and told line by line. To look for more: `TILLGATE_LIFE_SEEDS=40 TILLGATE_LIFE_STEPS=1000000 cargo
//! test --release --test life`; to go on where somebody stopped: `TILLGATE_LIFE_FIRST_SEED`.
#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "the parts of a test may fail the test"
)]

mod isolate;
mod moves;
mod oracle;
mod platform;
mod run;
mod tally;
mod vault;
mod world;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

use run::{Failure, run};
use tally::Tally;
use vault::Defect;

/// Steps of a run, and how many runs there are, unless the environment says otherwise.
const STEPS: usize = 10_000;
const SEEDS: u64 = 1_000;
/// Within how many seeds every deliberate bug has to be found.
const SEEDS_FOR_A_BUG: u64 = 40;
/// In how many lines a person wants to be told.
const LINES: usize = 60;

fn setting(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap())
}

/// Runs seeds on every processor, and gives what happened in each; the first failure that is met ends it.
fn run_all(seeds: std::ops::Range<u64>, steps: usize) -> Result<Vec<Tally>, Failure> {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut tallies = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return Ok(tallies);
            }
            let ran = run(seed, steps, Defect::None);
            tallies.push(ran.map_err(|failure| {
                next.store(seeds.end, Ordering::Relaxed);
                *failure
            })?);
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let tallies: Result<Vec<_>, _> = thread::scope(|scope| {
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let ended = running.into_iter().map(|worker| worker.join().unwrap());
        ended.collect()
    });
    Ok(tallies?.concat())
}

#[test]
fn no_promise_is_broken_in_a_thousand_lives_of_ten_thousand_steps() {
    let first = setting("TILLGATE_LIFE_FIRST_SEED").unwrap_or(0);
    let seeds = setting("TILLGATE_LIFE_SEEDS").unwrap_or(SEEDS);
    let steps =
        setting("TILLGATE_LIFE_STEPS").map_or(STEPS, |steps| usize::try_from(steps).unwrap());
    match run_all(first..first + seeds, steps) {
        Err(failure) => panic!("\n{}", failure.shrink().story().join("\n")),
        Ok(tallies) => {
            let busy = |tally: &Tally| tally.least() >= u64::try_from(steps).unwrap() / 1000;
            assert!(busy(&Tally::average(&tallies)), "not enough happens");
        }
    }
}

/// The simulation finds this bug soon, as this broken promise, and tells it shortly.
fn expect_found(defect: Defect, rules: &[&str]) {
    let found = (0..SEEDS_FOR_A_BUG).find_map(|seed| run(seed, STEPS, defect).err());
    let failure = found.unwrap_or_else(|| panic!("{defect:?} was not found"));
    assert!(rules.contains(&failure.rule()), "{}", failure.rule());
    let story = failure.shrink().story();
    assert!(story.len() <= LINES, "{}", story.join("\n"));
}

macro_rules! bugs_are_found {
    ($($name:ident: $defect:ident => [$($rule:ident),+];)+) => {
        $(
            #[test]
            fn $name() {
                expect_found(Defect::$defect, &[$(oracle::$rule),+]);
            }
        )+
    };
}

bugs_are_found! {
    without_the_slot_for_one_exchange_it_is_found: NoFlightSlot => [ONE_AT_A_TIME];
    a_result_taken_for_a_connection_that_has_changed_is_found: NoTicketCheck => [LOST, WORSE, FORGOTTEN];
    an_exchange_that_writes_its_old_copy_back_is_found: StaleCopyWritten => [OLDER, LOST, WORSE, FORGOTTEN];
    an_exchange_for_what_was_forgotten_meanwhile_is_found: StaleDecision => [NO_REASON];
    a_reply_before_the_write_is_found: WriteAfterReply => [NOT_STORED, LOST, DEATHS];
    a_back_off_that_a_restart_forgets_is_found: BackOffForgottenOnRestart => [BACK_OFF, DEATHS];
    an_attempt_that_is_not_stored_is_found: AttemptNotStored => [DEATHS];
    an_exchange_that_is_cut_off_and_not_noted_is_found: CutNotNoted => [DEATHS];
    a_failure_that_drops_the_token_is_found: FailureDropsToken => [WORSE];
    a_late_401_that_counts_against_a_fresh_token_is_found: LateRejectionBelieved => [NO_REASON];
    an_exchange_that_ends_with_its_caller_is_found: FlightBelongsToCaller => [WAITER];
    a_trap_that_wakes_nobody_is_found: NobodyWokenAfterTrap => [WAITER];
    a_record_of_another_version_that_is_overwritten_is_found: OtherVersionOverwritten => [LOST, BACK_OFF, DEATHS];
    a_copy_that_outlives_its_token_is_found: CopyOutlivesToken => [ENDED];
}

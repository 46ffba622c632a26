//! Faults of a whole app, and what they mean for its accounts.

use tillgate_core::{
    breaker::{Blocked, Breaker},
    exchange::{ExchangeError, Reach},
    time::UnixTime,
};

const UNKNOWN_INTEGRATOR: ExchangeError = ExchangeError::CredentialsRejected(Reach::App);
const UNKNOWN_BRAND: ExchangeError = ExchangeError::CredentialsRejected(Reach::Connection);
const DOWN: ExchangeError = ExchangeError::Unavailable(None);

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(1_800_000_000).plus(seconds)
}

/// How many of 500 accounts that all ask at this time get through.
fn admitted(breaker: &mut Breaker, now: UnixTime) -> usize {
    (0..500).filter(|_| breaker.admit(now).is_ok()).count()
}

#[test]
fn a_fault_of_the_app_is_not_tried_again_for_each_of_five_hundred_brands() {
    let mut breaker = Breaker::default();
    breaker.admit(at(0)).unwrap();
    breaker.report("brand0", Err(UNKNOWN_INTEGRATOR), at(0), 0);
    assert_eq!(admitted(&mut breaker, at(1)), 0);
    assert_eq!(
        breaker.admit(at(1)),
        Err(Blocked {
            error: UNKNOWN_INTEGRATOR,
            until: at(30)
        })
    );
}

#[test]
fn when_the_wait_is_over_one_account_tries_for_all() {
    let mut breaker = Breaker::default();
    breaker.report("brand0", Err(UNKNOWN_INTEGRATOR), at(0), 0);
    assert_eq!(admitted(&mut breaker, at(30)), 1);
    breaker.report("brand7", Ok(()), at(31), 0);
    assert_eq!(admitted(&mut breaker, at(31)), 500);
}

#[test]
fn a_try_that_never_comes_back_does_not_block_for_ever() {
    let mut breaker = Breaker::default();
    breaker.report("brand0", Err(UNKNOWN_INTEGRATOR), at(0), 0);
    assert_eq!(admitted(&mut breaker, at(30)), 1);
    assert_eq!(admitted(&mut breaker, at(44)), 0);
    assert_eq!(admitted(&mut breaker, at(45)), 1);
}

#[test]
fn a_fault_of_one_account_never_stops_another() {
    let mut breaker = Breaker::default();
    for second in 0..100 {
        breaker.report("brand0", Err(UNKNOWN_BRAND), at(second), 0);
        breaker.report("brand0", Err(DOWN), at(second), 0);
    }
    assert_eq!(admitted(&mut breaker, at(100)), 500);
}

#[test]
fn a_platform_that_is_down_for_five_accounts_in_a_row_is_asked_by_one() {
    let mut breaker = Breaker::default();
    for account in ["a", "b", "c", "d"] {
        breaker.report(account, Err(DOWN), at(0), 0);
        assert_eq!(admitted(&mut breaker, at(0)), 500);
    }
    breaker.report("e", Err(DOWN), at(0), 0);
    assert_eq!(admitted(&mut breaker, at(0)), 0);
    assert_eq!(admitted(&mut breaker, at(1)), 1);
}

#[test]
fn one_account_that_is_served_shows_that_the_platform_is_up() {
    let mut breaker = Breaker::default();
    for account in ["a", "b", "c", "d"] {
        breaker.report(account, Err(DOWN), at(0), 0);
    }
    breaker.report("x", Err(UNKNOWN_BRAND), at(0), 0);
    breaker.report("e", Err(DOWN), at(0), 0);
    assert_eq!(admitted(&mut breaker, at(0)), 500);
}

#[test]
fn a_fault_of_the_app_is_tried_at_most_eight_times_in_an_hour() {
    let mut breaker = Breaker::default();
    let mut tries = 0;
    for second in 0..3600 {
        if breaker.admit(at(second)).is_ok() {
            tries += 1;
            breaker.report("brand", Err(UNKNOWN_INTEGRATOR), at(second), 0);
        }
    }
    assert_eq!(tries, 8);
}

#[test]
fn a_breaker_outlives_its_process() {
    let mut breaker = Breaker::default();
    for account in ["a", "b"] {
        breaker.report(account, Err(DOWN), at(0), 0);
    }
    breaker.report("c", Err(UNKNOWN_INTEGRATOR), at(0), 0);
    assert_eq!(Breaker::from_record(&breaker.to_record()), breaker);
    assert_eq!(Breaker::from_record(b"not a record"), Breaker::default());
}

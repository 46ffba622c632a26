//! The figures that are promised of a connection, counted with a clock moved by hand.
#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail the test")]

use tillgate_core::{
    clopos,
    connection::{Connection, Flight, REFRESH_JITTER, REFRESH_MARGIN, Renewal, Step},
    endpoint::{ApiBase, Endpoint},
    exchange::{ExchangeError, Reach},
    http::{Response, RetryAfter},
    secret::ClientSecret,
    time::{DAY, HOUR, UnixTime},
    token::TokenSet,
};
use zeroize::Zeroizing;

const NOW: UnixTime = UnixTime::from_seconds(1_795_600_000);

/// A token of this lifetime, as Clopos answers.
fn token(lifetime: u64, now: UnixTime) -> TokenSet {
    let version = clopos::Version::V1;
    let account = clopos::Account::parse(&version, "openapitest.1").unwrap();
    let app = clopos::App {
        client_id: "id".into(),
        client_secret: ClientSecret::parse("secret").unwrap(),
        version,
        token_endpoint: Endpoint::parse("https://clopos.example/auth").unwrap(),
        api: ApiBase::parse("https://clopos.example").unwrap(),
        stage: None,
    };
    let body = format!("{{\"success\":true,\"token\":\"oauth_a\",\"expires_in\":{lifetime}}}");
    let response = Response {
        status: 200,
        retry_after: None,
        body: Zeroizing::new(body.into_bytes()),
    };
    clopos::authenticate(&app, &account)
        .finish(&response, now)
        .unwrap()
}

/// Asks at every one of these seconds, answers every exchange at once, and says at which seconds there was one.
fn attempts(
    connection: &mut Connection,
    seconds: impl Iterator<Item = u64>,
    answer: impl Fn(UnixTime) -> Result<TokenSet, ExchangeError>,
    jitter: u64,
) -> Vec<u64> {
    let mut attempts = Vec::new();
    for second in seconds {
        let now = NOW.plus(second);
        let step = connection.step(now, Renewal::Exchange, Flight::None);
        if matches!(step, Step::Exchange | Step::UseAndRefresh) {
            let ticket = connection.begin(now);
            assert!(connection.settle(ticket, answer(now), now, jitter));
            attempts.push(second);
        }
    }
    attempts
}

fn failing(error: ExchangeError, span: u64, jitter: u64) -> Vec<u64> {
    attempts(&mut Connection::new(1), 0..span, |_| Err(error), jitter)
}

#[test]
fn a_connection_in_use_makes_26_to_28_exchanges_a_day_for_one_hour_tokens() {
    for jitter in [0, 1, 30, 59, 60, u64::MAX] {
        let mut connection = Connection::new(1);
        let made = attempts(&mut connection, 0..DAY, |now| Ok(token(HOUR, now)), jitter);
        assert!(
            (26..=28).contains(&made.len()),
            "{} with {jitter}",
            made.len()
        );
    }
}

#[test]
fn a_token_is_renewed_300_to_360_seconds_before_its_end() {
    for jitter in 0..200 {
        let mut connection = Connection::new(1);
        let ticket = connection.begin(NOW);
        connection.settle(ticket, Ok(token(HOUR, NOW)), NOW, jitter);
        let margin = connection.refresh_at().unwrap().until(NOW.plus(HOUR));
        assert!((REFRESH_MARGIN..=REFRESH_MARGIN + REFRESH_JITTER).contains(&margin));
    }
}

#[test]
fn the_margin_of_a_short_token_is_a_quarter_to_three_tenths_of_its_life() {
    for lifetime in 60..=1200 {
        for jitter in [0, 3, 7, u64::MAX] {
            let mut connection = Connection::new(1);
            let ticket = connection.begin(NOW);
            connection.settle(ticket, Ok(token(lifetime, NOW)), NOW, jitter);
            let margin = connection.refresh_at().unwrap().until(NOW.plus(lifetime));
            assert!(margin >= lifetime / 4, "{margin} of {lifetime}");
            assert!(margin * 10 <= lifetime * 3, "{margin} of {lifetime}");
        }
    }
}

#[test]
fn an_outage_shorter_than_the_margin_is_invisible() {
    let mut connection = Connection::new(1);
    let ticket = connection.begin(NOW);
    connection.settle(ticket, Ok(token(HOUR, NOW)), NOW, 0);
    let down = connection.refresh_at().unwrap();
    let up = down.plus(REFRESH_MARGIN - 50);
    for second in 0..3 * HOUR {
        let now = NOW.plus(second);
        let step = connection.step(now, Renewal::Exchange, Flight::None);
        assert!(
            matches!(step, Step::Use | Step::UseAndRefresh),
            "{step:?} after {second} s"
        );
        if step == Step::UseAndRefresh {
            let ticket = connection.begin(now);
            let result = match (down..up).contains(&now) {
                true => Err(ExchangeError::Unavailable(None)),
                false => Ok(token(HOUR, now)),
            };
            connection.settle(ticket, result, now, 0);
        }
    }
}

#[test]
fn rejected_credentials_are_tried_8_times_in_the_first_hour_and_4_times_in_each_that_follows() {
    for error in [
        ExchangeError::CredentialsRejected(Reach::Connection),
        ExchangeError::CredentialsRejected(Reach::App),
        ExchangeError::AccessDenied(Reach::Connection),
    ] {
        // A call every second is as often as a clock of whole seconds can tell apart.
        for jitter in [0, 17, u64::MAX] {
            let made = failing(error, 6 * HOUR, jitter);
            let in_hour = |hour: u64| made.iter().filter(|second| **second / HOUR == hour).count();
            assert!(in_hour(0) <= 8, "{made:?}");
            for hour in 1..6 {
                assert!((3..=4).contains(&in_hour(hour)), "{made:?}");
            }
        }
    }
}

#[test]
fn a_hundred_calls_in_one_second_begin_one_exchange_at_most() {
    let again = (0..HOUR).flat_map(|second| core::iter::repeat_n(second, 100));
    let rejected = ExchangeError::CredentialsRejected(Reach::Connection);
    let made = attempts(&mut Connection::new(1), again, |_| Err(rejected), 0);
    assert_eq!(made, [0, 30, 90, 210, 510, 1110, 2010, 2910]);
}

#[test]
fn a_changed_credential_is_tried_at_once() {
    let mut connection = Connection::new(1);
    let rejected = ExchangeError::CredentialsRejected(Reach::Connection);
    attempts(&mut connection, 0..HOUR, |_| Err(rejected), 0);
    let now = NOW.plus(HOUR);
    let step = |connection: &Connection| connection.step(now, Renewal::Exchange, Flight::None);
    assert!(matches!(step(&connection), Step::Wait { .. }));
    connection.forgive();
    assert_eq!(step(&connection), Step::Exchange);
}

#[test]
fn an_outage_is_asked_about_more_and_more_rarely_and_every_forty_seconds_in_the_end() {
    let made = failing(ExchangeError::Unavailable(None), 200, 0);
    assert_eq!(made, [0, 1, 3, 8, 18, 38, 78, 118, 158, 198]);
}

#[test]
fn a_wait_that_the_platform_asks_for_is_kept_within_a_second_and_an_hour() {
    let limited = |seconds| ExchangeError::RateLimited(Some(RetryAfter::clamped(seconds)));
    for (asked, kept) in [(0, 1), (1, 1), (30, 30), (3600, 3600), (315_360_000, 3600)] {
        let made = failing(limited(asked), 2 * HOUR, 0);
        let waits = made.windows(2).map(|pair| pair[1] - pair[0]);
        assert!(waits.clone().all(|wait| wait == kept), "{asked}: {made:?}");
        assert!(waits.count() > 0);
    }
    let jittered = failing(limited(3600), 3 * HOUR, u64::MAX);
    assert_eq!(jittered, [0, 3600, 7200]);
}

#[test]
fn a_token_that_is_answered_401_without_end_forces_5_exchanges_and_then_one_a_minute() {
    let mut connection = Connection::new(1);
    let mut made = Vec::new();
    for second in 0..600 {
        let now = NOW.plus(second);
        connection.reject(connection.ticket(), now);
        if connection.step(now, Renewal::Exchange, Flight::None) == Step::Exchange {
            let ticket = connection.begin(now);
            connection.settle(ticket, Ok(token(HOUR, now)), now, 0);
            made.push(second);
        }
    }
    // The first one had nothing to replace.
    assert_eq!(
        made.iter().filter(|second| **second < 60).count(),
        6,
        "{made:?}"
    );
    assert!(made.len() <= 6 + 9, "{made:?}");
}

#[test]
fn exchanges_that_die_are_repeated_once_and_then_wait() {
    let mut connection = Connection::new(1);
    let step = |connection: &Connection, second| {
        connection.step(NOW.plus(second), Renewal::Exchange, Flight::None)
    };
    connection.begin(NOW);
    assert_eq!(step(&connection, 0), Step::Exchange);
    connection.begin(NOW);
    assert!(matches!(step(&connection, 1), Step::Wait { .. }));
    assert_eq!(step(&connection, 2), Step::Exchange);
}

#[test]
fn nobody_is_told_to_wait_for_more_than_an_hour_even_if_the_clock_is_set_back() {
    let mut connection = Connection::new(1);
    let rejected = ExchangeError::CredentialsRejected(Reach::Connection);
    attempts(&mut connection, 0..HOUR, |_| Err(rejected), 0);
    let step = connection.step(NOW.minus(DAY), Renewal::Exchange, Flight::None);
    assert_eq!(step, Step::Exchange);
}

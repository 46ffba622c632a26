//! The breaker of an app: one object that every connection of the app asks before an exchange. When to stop is the core's
//! decision; this reads, asks it, and writes. Nothing in it is secret.
//!
//! The object is named after the app's credential as well, so that a mended configuration begins without a fault.

use tillgate_core::{breaker::Breaker, exchange::ExchangeError};

use super::{Call, rows::Rows, store::Store};
use crate::{
    message::{self, Message, Name, Reply},
    problem::Problem,
    random,
    step::Ask,
};

/// What is known of the platform.
const BREAKER: &str = "breaker";

/// A question to the breaker of this connection's app.
///
/// # Errors
/// As [`Store::save`].
pub(super) fn ask(store: &Store<'_>, message: Message) -> Result<Ask, Problem> {
    Ok(message::ask(store.breaker_object()?, &message))
}

/// Whether a connection may ask the platform.
pub(super) fn admit(call: Call<'_>) -> Reply {
    let mut breaker = load(call.rows);
    let admitted = breaker.admit(call.now);
    save(call.rows, &breaker);
    match admitted {
        Ok(()) => Reply::Admitted {
            watching: breaker.is_watching(),
        },
        Err(blocked) => Reply::Blocked(blocked),
    }
}

/// How a connection's exchange ended.
///
/// # Errors
/// `internal` without a random source.
pub(super) fn report(
    call: Call<'_>,
    name: &Name,
    error: Option<ExchangeError>,
) -> Result<Reply, Problem> {
    let mut breaker = load(call.rows);
    let result = error.map_or(Ok(()), Err);
    breaker.report(&name.account, result, call.now, random::number()?);
    save(call.rows, &breaker);
    Ok(Reply::Done)
}

fn load(rows: &dyn Rows) -> Breaker {
    let bytes = rows.get(BREAKER);
    bytes.map_or_else(Breaker::default, |bytes| Breaker::from_record(&bytes))
}

fn save(rows: &dyn Rows, breaker: &Breaker) {
    if breaker.is_watching() {
        rows.put(BREAKER, &breaker.to_record());
    } else if rows.get(BREAKER).is_some() {
        rows.clear();
    }
}

//! A connection as bytes. They hold the token in the clear: they go nowhere but into a seal.
//!
//! The form is JSON with a version. A reader passes over keys that it does not know, so that an older worker can read
//! what a newer one of the same version wrote; another version is refused and must not be overwritten.

use zeroize::Zeroizing;

use super::{Attempt, Connection, Failure, Held, backoff::Forced};
use crate::{
    exchange::ExchangeError,
    json::{Json, Object},
    secret::AccessToken,
    token::TokenSet,
};

const VERSION: u64 = 1;

/// Why stored bytes are no connection. Neither is a reason to overwrite them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Written by a worker with another form of record: deploy that worker, or forget the connection.
    #[error("the record has version {0}")]
    Version(u64),
    /// Not a record at all.
    #[error("the record cannot be read")]
    Malformed,
}

impl Connection {
    /// The bytes to seal and store.
    pub fn to_record(&self) -> Zeroizing<Vec<u8>> {
        let mut record = Object::new();
        record
            .whole("v", VERSION)
            .whole("epoch", self.epoch)
            .whole("generation", self.generation)
            .whole("exchanges", self.exchanges)
            .flag("used", self.used)
            .flag("login_required", self.login_required)
            .json("forced", &write_forced(&self.forced));
        if let Some(held) = &self.held {
            record.json("token", &write_held(held));
        }
        if let Some(failure) = &self.failure {
            record.json("failure", &write_failure(failure));
        }
        if let Some(attempt) = &self.attempt {
            record.json("attempt", &write_attempt(attempt));
        }
        Zeroizing::new(record.finish().into_bytes())
    }

    /// The connection that [`Connection::to_record`] wrote.
    ///
    /// # Errors
    /// [`RecordError`]; the stored bytes have to be left alone.
    pub fn from_record(bytes: &[u8]) -> Result<Self, RecordError> {
        let record = Json::parse(bytes).ok_or(RecordError::Malformed)?;
        match record.whole("v") {
            Some(VERSION) => read(&record).ok_or(RecordError::Malformed),
            Some(other) => Err(RecordError::Version(other)),
            None => Err(RecordError::Malformed),
        }
    }
}

fn read(record: &Json) -> Option<Connection> {
    Some(Connection {
        epoch: record.whole("epoch")?,
        generation: record.whole("generation")?,
        failure: optional(record, "failure", read_failure)?,
        attempt: optional(record, "attempt", read_attempt)?,
        exchanges: record.whole("exchanges")?,
        used: record.flag("used"),
        login_required: record.flag("login_required"),
        forced: optional(record, "forced", read_forced)?.unwrap_or_default(),
        // Last, so that there is no token to wipe when something else is missing.
        held: optional(record, "token", read_held)?,
    })
}

/// The part under `key`: `Some(None)` if it is absent, `None` if it cannot be read.
fn optional<T>(record: &Json, key: &str, read: fn(&Json) -> Option<T>) -> Option<Option<T>> {
    match record.get(key) {
        None | Some(Json::Null) => Some(None),
        Some(part) => read(part).map(Some),
    }
}

fn write_held(held: &Held) -> Zeroizing<String> {
    let token = held.token.access_token();
    let json = Object::new()
        .text(
            "access_token",
            token.expose("a token is stored, inside the seal"),
        )
        .time("obtained_at", held.token.obtained_at())
        .time("expires_at", held.token.expires_at())
        .time("refresh_at", held.refresh_at)
        .flag("rejected", held.rejected)
        .finish();
    Zeroizing::new(json)
}

fn read_held(json: &Json) -> Option<Held> {
    let (obtained_at, expires_at) = (json.time("obtained_at")?, json.time("expires_at")?);
    let refresh_at = json.time("refresh_at")?;
    let access_token = AccessToken::parse(json.text("access_token")?)?;
    Some(Held {
        token: TokenSet::restore(access_token, obtained_at, expires_at),
        refresh_at,
        rejected: json.flag("rejected"),
    })
}

fn write_failure(failure: &Failure) -> String {
    let mut json = Object::new();
    failure
        .error
        .write(&mut json)
        .whole("count", failure.count.into())
        .time("next_attempt_at", failure.next_attempt_at)
        .finish()
}

fn read_failure(json: &Json) -> Option<Failure> {
    Some(Failure {
        error: ExchangeError::read(json)?,
        count: count(json, "count")?,
        next_attempt_at: json.time("next_attempt_at")?,
    })
}

fn write_attempt(attempt: &Attempt) -> String {
    Object::new()
        .time("at", attempt.at)
        .whole("deaths", attempt.deaths.into())
        .finish()
}

fn read_attempt(json: &Json) -> Option<Attempt> {
    Some(Attempt {
        at: json.time("at")?,
        deaths: count(json, "deaths")?,
    })
}

fn write_forced(forced: &Forced) -> String {
    Object::new()
        .whole("spent", forced.spent.into())
        .time("since", forced.since)
        .finish()
}

fn read_forced(json: &Json) -> Option<Forced> {
    Some(Forced {
        spent: count(json, "spent")?,
        since: json.time("since")?,
    })
}

fn count(json: &Json, key: &str) -> Option<u32> {
    json.whole(key)?.try_into().ok()
}

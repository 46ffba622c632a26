//! A connection as bytes. They hold the token in the clear: they go nowhere but into a seal.
//!
//! The form is JSON with a version. A reader passes over keys that it does not know, so that an older worker can read
//! what a newer one of the same version wrote; another version is refused and must not be overwritten.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{Attempt, Connection, Failure, Held, backoff::Forced};
use crate::{exchange::ExchangeError, secret::AccessToken, time::UnixTime, token::TokenSet};

const VERSION: u32 = 1;

/// Why stored bytes are no connection. Neither is a reason to overwrite them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Written by a worker with another form of record: deploy that worker, or forget the connection.
    #[error("the record has version {0}")]
    Version(u32),
    /// Not a record at all.
    #[error("the record cannot be read")]
    Malformed,
}

#[derive(Serialize, Deserialize)]
struct Record {
    v: u32,
    epoch: u64,
    generation: u64,
    #[serde(default)]
    token: Option<TokenRecord>,
    #[serde(default)]
    failure: Option<FailureRecord>,
    #[serde(default)]
    attempt: Option<AttemptRecord>,
    exchanges: u64,
    #[serde(default)]
    used: bool,
    #[serde(default)]
    login_required: bool,
    #[serde(default)]
    forced: Forced,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

#[derive(Serialize, Deserialize)]
struct TokenRecord {
    access_token: Zeroizing<String>,
    obtained_at: UnixTime,
    expires_at: UnixTime,
    refresh_at: UnixTime,
    #[serde(default)]
    rejected: bool,
}

#[derive(Serialize, Deserialize)]
struct FailureRecord {
    error: ExchangeError,
    count: u32,
    next_attempt_at: UnixTime,
}

#[derive(Serialize, Deserialize)]
struct AttemptRecord {
    at: UnixTime,
    deaths: u32,
}

impl Connection {
    /// The bytes to seal and store.
    ///
    /// # Errors
    /// [`RecordError::Malformed`] if it cannot be written, which no value of this type causes.
    pub fn to_record(&self) -> Result<Zeroizing<Vec<u8>>, RecordError> {
        let record = Record {
            v: VERSION,
            epoch: self.epoch,
            generation: self.generation,
            token: self.held.as_ref().map(TokenRecord::from),
            failure: self.failure.map(
                |Failure {
                     error,
                     count,
                     next_attempt_at,
                 }| FailureRecord {
                    error,
                    count,
                    next_attempt_at,
                },
            ),
            attempt: self
                .attempt
                .map(|Attempt { at, deaths }| AttemptRecord { at, deaths }),
            exchanges: self.exchanges,
            used: self.used,
            login_required: self.login_required,
            forced: self.forced,
        };
        let bytes = serde_json::to_vec(&record);
        bytes
            .map(Zeroizing::new)
            .map_err(|_| RecordError::Malformed)
    }

    /// The connection that [`Connection::to_record`] wrote.
    ///
    /// # Errors
    /// [`RecordError`]; the stored bytes have to be left alone.
    pub fn from_record(bytes: &[u8]) -> Result<Self, RecordError> {
        let Version { v } = serde_json::from_slice(bytes).map_err(|_| RecordError::Malformed)?;
        if v != VERSION {
            return Err(RecordError::Version(v));
        }
        let record: Record = serde_json::from_slice(bytes).map_err(|_| RecordError::Malformed)?;
        let held = record.token.map(Held::try_from).transpose()?;
        Ok(Self {
            epoch: record.epoch,
            generation: record.generation,
            held,
            failure: record.failure.map(
                |FailureRecord {
                     error,
                     count,
                     next_attempt_at,
                 }| Failure {
                    error,
                    count,
                    next_attempt_at,
                },
            ),
            attempt: record
                .attempt
                .map(|AttemptRecord { at, deaths }| Attempt { at, deaths }),
            exchanges: record.exchanges,
            used: record.used,
            login_required: record.login_required,
            forced: record.forced,
        })
    }
}

impl From<&Held> for TokenRecord {
    fn from(held: &Held) -> Self {
        let access_token = held
            .token
            .access_token()
            .expose("a token is stored, inside the seal");
        Self {
            access_token: Zeroizing::new(access_token.to_owned()),
            obtained_at: held.token.obtained_at(),
            expires_at: held.token.expires_at(),
            refresh_at: held.refresh_at,
            rejected: held.rejected,
        }
    }
}

impl TryFrom<TokenRecord> for Held {
    type Error = RecordError;

    fn try_from(record: TokenRecord) -> Result<Self, RecordError> {
        let access_token =
            AccessToken::parse(&record.access_token).ok_or(RecordError::Malformed)?;
        Ok(Self {
            token: TokenSet::restore(access_token, record.obtained_at, record.expires_at),
            refresh_at: record.refresh_at,
            rejected: record.rejected,
        })
    }
}

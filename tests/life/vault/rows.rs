//! What is stored, and how this and later releases of the worker write and read it.

use tillgate_core::{
    connection::{Connection, RecordError},
    time::UnixTime,
};

use crate::moves::Release;

/// What is stored.
#[derive(Clone, Default)]
pub(crate) struct Rows {
    pub(crate) record: Option<Vec<u8>>,
    /// Stands for the fingerprint of the client secret.
    pub(super) secret: Option<u64>,
    pub(crate) alarm: Option<UnixTime>,
}

const VERSION: &str = "\"v\":1";
const OTHER_VERSION: &str = "\"v\":2";

/// The record as a release writes it: later ones add a key, or have another version.
pub(super) fn write(release: Release, connection: &Connection) -> Vec<u8> {
    let record = connection.to_record();
    let text = core::str::from_utf8(&record).unwrap();
    let written = match release {
        Release::Current => text.to_owned(),
        Release::Newer => text.replacen('{', "{\"later\":[{\"a\":null}],", 1),
        Release::Incompatible => text.replacen(VERSION, OTHER_VERSION, 1),
    };
    written.into_bytes()
}

/// The connection as a release reads it.
pub(super) fn read(release: Release, record: &[u8]) -> Result<Connection, RecordError> {
    if release != Release::Incompatible {
        return Connection::from_record(record);
    }
    let text = core::str::from_utf8(record).unwrap();
    Connection::from_record(text.replacen(OTHER_VERSION, VERSION, 1).as_bytes())
}

/// What is stored, whichever release wrote it.
pub(crate) fn stored(rows: &Rows) -> Option<Connection> {
    let record = rows.record.as_ref()?;
    Some(read(Release::Incompatible, record).unwrap())
}

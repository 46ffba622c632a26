//! A vault's rows: the connection and its sessions, sealed with a key of their own that is wrapped by the master key.
//!
//! A row that cannot be opened is never overwritten: its key may come back.

use subtle::ConstantTimeEq;
use tillgate_core::{
    connection::Connection,
    json::Object,
    secret::{AccessToken, ClientSecret},
    time::UnixTime,
};
use zeroize::Zeroizing;

use super::{Call, directory::NAME, recent::Recent, trail::Entry};
use crate::{
    callers::Subject,
    message::{self, Name},
    problem::{Code, Problem},
    random,
    seal::{DataKey, Fingerprint, Freshness, SealError},
};

/// The connection's key, wrapped.
const KEY: &str = "key";
/// The connection, sealed.
const CONNECTION: &str = "connection";
/// Its sessions, sealed.
const SESSIONS: &str = "sessions";
/// A keyed fingerprint of the client secret that was used last.
const CREDENTIAL: &str = "credential";

/// The rows of one connection.
pub(super) struct Store<'a> {
    call: Call<'a>,
    pub(super) subject: Subject<'a>,
    /// What the rows are bound to: everything that shapes the token.
    identity: String,
}

impl<'a> Store<'a> {
    /// The rows of the connection of this name.
    ///
    /// # Errors
    /// `not_found` if it is no longer configured.
    pub(super) fn open(call: Call<'a>, name: &'a Name) -> Result<Self, Problem> {
        let subject = Subject::find(call.config, &name.app, name.account.as_str().into())
            .ok_or_else(|| Problem::new(Code::NotFound, "This connection is not configured."))?;
        let identity = subject.key();
        Ok(Self {
            call,
            subject,
            identity,
        })
    }

    /// The stored connection, or `None` for one that has never been stored. A changed client secret ends its back-off.
    ///
    /// # Errors
    /// `config_invalid` for rows that are sealed with a key that is not configured, `internal` for rows that were changed.
    pub(super) fn load(&self) -> Result<Option<Connection>, Problem> {
        let Some(sealed) = self.call.rows.get(CONNECTION) else {
            return Ok(None);
        };
        let recent = &self.call.config.recent.connections;
        let context = self.context(CONNECTION);
        let mut connection = match recent.get(&context, &sealed) {
            Some(connection) => connection,
            None => {
                let record = self.open_row(&context, &sealed)?;
                let connection = Connection::from_record(&record).map_err(|_| unreadable())?;
                recent.keep(context, sealed, connection.clone());
                connection
            }
        };
        if self.credential_changed() {
            connection.forgive();
        }
        Ok(Some(connection))
    }

    /// What this isolate has seen lately.
    pub(super) const fn recent(&self) -> &'a Recent {
        &self.call.config.recent
    }

    /// The stored connection, or a new one.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub(super) fn load_or_new(&self) -> Result<Connection, Problem> {
        self.or_new(self.load()?)
    }

    /// What was loaded, or a new connection.
    ///
    /// # Errors
    /// `internal` without a random source.
    pub(super) fn or_new(&self, stored: Option<Connection>) -> Result<Connection, Problem> {
        stored.map_or_else(|| random::number().map(Connection::new), Ok)
    }

    /// Stores the connection, and wakes the vault when it is due.
    ///
    /// # Errors
    /// As [`Store::load`]; nothing is written then.
    pub(super) fn save(&self, connection: &Connection) -> Result<(), Problem> {
        let sealed = self.write(CONNECTION, &connection.to_record())?;
        let recent = &self.call.config.recent.connections;
        recent.keep(self.context(CONNECTION), sealed, connection.clone());
        self.call.rows.put(CREDENTIAL, &self.credential()?);
        let name = crate::supply::name(&self.subject);
        let name = name.write(&mut Object::new()).finish();
        self.call.rows.put(NAME, name.as_bytes());
        self.call.rows.set_alarm(connection.deadline());
        Ok(())
    }

    /// The stored sessions as JSON.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub(super) fn sessions(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Problem> {
        let Some(sealed) = self.call.rows.get(SESSIONS) else {
            return Ok(None);
        };
        self.open_row(&self.context(SESSIONS), &sealed).map(Some)
    }

    /// Stores the sessions.
    ///
    /// # Errors
    /// As [`Store::save`].
    pub(super) fn save_sessions(&self, sessions: &[u8]) -> Result<(), Problem> {
        self.write(SESSIONS, sessions).map(|_| ())
    }

    /// The name of the object that holds the breaker of the connection's app.
    ///
    /// # Errors
    /// As [`Store::save`].
    pub(super) fn breaker_object(&self) -> Result<String, Problem> {
        let app = &self.subject.app.name;
        Ok(message::breaker_object(app, &self.credential()?))
    }

    /// Appends to the trail.
    pub(super) fn note(&self, entry: &Entry<'_>, now: UnixTime) {
        entry.append(self.call.rows, now);
    }

    /// What tells a token from others in the trail, and is worth nothing without the connection's key.
    pub(super) fn fingerprint(&self, token: &AccessToken) -> Option<String> {
        let (key, _) = self.key().ok()??;
        let token = token.expose("only its keyed fingerprint is kept");
        Some(key.fingerprint(token.as_bytes()))
    }

    fn open_row(&self, context: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let (key, _) = self.key()?.ok_or_else(unreadable)?;
        key.open(context, sealed).map_err(seal_problem)
    }

    /// Writes a row; the value is what is stored.
    fn write(&self, row: &str, plaintext: &[u8]) -> Result<Vec<u8>, Problem> {
        let key = match self.key()? {
            Some((key, Freshness::CurrentKey)) => key,
            Some((key, Freshness::OlderKey)) => self.wrap(key)?,
            None => self.wrap(DataKey::from_random(random::bytes()?))?,
        };
        let sealed = key
            .seal(&self.context(row), plaintext, random::bytes()?)
            .map_err(seal_problem)?;
        self.call.rows.put(row, &sealed);
        Ok(sealed)
    }

    fn key(&self) -> Result<Option<(DataKey, Freshness)>, Problem> {
        let Some(wrapped) = self.call.rows.get(KEY) else {
            return Ok(None);
        };
        let context = self.context(KEY);
        let recent = &self.call.config.recent.keys;
        if let Some(known) = recent.get(&context, &wrapped) {
            return Ok(Some(known));
        }
        let keys = &self.call.config.seal_keys;
        let unwrapped = keys.unwrap(&context, &wrapped).map_err(seal_problem)?;
        recent.keep(context, wrapped, unwrapped.clone());
        Ok(Some(unwrapped))
    }

    fn wrap(&self, key: DataKey) -> Result<DataKey, Problem> {
        let context = self.context(KEY);
        let keys = &self.call.config.seal_keys;
        let wrapped = keys.wrap(&context, &key, random::bytes()?);
        let wrapped = wrapped.map_err(seal_problem)?;
        self.call.rows.put(KEY, &wrapped);
        let recent = &self.call.config.recent.keys;
        recent.keep(context, wrapped, (key.clone(), Freshness::CurrentKey));
        Ok(key)
    }

    /// What a row is bound to. Row names hold no slash, so no two rows of any connections share one.
    fn context(&self, row: &str) -> String {
        format!("{row}/{}", self.identity)
    }

    /// The fingerprint of the client secret that is configured, made once for an app.
    fn credential(&self) -> Result<Fingerprint, Problem> {
        let known = &self.subject.app.credential;
        if let Some(known) = known.get() {
            return Ok(*known);
        }
        let keys = &self.call.config.seal_keys;
        let made = keys.fingerprint(CREDENTIAL, self.secret());
        made.map(|made| *known.get_or_init(|| made))
            .map_err(|_| unreadable())
    }

    fn credential_changed(&self) -> bool {
        let Some(stored) = self.call.rows.get(CREDENTIAL) else {
            return false;
        };
        let keys = &self.call.config.seal_keys;
        let current = self.credential();
        let is_current = current.is_ok_and(|current| current.ct_eq(&stored).into());
        let is_known = || keys.recognise(CREDENTIAL, self.secret(), &stored).is_some();
        !is_current && !is_known()
    }

    fn secret(&self) -> &[u8] {
        let secret: &ClientSecret = self.subject.app.app.client_secret();
        secret
            .expose("only its keyed fingerprint is kept")
            .as_bytes()
    }
}

fn seal_problem(error: SealError) -> Problem {
    match error {
        SealError::UnknownKey => Problem::new(
            Code::ConfigInvalid,
            "This connection is sealed with a key that is not in TILLGATE_SEAL_KEYS. Put it back, behind the new one.",
        ),
        _ => unreadable(),
    }
}

fn unreadable() -> Problem {
    Problem::new(
        Code::Internal,
        "What is stored for this connection cannot be read. An administrator can forget it.",
    )
}

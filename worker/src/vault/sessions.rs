//! The sessions of one merchant that are alive. A session cookie counts only while its id is on this list.

use tillgate_core::{
    json::{self, Json, Object},
    time::UnixTime,
};

use super::store::Store;
use crate::{
    message::SessionReply,
    problem::{Code, Problem},
    random,
    seal::hex,
    session::SESSION_LIFETIME,
};

/// Most sessions of one merchant; the oldest end first. A restaurant has fewer screens.
const MAX_SESSIONS: usize = 256;

/// The list, as it is stored.
#[derive(Default)]
pub(super) struct Sessions(Vec<SessionReply>);

impl Sessions {
    /// Reads the list, without those that have ended.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub(super) fn load(store: &Store<'_>, now: UnixTime) -> Result<Self, Problem> {
        let bytes = store.sessions()?;
        let mut sessions = bytes.map(|bytes| Self::read(&bytes)).unwrap_or_default();
        sessions.0.retain(|session| now < session.expires_at);
        Ok(sessions)
    }

    /// The session of this id.
    ///
    /// # Errors
    /// `unauthenticated` if it is not alive.
    pub(super) fn find(&self, id: &str) -> Result<&SessionReply, Problem> {
        let ended = || {
            Problem::new(
                Code::Unauthenticated,
                "The session has ended. Log in again.",
            )
        };
        self.0
            .iter()
            .find(|session| session.session == id)
            .ok_or_else(ended)
    }

    /// Begins a session with a new id and stores the list.
    ///
    /// # Errors
    /// As [`Store::save`].
    pub(super) fn begin(
        mut self,
        store: &Store<'_>,
        employee_id: Option<&str>,
        now: UnixTime,
    ) -> Result<SessionReply, Problem> {
        let id: [u8; 32] = random::bytes()?;
        let session = SessionReply {
            session: hex(&id),
            employee_id: employee_id.map(str::to_owned),
            expires_at: now.plus(SESSION_LIFETIME),
        };
        let surplus = self.0.len().saturating_add(1).saturating_sub(MAX_SESSIONS);
        self.0.drain(..surplus);
        self.0.push(session.clone());
        self.save(store).map(|()| session)
    }

    /// Ends a session and stores the list.
    ///
    /// # Errors
    /// As [`Store::save`].
    pub(super) fn end(mut self, store: &Store<'_>, id: &str) -> Result<(), Problem> {
        self.0.retain(|session| session.session != id);
        self.save(store)
    }

    fn read(bytes: &[u8]) -> Self {
        let json = Json::parse(bytes).unwrap_or(Json::Null);
        let mut sessions = Vec::new();
        for item in json.items().unwrap_or_default() {
            sessions.extend(SessionReply::read(item));
        }
        Self(sessions)
    }

    fn save(&self, store: &Store<'_>) -> Result<(), Problem> {
        let list = json::list(&self.0, |session| {
            session.write(&mut Object::new()).finish()
        });
        store.save_sessions(list.as_bytes())
    }
}

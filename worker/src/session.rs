//! A merchant's session: what its cookie says, and the rule that a call with it was meant by one of our pages.
//!
//! The cookie names a session; whether that session is alive only the vault knows, which keeps a list of them.

use tillgate_core::{
    json::{Json, Object},
    time::{HOUR, UnixTime},
};

use crate::{
    config::Config,
    cookies::Cookie,
    incoming::Incoming,
    message::SessionReply,
    problem::{Code, Problem},
    random,
};

/// How long a session lives, in seconds: a long working day.
pub(crate) const SESSION_LIFETIME: u64 = 12 * HOUR;
/// Separates session cookies from everything else that is sealed.
const PURPOSE: &str = "session";

/// What the cookie says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    /// The app that was logged in to.
    pub(crate) app: String,
    /// The merchant.
    pub(crate) account: String,
    /// The session id: 256 random bits.
    pub(crate) id: String,
    /// When it ends.
    pub(crate) expires_at: UnixTime,
}

impl Session {
    /// The session of a request.
    ///
    /// # Errors
    /// `unauthenticated` without a session, `forbidden` for a call that no page of ours can have meant.
    pub(crate) fn of(incoming: &Incoming<'_>, config: &Config) -> Result<Self, Problem> {
        let missing = || {
            Problem::new(
                Code::Unauthenticated,
                "Send Authorization: Bearer with a key, or log in.",
            )
        };
        let cookie = Cookie::session(incoming)
            .read(incoming)
            .ok_or_else(missing)?;
        check_intent(incoming)?;
        let session = config.seal_keys.open_text(PURPOSE, &cookie).ok();
        let session = session
            .and_then(|json| Self::read(&json))
            .ok_or_else(missing)?;
        if incoming.now >= session.expires_at {
            return Err(missing());
        }
        Ok(session)
    }

    /// A session that the vault has just begun.
    pub(crate) fn begun(app: &str, account: &str, reply: &SessionReply) -> Self {
        Self {
            app: app.to_owned(),
            account: account.to_owned(),
            id: reply.session.clone(),
            expires_at: reply.expires_at,
        }
    }

    fn write(&self) -> String {
        Object::new()
            .text("app", &self.app)
            .text("account", &self.account)
            .text("id", &self.id)
            .time("expires_at", self.expires_at)
            .finish()
    }

    fn read(json: &[u8]) -> Option<Self> {
        let json = Json::parse(json)?;
        let (app, account, id) = (json.text("app")?, json.text("account")?, json.text("id")?);
        Some(Self {
            expires_at: json.time("expires_at")?,
            app: app.to_owned(),
            account: account.to_owned(),
            id: id.to_owned(),
        })
    }

    /// The `Set-Cookie` that gives it to the browser.
    ///
    /// # Errors
    /// `internal` if there is no key to seal it with.
    pub(crate) fn set_cookie(
        &self,
        incoming: &Incoming<'_>,
        config: &Config,
    ) -> Result<(&'static str, String), Problem> {
        let internal = || Problem::new(Code::Internal, "The session could not be sealed.");
        let sealed = config
            .seal_keys
            .seal_text(PURPOSE, self.write().as_bytes(), random::bytes()?)
            .map_err(|_| internal())?;
        Ok(Cookie::session(incoming).set(&sealed, incoming.now.until(self.expires_at)))
    }
}

/// Refuses a call with a cookie that could have been made by another site: a header that no form can send, an origin that
/// is ours, and Fetch Metadata as a second line.
fn check_intent(incoming: &Incoming<'_>) -> Result<(), Problem> {
    let refuse = |detail: &str| Err(Problem::new(Code::Forbidden, detail));
    if incoming.headers.get("x-tillgate").as_deref() != Some("1") {
        return refuse("A call with the session cookie also carries the header X-Tillgate: 1.");
    }
    let no_origin = incoming.headers.get("origin").is_none();
    if no_origin && incoming.headers.get("sec-fetch-site").as_deref() == Some("cross-site") {
        return refuse(
            "A call with the session cookie comes from the worker's own origin or a configured one.",
        );
    }
    Ok(())
}

/// What `GET /session` tells.
pub(crate) fn describe(session: &Session, reply: &SessionReply) -> String {
    Object::new()
        .text("app", &session.app)
        .text("account", &session.account)
        .optional_text("employee_id", reply.employee_id.as_deref())
        .time("expires_at", reply.expires_at)
        .finish()
}

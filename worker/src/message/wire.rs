//! Messages and replies as JSON. A message is one object whose key `ask` says what is asked, a reply one whose key `reply`
//! says what it is; the other keys have the names of the fields.

use tillgate_core::{
    authorization::Authorization,
    breaker::Blocked,
    exchange::ExchangeError,
    json::{self, Json, Object},
};

use super::{Hidden, Message, Name, Reply, SessionReply, StatusReply, TokenReply};
use crate::problem::Problem;

impl Message {
    /// The message as text.
    pub(crate) fn write(&self) -> String {
        let mut json = Object::new();
        json.text("ask", self.word());
        match self {
            Self::Token {
                name,
                caller,
                session,
                rejected,
            } => name
                .write(&mut json)
                .optional_text("caller", caller.as_deref())
                .optional_text("session", session.as_deref())
                .optional_text("rejected", rejected.as_deref()),
            Self::Refresh { name, caller } | Self::Forget { name, caller } => {
                name.write(&mut json).text("caller", caller)
            }
            Self::Audit { name, before } => name.write(&mut json).whole("before", (*before).into()),
            Self::Status(name)
            | Self::Admit(name)
            | Self::Register(name)
            | Self::Unregister(name) => name.write(&mut json),
            Self::Redeem {
                name,
                authorization,
                query,
            } => name
                .write(&mut json)
                .json("authorization", &authorization.to_record())
                .text("query", query),
            Self::Session { name, session } | Self::EndSession { name, session } => {
                name.write(&mut json).text("session", session)
            }
            Self::Consume { until } => json.time("until", *until),
            Self::Report { name, error } => {
                let json = name.write(&mut json);
                match error {
                    Some(error) => error.write(json),
                    None => json,
                }
            }
            Self::List { after, limit } => {
                if let Some(after) = after {
                    after.write(&mut json);
                }
                json.whole("limit", (*limit).into())
            }
        }
        .finish()
    }

    /// The message that [`Message::write`] wrote; `None` for one that this version does not know.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let json = Json::parse(text.as_bytes())?;
        // What is owned is made last: until then there is nothing to give back when something is missing.
        let name = || Name::read(&json);
        let session = || json.owned_text("session");
        let caller = || json.owned_text("caller");
        let number = |key| json.whole(key)?.try_into().ok();
        Some(match json.text("ask")? {
            "token" => Self::Token {
                name: name()?,
                caller: caller(),
                session: session(),
                rejected: json.owned_text("rejected"),
            },
            "refresh" => Self::Refresh {
                name: name()?,
                caller: caller().unwrap_or_default(),
            },
            "status" => Self::Status(name()?),
            "forget" => Self::Forget {
                name: name()?,
                caller: caller().unwrap_or_default(),
            },
            "audit" => Self::Audit {
                before: number("before")?,
                name: name()?,
            },
            "redeem" => {
                let query = json.text("query")?;
                let authorization = Authorization::from_record(json.get("authorization")?)?;
                Self::Redeem {
                    name: name()?,
                    authorization,
                    query: query.to_owned().into(),
                }
            }
            "session" => Self::Session {
                name: name()?,
                session: session()?,
            },
            "end_session" => Self::EndSession {
                name: name()?,
                session: session()?,
            },
            "consume" => Self::Consume {
                until: json.time("until")?,
            },
            "admit" => Self::Admit(name()?),
            "report" => Self::Report {
                name: name()?,
                error: ExchangeError::read(&json),
            },
            "register" => Self::Register(name()?),
            "unregister" => Self::Unregister(name()?),
            "list" => Self::List {
                limit: number("limit")?,
                after: name(),
            },
            _ => return None,
        })
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::Token { .. } => "token",
            Self::Refresh { .. } => "refresh",
            Self::Status(_) => "status",
            Self::Forget { .. } => "forget",
            Self::Audit { .. } => "audit",
            Self::Redeem { .. } => "redeem",
            Self::Session { .. } => "session",
            Self::EndSession { .. } => "end_session",
            Self::Consume { .. } => "consume",
            Self::Admit(_) => "admit",
            Self::Report { .. } => "report",
            Self::Register(_) => "register",
            Self::Unregister(_) => "unregister",
            Self::List { .. } => "list",
        }
    }
}

impl Reply {
    /// The reply as text.
    pub(crate) fn write(&self) -> String {
        let mut json = Object::new();
        json.text("reply", self.word());
        match self {
            Self::Token(token) => token.write(&mut json),
            Self::Problem(problem) => problem.write(&mut json),
            Self::Status(status) => status.write(&mut json),
            Self::Session(session) => session.write(&mut json),
            Self::Consumed { first } => json.flag("first", *first),
            Self::Trail { entries, next } => {
                json.text("entries", entries).optional_whole("next", *next)
            }
            Self::Names { names } => json.json(
                "names",
                &json::list(names, |name| name.write(&mut Object::new()).finish()),
            ),
            Self::Admitted { watching } => json.flag("watching", *watching),
            Self::Blocked(blocked) => blocked.error.write(&mut json).time("until", blocked.until),
            Self::Done => &mut json,
        }
        .finish()
    }

    /// The reply that [`Reply::write`] wrote; `None` for one that this version does not know.
    pub(crate) fn read(json: &Json) -> Option<Self> {
        Some(match json.text("reply")? {
            "token" => Self::Token(TokenReply::read(json)?),
            "problem" => Self::Problem(Problem::read(json)?),
            "status" => Self::Status(StatusReply::read(json)?),
            "session" => Self::Session(SessionReply::read(json)?),
            "consumed" => Self::Consumed {
                first: json.flag("first"),
            },
            "trail" => Self::Trail {
                entries: json.owned_text("entries")?,
                next: json.whole("next"),
            },
            "names" => {
                let mut names = Vec::new();
                for name in json.get("names")?.items()? {
                    names.extend(Name::read(name));
                }
                Self::Names { names }
            }
            "admitted" => Self::Admitted {
                watching: json.flag("watching"),
            },
            "blocked" => Self::Blocked(Blocked {
                error: ExchangeError::read(json)?,
                until: json.time("until")?,
            }),
            "done" => Self::Done,
            _ => return None,
        })
    }

    const fn word(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::Problem(_) => "problem",
            Self::Status(_) => "status",
            Self::Session(_) => "session",
            Self::Consumed { .. } => "consumed",
            Self::Trail { .. } => "trail",
            Self::Names { .. } => "names",
            Self::Admitted { .. } => "admitted",
            Self::Blocked(_) => "blocked",
            Self::Done => "done",
        }
    }
}

impl Name {
    /// Adds the name's two keys.
    pub(crate) fn write<'a>(&self, json: &'a mut Object) -> &'a mut Object {
        json.text("app", &self.app).text("account", &self.account)
    }

    /// The name of an object with its two keys.
    pub(crate) fn read(json: &Json) -> Option<Self> {
        let (app, account) = (json.text("app")?, json.text("account")?);
        Some(Self {
            app: app.to_owned(),
            account: account.to_owned(),
        })
    }
}

impl TokenReply {
    fn write<'a>(&self, json: &'a mut Object) -> &'a mut Object {
        self.name
            .write(json)
            .text("access_token", &self.access_token.0)
            .time("obtained_at", self.obtained_at)
            .time("expires_at", self.expires_at)
            .time("refresh_at", self.refresh_at)
            .text("ticket", &self.ticket)
            .flag("exchanged", self.exchanged)
    }

    fn read(json: &Json) -> Option<Self> {
        let (access_token, ticket) = (json.text("access_token")?, json.text("ticket")?);
        Some(Self {
            obtained_at: json.time("obtained_at")?,
            expires_at: json.time("expires_at")?,
            refresh_at: json.time("refresh_at")?,
            exchanged: json.flag("exchanged"),
            name: Name::read(json)?,
            access_token: Hidden(access_token.to_owned().into()),
            ticket: ticket.to_owned(),
        })
    }
}

impl StatusReply {
    /// Adds the keys that `GET /connections` shows; absent values are `null`.
    pub(crate) fn write<'a>(&self, json: &'a mut Object) -> &'a mut Object {
        json.text("app", &self.app)
            .text("account", &self.account)
            .text("platform", &self.platform)
            .text("state", &self.state)
            .time_or_null("expires_at", self.expires_at)
            .time_or_null("refreshed_at", self.refreshed_at)
            .whole("exchanges", self.exchanges)
            .text_or_null("last_error", self.last_error.as_deref())
            .optional_whole("ends_within_days", self.ends_within_days)
    }

    fn read(json: &Json) -> Option<Self> {
        let (app, account) = (json.text("app")?, json.text("account")?);
        let (platform, state) = (json.text("platform")?, json.text("state")?);
        Some(Self {
            exchanges: json.whole("exchanges")?,
            app: app.to_owned(),
            account: account.to_owned(),
            platform: platform.to_owned(),
            state: state.to_owned(),
            expires_at: json.time("expires_at"),
            refreshed_at: json.time("refreshed_at"),
            last_error: json.owned_text("last_error"),
            ends_within_days: json.whole("ends_within_days"),
        })
    }
}

impl SessionReply {
    /// Adds the session's keys.
    pub(crate) fn write<'a>(&self, json: &'a mut Object) -> &'a mut Object {
        json.text("session", &self.session)
            .optional_text("employee_id", self.employee_id.as_deref())
            .time("expires_at", self.expires_at)
    }

    /// The session of an object with its keys.
    pub(crate) fn read(json: &Json) -> Option<Self> {
        let session = json.text("session")?;
        Some(Self {
            expires_at: json.time("expires_at")?,
            session: session.to_owned(),
            employee_id: json.owned_text("employee_id"),
        })
    }
}

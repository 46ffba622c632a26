//! What the JavaScript side is told to do next. Deciding happens here in Rust, synchronously; waiting happens there.
//!
//! A request is decided by asking again and again: each [`Step`] is carried out and its outcome comes back as an
//! [`Event`] together with the same request. Nothing about a request is kept in between, so a client that goes away
//! leaves nothing behind.

use std::{borrow::Cow, rc::Rc};

use tillgate_core::{gate::is_active_content, json::Json};

use crate::{cache::Supply, lasting::Lasting, message::Reply};

/// Header names in lower case, with values. Those of answers that are given often are all `'static`, so that the boundary
/// translates each such list once.
pub(crate) type HeaderList = Vec<(&'static str, Cow<'static, str>)>;

/// How many headers most answers have: their own, `Server-Timing`, and those that every answer carries.
pub(crate) const USUAL_HEADERS: usize = 8;

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum Body {
    /// None.
    Empty,
    /// A text that is made for one answer.
    Text(String),
    /// A text that many answers have.
    Lasting(Rc<Lasting<String>>),
}

/// An answer of the worker's own.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// The headers, except for the request id, which whoever made it adds.
    pub(crate) headers: HeaderList,
    /// The body.
    pub(crate) body: Body,
}

impl Answer {
    /// An answer without a body.
    pub(crate) fn new(status: u16) -> Self {
        Self {
            status,
            // Room for what most answers come to have.
            headers: Vec::with_capacity(USUAL_HEADERS),
            body: Body::Empty,
        }
    }

    /// An answer with a JSON body.
    pub(crate) fn json(status: u16, body: impl Into<Body>) -> Self {
        Self::new(status)
            .header("content-type", "application/json")
            .body(body)
    }

    /// The answer with one more header.
    #[must_use]
    pub(crate) fn header(
        mut self,
        name: &'static str,
        value: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer with this body.
    #[must_use]
    pub(crate) fn body(self, body: impl Into<Body>) -> Self {
        let body = body.into();
        Self { body, ..self }
    }
}

#[cfg(any(test, fuzzing))]
impl Body {
    /// The body as text.
    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::Text(text) => text,
            Self::Lasting(text) => text.value(),
        }
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Rc<Lasting<String>>> for Body {
    fn from(text: Rc<Lasting<String>>) -> Self {
        Self::Lasting(text)
    }
}

/// One question to one Durable Object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ask {
    /// The object's name.
    pub(crate) object: String,
    /// A [`crate::message::Message`] as JSON.
    pub(crate) message: String,
    /// Whether it may be sent again if the object was lost meanwhile.
    pub(crate) repeatable: bool,
}

/// One request to a platform's API.
#[derive(Debug)]
pub(crate) struct Forward {
    /// The URL, which only the gate makes.
    pub(crate) url: String,
    /// The token that is used, whose headers are set last and once.
    pub(crate) supply: Rc<Supply>,
    /// Headers of our own on the answer, except for the request id.
    pub(crate) answer_headers: HeaderList,
    /// Whether the request may be sent once more with a new token.
    pub(crate) repeatable: bool,
    /// Most bytes of a body.
    pub(crate) max_body_bytes: u64,
}

/// A refusal that the deployment's rate limit counts.
#[derive(Debug)]
pub(crate) struct Limited {
    /// Whom it counts for: the client's address.
    pub(crate) address: String,
    /// The answer while the limit is not reached, or where there is none.
    pub(crate) within: Answer,
    /// The answer beyond it.
    pub(crate) beyond: Answer,
}

/// One signature to check.
#[derive(Debug)]
pub(crate) struct Verify {
    /// The algorithm, by its name in RFC 7518 or 8037.
    pub(crate) algorithm: &'static str,
    /// The public keys that may have made it, as JWKs. One has to have.
    pub(crate) keys: Vec<String>,
    /// What is signed, in ASCII.
    pub(crate) signed: String,
    /// The signature.
    pub(crate) signature: Vec<u8>,
    /// Which of its issuer's sets the keys are from, counted from one.
    pub(crate) generation: u32,
    /// Where to fetch the issuer's keys anew, without waiting for them.
    pub(crate) refresh: Option<String>,
}

/// What to do next.
#[derive(Debug)]
pub(crate) enum Step {
    /// Answer the caller.
    Answer(Answer),
    /// Ask these objects, all at once, and come back with the replies.
    Ask(Vec<Ask>),
    /// Call the platform and stream its answer.
    Forward(Box<Forward>),
    /// Give the caller the platform's answer that is at hand.
    Pass,
    /// Ask the deployment's rate limit which of two answers to give.
    Limit(Box<Limited>),
    /// Fetch the keys at this address for the [`crate::jwt::Ring`], and come back.
    Keys(String),
    /// Come back in a moment: others are fetching the keys.
    Wait,
    /// Check a signature, and come back with a [`Proof`], now and with everything that follows.
    Verify(Box<Verify>),
}

impl Step {
    /// Whether it is the same for everyone who asks the same in the same second. A problem is not, it has a request's id.
    pub(crate) const fn is_for_everyone(&self) -> bool {
        match self {
            Self::Answer(answer) => matches!(answer.body, Body::Lasting(_)),
            Self::Forward(_) => true,
            _ => false,
        }
    }

    /// The same, with every answer of our own that it may come to changed by this.
    pub(crate) fn map_answers(self, change: &dyn Fn(Answer) -> Answer) -> Self {
        match self {
            Self::Answer(answer) => Self::Answer(change(answer)),
            Self::Limit(limited) => Self::Limit(Box::new(Limited {
                address: limited.address,
                within: change(limited.within),
                beyond: change(limited.beyond),
            })),
            other => other,
        }
    }
}

/// What became of the step before; all empty at the beginning.
#[derive(Debug, Default)]
pub(crate) struct Event {
    /// The replies of the objects that were asked, in the order of asking.
    pub(crate) replies: Vec<Reply>,
    /// The ticket of the token that the platform's API answered 401 to.
    pub(crate) rejected: Option<String>,
    /// Why calling the platform's API failed.
    pub(crate) failed: Option<Failed>,
    /// What became of the request's signature, once that was checked.
    pub(crate) proof: Option<Proof>,
}

/// What checking a signature showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// One of the keys made it.
    Good,
    /// None of those in the set of this generation did.
    Bad(u32),
}

/// Why calling a platform's API gave no answer to pass on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failed {
    /// No connection, or it broke before an answer began.
    Network,
    /// No answer in time.
    Timeout,
    /// The caller's body is larger than allowed.
    BodyTooLarge,
    /// The platform answered with a redirect, or with a status that is none.
    Refused,
    /// The answer repeats our token.
    Echo,
    /// The vault could not be asked.
    Vault,
}

impl Event {
    /// Reads `{"replies": […], "rejected": "…", "failed": "…"}`; every key may be absent.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let json = Json::parse(text.as_bytes())?;
        let mut replies = Vec::new();
        for reply in json
            .get("replies")
            .and_then(Json::items)
            .unwrap_or_default()
        {
            replies.push(Reply::read(reply)?);
        }
        Some(Self {
            replies,
            rejected: json.owned_text("rejected"),
            failed: match json.text("failed") {
                Some(word) => Some(Failed::parse(word)?),
                None => None,
            },
            proof: None,
        })
    }
}

impl From<u32> for Proof {
    /// Reads what `worker/jwt.js` says: 0 for a good signature, or else the generation.
    fn from(said: u32) -> Self {
        match said {
            0 => Self::Good,
            generation => Self::Bad(generation),
        }
    }
}

impl Failed {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "network" => Self::Network,
            "timeout" => Self::Timeout,
            "body_too_large" => Self::BodyTooLarge,
            "refused" => Self::Refused,
            "echo" => Self::Echo,
            "vault" => Self::Vault,
            _ => return None,
        })
    }
}

/// What to make of the status of a platform's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Verdict {
    /// Stream it to the caller.
    Pass = 0,
    /// Stream it, as a download: a browser could run it in our origin.
    Download = 1,
    /// Refuse it: redirects are not followed and not passed on, and neither is a status that is none.
    Refuse = 2,
    /// The token was rejected: ask the vault, which may lead to another try.
    Rejected = 4,
    /// The same, and what is streamed if there is none is a download.
    RejectedDownload = 5,
}

/// Judges an answer of a platform's API by its status and `Content-Type`. `tried` counts earlier tries of this request.
pub(crate) fn judge(status: u16, content_type: &str, tried: u32) -> Verdict {
    let rejected = status == 401 && tried == 0;
    let active = || is_active_content(content_type);
    match status {
        ..=199 | 300..=303 | 305..=399 | 600.. => Verdict::Refuse,
        204 | 205 | 304 => Verdict::Pass,
        _ if rejected && active() => Verdict::RejectedDownload,
        _ if rejected => Verdict::Rejected,
        _ if active() => Verdict::Download,
        _ => Verdict::Pass,
    }
}

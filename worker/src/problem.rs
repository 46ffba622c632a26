//! Every failure as one documented problem (RFC 9457). The texts are ours: a platform's own never appears in one, and
//! neither does anything secret.

use core::ops::Deref;
use std::borrow::Cow;

use tillgate_core::{
    exchange::ExchangeError,
    http::RetryAfter,
    json::{self, Json, Object},
};

use crate::{config::Mistake, step::Answer};

/// What went wrong, as the README's table of problems lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// The request cannot be read.
    BadRequest,
    /// The body is larger than the app allows.
    BodyTooLarge,
    /// No key, JWT or session, or one that is not valid.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// No rule allows this method and path.
    PathNotAllowed,
    /// The calling page is not one of the configured origins.
    OriginNotAllowed,
    /// No such route, app or account, or none that the caller may know of.
    NotFound,
    /// The route exists, with other methods.
    MethodNotAllowed,
    /// A merchant has to log in.
    LoginRequired,
    /// The callback does not answer a login of this browser.
    StateInvalid,
    /// The platform did not confirm the merchant.
    MerchantNotProved,
    /// The callback cannot be used.
    CallbackInvalid,
    /// The platform does not know our credentials.
    CredentialsRejected,
    /// The platform knows us and refuses.
    AccessDenied,
    /// The platform answers nonsense.
    PlatformAnswerInvalid,
    /// The platform asked to slow down, or too many unknown keys came from one address.
    RateLimited,
    /// The platform cannot be reached, or says that it is down.
    PlatformUnavailable,
    /// The platform took too long.
    PlatformTimeout,
    /// The worker's configuration is wrong.
    ConfigInvalid,
    /// A fault of ours.
    Internal,
}

impl Code {
    /// Every code.
    const ALL: [Self; 20] = [
        Self::BadRequest,
        Self::BodyTooLarge,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::PathNotAllowed,
        Self::OriginNotAllowed,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::LoginRequired,
        Self::StateInvalid,
        Self::MerchantNotProved,
        Self::CallbackInvalid,
        Self::CredentialsRejected,
        Self::AccessDenied,
        Self::PlatformAnswerInvalid,
        Self::RateLimited,
        Self::PlatformUnavailable,
        Self::PlatformTimeout,
        Self::ConfigInvalid,
        Self::Internal,
    ];

    /// The code as it is written, its status and its title.
    pub(crate) const fn facts(self) -> (&'static str, u16, &'static str) {
        match self {
            Self::BadRequest => ("bad_request", 400, "The request cannot be read"),
            Self::BodyTooLarge => ("body_too_large", 413, "The body is too large"),
            Self::Unauthenticated => ("unauthenticated", 401, "No valid key or session"),
            Self::Forbidden => ("forbidden", 403, "Not allowed for this caller"),
            Self::PathNotAllowed => (
                "path_not_allowed",
                403,
                "No rule allows this method and path",
            ),
            Self::OriginNotAllowed => ("origin_not_allowed", 403, "This page may not call"),
            Self::NotFound => ("not_found", 404, "Not found"),
            Self::MethodNotAllowed => ("method_not_allowed", 405, "Method not allowed"),
            Self::LoginRequired => ("login_required", 401, "The merchant has to log in"),
            Self::StateInvalid => ("state_invalid", 400, "This login was not started here"),
            Self::MerchantNotProved => {
                ("merchant_not_proved", 400, "The merchant was not confirmed")
            }
            Self::CallbackInvalid => ("callback_invalid", 400, "The login could not be completed"),
            Self::CredentialsRejected => (
                "credentials_rejected",
                502,
                "The platform rejected our credentials",
            ),
            Self::AccessDenied => ("access_denied", 502, "The platform denied access"),
            Self::PlatformAnswerInvalid => (
                "platform_answer_invalid",
                502,
                "The platform's answer makes no sense",
            ),
            Self::RateLimited => ("rate_limited", 429, "Too many requests"),
            Self::PlatformUnavailable => {
                ("platform_unavailable", 503, "The platform is unavailable")
            }
            Self::PlatformTimeout => ("platform_timeout", 504, "The platform took too long"),
            Self::ConfigInvalid => (
                "config_invalid",
                503,
                "The worker is not configured correctly",
            ),
            Self::Internal => ("internal", 500, "Internal error"),
        }
    }

    /// The code that is written like this.
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    /// The code as it is written.
    pub(crate) const fn as_str(self) -> &'static str {
        self.facts().0
    }

    /// The HTTP status.
    pub(crate) const fn status(self) -> u16 {
        self.facts().1
    }
}

impl From<ExchangeError> for Code {
    fn from(error: ExchangeError) -> Self {
        match error {
            ExchangeError::CredentialsRejected(_) => Self::CredentialsRejected,
            ExchangeError::AccessDenied(_) => Self::AccessDenied,
            ExchangeError::CodeRejected => Self::CallbackInvalid,
            ExchangeError::RateLimited(_) => Self::RateLimited,
            ExchangeError::Unavailable(_) => Self::PlatformUnavailable,
            ExchangeError::TimedOut => Self::PlatformTimeout,
            ExchangeError::AnswerInvalid(_) => Self::PlatformAnswerInvalid,
        }
    }
}

/// A failure with what the caller may know of it. Boxed, since nearly every function here can return one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem(Box<Facts>);

/// What a [`Problem`] says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// What went wrong.
    pub(crate) code: Code,
    /// One sentence for a person: what to do.
    pub(crate) detail: String,
    /// The app it concerns.
    app: Option<String>,
    /// The account it concerns.
    account: Option<String>,
    /// Seconds after which another try makes sense.
    pub(crate) retry_after: Option<u64>,
    /// Where the merchant logs in.
    login_url: Option<String>,
    /// Mistakes in the configuration, for an administrator.
    errors: Vec<Mistake>,
    /// Methods of the route.
    pub(crate) allow: Option<&'static str>,
}

impl Deref for Problem {
    type Target = Facts;

    fn deref(&self) -> &Facts {
        &self.0
    }
}

impl Problem {
    /// A problem with its sentence.
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Facts {
            code,
            detail: detail.into(),
            app: None,
            account: None,
            retry_after: None,
            login_url: None,
            errors: Vec::new(),
            allow: None,
        }))
    }

    /// The problem of a failed exchange; `retry_after` in seconds, or else what the platform asked for.
    pub(crate) fn of_exchange(error: ExchangeError, retry_after: Option<u64>) -> Self {
        let asked = match error {
            ExchangeError::RateLimited(asked) | ExchangeError::Unavailable(asked) => asked,
            _ => None,
        };
        let mut problem = Self::new(error.into(), advice(error));
        problem.0.retry_after = retry_after.or(asked.map(RetryAfter::seconds));
        problem
    }

    /// The same, for this connection.
    pub(crate) fn about(mut self, app: &str, account: &str) -> Self {
        self.0.app = Some(app.to_owned());
        self.0.account = Some(account.to_owned());
        self
    }

    /// The same, with the seconds after which another try makes sense.
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    /// The same, with the place where the merchant logs in.
    pub(crate) fn login_url(mut self, url: String) -> Self {
        self.0.login_url = Some(url);
        self
    }

    /// The same, with mistakes in the configuration.
    pub(crate) fn errors(mut self, mistakes: &[Mistake]) -> Self {
        self.0.errors = mistakes.to_vec();
        self
    }

    /// The same, with the methods that the route has.
    pub(crate) fn allow(mut self, methods: &'static str) -> Self {
        self.0.allow = Some(methods);
        self
    }

    /// The answer that tells it.
    pub(crate) fn answer(&self, request_id: &str) -> Answer {
        let answer = Answer::new(self.code.status())
            .header("content-type", "application/problem+json")
            .body(self.json(request_id));
        let challenge =
            (self.code.status() == 401).then_some(("www-authenticate", Cow::Borrowed("Bearer")));
        let retry_after = self
            .retry_after
            .map(|seconds| ("retry-after", seconds.to_string().into()));
        let allow = self.0.allow.map(|methods| ("allow", methods.into()));
        [challenge, retry_after, allow]
            .into_iter()
            .flatten()
            .fold(answer, |answer, (name, value)| answer.header(name, value))
    }

    fn json(&self, request_id: &str) -> String {
        let (code, status, title) = self.code.facts();
        let mut json = Object::new();
        json.text("type", &format!("urn:tillgate:problem:{code}"))
            .text("title", title)
            .whole("status", status.into());
        self.write(&mut json).text("request_id", request_id);
        if !self.errors.is_empty() {
            json.json("errors", &json::list(&self.errors, error));
        }
        json.finish()
    }

    /// Adds what a vault and the worker tell each other of a problem.
    pub(crate) fn write<'a>(&self, json: &'a mut Object) -> &'a mut Object {
        json.text("detail", &self.detail)
            .text("code", self.code.as_str())
            .optional_text("app", self.app.as_deref())
            .optional_text("account", self.account.as_deref())
            .optional_whole("retry_after", self.0.retry_after)
            .optional_text("login_url", self.login_url.as_deref())
    }

    /// The problem that [`Problem::write`] wrote. A code of another version counts as `internal`.
    pub(crate) fn read(json: &Json) -> Option<Self> {
        let code = Code::parse(json.text("code")?).unwrap_or(Code::Internal);
        let mut problem = Self::new(code, json.text("detail")?);
        problem.0.app = json.owned_text("app");
        problem.0.account = json.owned_text("account");
        problem.0.retry_after = json.whole("retry_after");
        problem.0.login_url = json.owned_text("login_url");
        Some(problem)
    }
}

fn error(mistake: &Mistake) -> String {
    Object::new()
        .text("path", &mistake.path)
        .text("message", &mistake.message)
        .finish()
}

/// What the reader of a failed exchange does next.
const fn advice(error: ExchangeError) -> &'static str {
    match error {
        ExchangeError::CredentialsRejected(_) => {
            "The platform does not accept the configured credentials. Check client_id, client secret and account."
        }
        ExchangeError::AccessDenied(_) => {
            "The platform knows this client and refuses it. Ask the platform's support for access."
        }
        ExchangeError::CodeRejected => {
            "The platform did not accept the authorization code. Start the login again."
        }
        ExchangeError::RateLimited(_) => {
            "The platform asked to slow down. Try again after retry_after seconds."
        }
        ExchangeError::Unavailable(_) => {
            "The platform cannot be reached or is down. Try again after retry_after seconds."
        }
        ExchangeError::TimedOut => {
            "The platform did not answer in time. Try again after retry_after seconds."
        }
        ExchangeError::AnswerInvalid(_) => {
            "The platform answered something that its documentation does not know."
        }
    }
}

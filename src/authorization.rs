//! From the moment a merchant is sent to Clover to a callback that may be believed.
//!
//! Only [`Authorization::accept`] makes a [`Callback`], and only a [`Callback`] can be redeemed. Two things are left to
//! whoever keeps an authorization in between: that it is bound to one browser, and that it is used once.

use subtle::ConstantTimeEq;

use crate::{
    clover::{App, MerchantId},
    form,
    json::{Json, Object},
    secret::AuthorizationCode,
    time::{MINUTE, UnixTime},
};

/// How long a login may take, in seconds.
pub const AUTHORIZATION_LIFETIME: u64 = 10 * MINUTE;
/// Longest callback query that is read, in bytes. The documented one is under 200.
const MAX_QUERY_BYTES: usize = 4 * 1024;
/// Longest employee id in bytes; Clover's have 13.
const MAX_EMPLOYEE_ID_BYTES: usize = 64;

/// A login under way. It holds no secret of the app, but whoever can read it can finish the login: seal it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    state: String,
    client_id: String,
    authorize_endpoint: String,
    return_to: String,
    expires_at: UnixTime,
}

impl Authorization {
    pub(crate) fn new(state: String, app: &App, return_to: &str, now: UnixTime) -> Self {
        Self {
            state,
            client_id: app.client_id.clone(),
            authorize_endpoint: app.authorize_endpoint.as_str().to_owned(),
            return_to: return_to.to_owned(),
            expires_at: now.plus(AUTHORIZATION_LIFETIME),
        }
    }

    /// What has to be kept of it, as JSON.
    pub fn to_record(&self) -> String {
        Object::new()
            .text("state", &self.state)
            .text("client_id", &self.client_id)
            .text("authorize_endpoint", &self.authorize_endpoint)
            .text("return_to", &self.return_to)
            .time("expires_at", self.expires_at)
            .finish()
    }

    /// The authorization that [`Authorization::to_record`] wrote; `None` for anything else.
    pub fn from_record(record: &Json) -> Option<Self> {
        let (state, client_id) = (record.text("state")?, record.text("client_id")?);
        let authorize_endpoint = record.text("authorize_endpoint")?;
        let return_to = record.text("return_to")?;
        Some(Self {
            expires_at: record.time("expires_at")?,
            state: state.to_owned(),
            client_id: client_id.to_owned(),
            authorize_endpoint: authorize_endpoint.to_owned(),
            return_to: return_to.to_owned(),
        })
    }

    /// The `state` that was sent: 43 characters of base64url.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Where the browser goes after the login.
    pub fn return_to(&self) -> &str {
        &self.return_to
    }

    /// When this login is no longer accepted.
    pub fn expires_at(&self) -> UnixTime {
        self.expires_at
    }

    /// Checks that a callback answers this login, of this app in this region, in time.
    ///
    /// # Errors
    /// A [`CallbackError`]; the login has to be started again.
    pub fn accept(
        &self,
        app: &App,
        query: CallbackQuery,
        now: UnixTime,
    ) -> Result<Callback, CallbackError> {
        let state = query.state.as_deref().ok_or(CallbackError::StateMissing)?;
        if !bool::from(state.as_bytes().ct_eq(self.state.as_bytes())) {
            return Err(CallbackError::StateMismatch);
        }
        if now >= self.expires_at {
            return Err(CallbackError::Expired);
        }
        let same_app = self.client_id == app.client_id
            && self.authorize_endpoint == app.authorize_endpoint.as_str();
        if !same_app
            || query
                .client_id
                .as_ref()
                .is_some_and(|client_id| *client_id != app.client_id)
        {
            return Err(CallbackError::ClientMismatch);
        }
        if query.error {
            return Err(CallbackError::Denied);
        }
        if query.client_id.is_none() {
            return Err(CallbackError::ClientMismatch);
        }
        let code = query.code.ok_or(CallbackError::CodeMissing)?;
        let merchant_id = query.merchant_id.ok_or(CallbackError::MerchantMissing)?;
        Ok(Callback {
            code,
            merchant_id,
            employee_id: query.employee_id,
        })
    }
}

/// A callback that answers a login of ours. The merchant in it is still a claim: see [`crate::clover::merchant_proof`].
#[derive(Debug)]
pub struct Callback {
    code: AuthorizationCode,
    merchant_id: MerchantId,
    employee_id: Option<String>,
}

impl Callback {
    /// The merchant that the callback claims.
    pub fn merchant_id(&self) -> &MerchantId {
        &self.merchant_id
    }

    /// The employee who logged in, if the callback says so. Nothing proves it.
    pub fn employee_id(&self) -> Option<&str> {
        self.employee_id.as_deref()
    }

    pub(crate) fn into_code(self) -> AuthorizationCode {
        self.code
    }
}

/// What stands in a callback's query, read but not believed.
#[derive(Debug, Default)]
pub struct CallbackQuery {
    state: Option<String>,
    code: Option<AuthorizationCode>,
    client_id: Option<String>,
    merchant_id: Option<MerchantId>,
    employee_id: Option<String>,
    error: bool,
}

impl CallbackQuery {
    /// Reads a query without its `?`. Parameters that are not Clover's are passed over.
    ///
    /// # Errors
    /// [`CallbackError::Repeated`] for a parameter of Clover's that is there twice, [`CallbackError::Malformed`] for one
    /// that cannot be what its name says.
    pub fn parse(query: &str) -> Result<Self, CallbackError> {
        if query.len() > MAX_QUERY_BYTES {
            return Err(CallbackError::Malformed);
        }
        let mut read = Self::default();
        for (name, value) in form::pairs(query) {
            read.take(&name, &value)?;
        }
        Ok(read)
    }

    fn take(&mut self, name: &str, value: &str) -> Result<(), CallbackError> {
        match name {
            "state" => set(&mut self.state, Some(value.to_owned())),
            "client_id" => set(&mut self.client_id, Some(value.to_owned())),
            "code" => set(&mut self.code, AuthorizationCode::parse(value)),
            "merchant_id" => set(&mut self.merchant_id, MerchantId::parse(value)),
            "employee_id" if value.is_empty() => Ok(()),
            "employee_id" => set(&mut self.employee_id, employee_id(value)),
            "error" => {
                self.error = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The `state`, if there is one.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }

    /// The merchant that is claimed, if there is one.
    pub fn merchant_id(&self) -> Option<&MerchantId> {
        self.merchant_id.as_ref()
    }

    /// Whether this is a launch from Clover's dashboard or App Market: it has no `state`, so its code is never redeemed
    /// and a fresh login is started instead (source: Clover's pages on launching web apps).
    pub fn is_launch(&self) -> bool {
        self.state.is_none() && !self.error
    }
}

fn set<T>(slot: &mut Option<T>, value: Option<T>) -> Result<(), CallbackError> {
    let value = value.ok_or(CallbackError::Malformed)?;
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(CallbackError::Repeated),
    }
}

fn employee_id(value: &str) -> Option<String> {
    let fits = value.len() <= MAX_EMPLOYEE_ID_BYTES
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then(|| value.to_owned())
}

/// Why a callback is not believed. In every case nothing is sent to Clover and the login has to be started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// No `state`.
    #[error("the state is missing")]
    StateMissing,
    /// A `state` that is not this browser's.
    #[error("the state is not the one that was sent")]
    StateMismatch,
    /// The login took longer than [`AUTHORIZATION_LIFETIME`].
    #[error("the login took too long")]
    Expired,
    /// The callback is another app's, or the login began in another region.
    #[error("the callback belongs to another app")]
    ClientMismatch,
    /// Clover answered with an `error`, for instance because the merchant declined.
    #[error("Clover did not authorize")]
    Denied,
    /// No `code`.
    #[error("the code is missing")]
    CodeMissing,
    /// No `merchant_id`.
    #[error("the merchant id is missing")]
    MerchantMissing,
    /// A parameter is there twice.
    #[error("a parameter is repeated")]
    Repeated,
    /// A parameter cannot be what its name says.
    #[error("a parameter is malformed")]
    Malformed,
}

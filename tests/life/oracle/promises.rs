//! The promises by name, and what it means to break one.

/// A broken promise: which one, and how it showed.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) rule: &'static str,
    pub(crate) detail: String,
}

pub(crate) type Checked = Result<(), Violation>;

pub(crate) fn broken<T>(rule: &'static str, detail: impl Into<String>) -> Result<T, Violation> {
    Err(Violation {
        rule,
        detail: detail.into(),
    })
}

pub(crate) const ONE_EXCHANGE: &str = "one exchange per expiry, two if its runner dies";
pub(crate) const ONE_AT_A_TIME: &str = "one exchange at a time";
pub(crate) const NO_REASON: &str = "no exchange without a reason";
pub(crate) const BACK_OFF: &str = "no exchange before a back-off has passed";
pub(crate) const DEATHS: &str = "exchanges that die are not repeated at once for ever";
pub(crate) const ENDED: &str = "no token is used after its end";
pub(crate) const NOT_STORED: &str = "no token is told before it is stored";
pub(crate) const FORGOTTEN: &str = "what was forgotten stays forgotten";
pub(crate) const LEARNS: &str = "an isolate asks the vault again within a minute";
pub(crate) const OLDER: &str = "no newer token is replaced by an older one";
pub(crate) const LOST: &str = "nothing durable is lost";
pub(crate) const WORSE: &str = "a failure never leaves a stored token worse";
pub(crate) const REFUSED: &str = "a valid token is never refused";
pub(crate) const WAITER: &str = "no waiter is lost";
pub(crate) const BOUNDED: &str = "nobody is told to wait for more than an hour";
pub(crate) const RECOVERY: &str = "all is well again once the platform is";

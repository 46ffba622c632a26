//! Cookies of ours: their names, their attributes, and how one is read (RFC 6265bis).
//!
//! On `https` every name has the prefix `__Host-`, which a browser accepts only with `Secure`, `Path=/` and no `Domain`:
//! no neighbouring subdomain can set one. On loopback `http`, where browsers would drop it, the prefix is left out.

use crate::incoming::Incoming;

/// A cookie of ours, without the prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cookie {
    name: String,
    secure: bool,
}

impl Cookie {
    /// The cookie that holds a session.
    pub(crate) fn session(incoming: &Incoming<'_>) -> Self {
        Self::new(incoming, "tillgate".to_owned())
    }

    /// The cookie that binds one login to this browser. It is named after the state, so that logins in several tabs do
    /// not disturb each other; `None` for a state that is not ours.
    pub(crate) fn login(incoming: &Incoming<'_>, state: &str) -> Option<Self> {
        let ours = state.len() == STATE_LENGTH
            && state
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        let prefix = state.get(..STATE_PREFIX).filter(|_| ours)?;
        Some(Self::new(incoming, format!("tillgate-login-{prefix}")))
    }

    /// The cookie that notes that a launch was already answered with a fresh login.
    pub(crate) fn launch(incoming: &Incoming<'_>) -> Self {
        Self::new(incoming, "tillgate-launch".to_owned())
    }

    fn new(incoming: &Incoming<'_>, name: String) -> Self {
        Self {
            name,
            secure: !incoming.url.is_loopback_http(),
        }
    }

    fn name(&self) -> String {
        if self.secure {
            format!("__Host-{}", self.name)
        } else {
            self.name.clone()
        }
    }

    /// The value that a request carries. `None` if there is none, and also if there are two, since then one of them was
    /// put there by somebody else.
    pub(crate) fn read(&self, incoming: &Incoming<'_>) -> Option<String> {
        let header = incoming.headers.get("cookie")?;
        let name = self.name();
        let pairs = header
            .split(';')
            .filter_map(|pair| pair.trim_matches([' ', '\t']).split_once('='));
        let mut values = pairs
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value);
        let value = values.next()?;
        values.next().is_none().then(|| value.to_owned())
    }

    /// The `Set-Cookie` that sets it for `max_age` seconds.
    pub(crate) fn set(&self, value: &str, max_age: u64) -> (&'static str, String) {
        let secure = if self.secure { "; Secure" } else { "" };
        let name = self.name();
        (
            "set-cookie",
            format!("{name}={value}; Path=/; Max-Age={max_age}; HttpOnly{secure}; SameSite=Lax"),
        )
    }

    /// The `Set-Cookie` that removes it.
    pub(crate) fn clear(&self) -> (&'static str, String) {
        self.set("", 0)
    }
}

/// A state of ours is 32 bytes in base64url.
const STATE_LENGTH: usize = 43;
/// How much of it names the cookie: 72 bits, more than enough to tell a person's logins apart.
const STATE_PREFIX: usize = 12;

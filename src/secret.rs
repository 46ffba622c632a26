//! The things that must not be seen: client secrets, access tokens, authorization codes.
//!
//! The types have no `Display`, `Serialize`, `Deref` or `PartialEq`, their `Debug` says only what they are, and their
//! memory is wiped when they are dropped. The text comes out through `expose` alone, which asks for the reason, so
//! that every place that opens a secret explains itself.

use core::fmt;

use zeroize::Zeroizing;

macro_rules! secret {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        pub struct $name(Zeroizing<String>);

        impl $name {
            /// The text itself. `reason` is for the reader of the code: why it has to be opened here.
            pub fn expose(&self, reason: &'static str) -> &str {
                let _ = reason;
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(hidden)"))
            }
        }
    };
}

secret! {
    /// The secret of an app at its platform (RFC 6749 §2.3.1, `client_secret`).
    ClientSecret
}
secret! {
    /// An access token, whatever its platform calls it (RFC 6749 §1.4).
    AccessToken
}
secret! {
    /// A Clover authorization code (RFC 6749 §1.3.1): one use, a few seconds.
    AuthorizationCode
}

/// Longest accepted access token in bytes. The platforms' own are 70 to 600; request headers of 8 KiB are common limits.
pub const MAX_TOKEN_BYTES: usize = 4 * 1024;
/// Longest accepted authorization code in bytes.
pub const MAX_CODE_BYTES: usize = 512;

/// Why a text cannot be a client secret. The configuration has to be mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientSecretError {
    /// Nothing is left after the trailing line break.
    #[error("is empty; put the secret that the platform issued")]
    Empty,
    /// A carriage return, line feed or other control character inside: it could split a header.
    #[error("holds a line break or control character inside; one at the end is ignored")]
    Control,
    /// The text of an example, not a secret.
    #[error("is a placeholder from the documentation; put the secret that the platform issued")]
    Placeholder,
}

impl ClientSecret {
    /// Takes a secret as it comes out of a file or a binding: line breaks at its end are dropped, since
    /// `echo secret | wrangler secret put` and most editors add one. Nothing else is assumed of its shape.
    ///
    /// # Errors
    /// [`ClientSecretError`] says what is wrong, never what the text was.
    pub fn parse(text: &str) -> Result<Self, ClientSecretError> {
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Err(ClientSecretError::Empty);
        }
        if text.chars().any(char::is_control) {
            return Err(ClientSecretError::Control);
        }
        if is_placeholder(text) {
            return Err(ClientSecretError::Placeholder);
        }
        Ok(Self(Zeroizing::new(text.to_owned())))
    }
}

impl AccessToken {
    /// Takes a token out of an answer or the store: 1 to [`MAX_TOKEN_BYTES`] bytes of visible ASCII, so that it can
    /// stand in a header. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        is_visible_ascii(text, MAX_TOKEN_BYTES).then(|| Self(Zeroizing::new(text.to_owned())))
    }
}

impl AuthorizationCode {
    /// Takes a code out of a callback: 1 to [`MAX_CODE_BYTES`] bytes of visible ASCII. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        is_visible_ascii(text, MAX_CODE_BYTES).then(|| Self(Zeroizing::new(text.to_owned())))
    }
}

fn is_visible_ascii(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether a text is what documentation writes where a value belongs: `your_client_secret_here`, `{{client_secret}}`,
/// `<secret>`, `…`, `changeme`.
pub fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let bracketed = [("{{", "}}"), ("{", "}"), ("<", ">"), ("[", "]")]
        .iter()
        .any(|(open, close)| lower.starts_with(open) && lower.ends_with(close));
    let words = [
        "your_",
        "your-",
        "changeme",
        "change-me",
        "change_me",
        "replace-me",
        "replace_me",
        "placeholder",
        "xxxx",
    ]
    .iter()
    .any(|word| lower.starts_with(word));
    bracketed || words || lower.chars().all(|c| matches!(c, '…' | '.' | '*'))
}

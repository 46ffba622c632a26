//! Who may call: each caller's rights, found by the SHA-256 of its key, or by what its JWT says.
//!
//! Not in here: what a JWT has to say ([`jwt`]), sessions (`session`), and where in a request a key stands (`callers` at
//! the worker's top).

mod jwt;

use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::{
    app::{Accounts, listed},
    reader::{Node, Object, did_you_mean},
};

use crate::callers::Can;

use self::jwt::Issuer;
pub(crate) use self::jwt::JwtCaller;

const KEYS: &[&str] = &["key_sha256", "jwt", "apps", "accounts", "can"];
/// Longest name of a caller in bytes.
const MAX_NAME_BYTES: usize = 64;
/// Said of a key that was written down itself.
const KEY_BELONGS: &str = "holds a key, which is written down nowhere: make its SHA-256 with `printf %s \"$KEY\" | sha256sum`, write \
                           that as `key_sha256`, and remove it here";
/// Texts that end up hashed by accident: nothing, a bare line break, and what documentation writes for a key.
const NO_KEYS: [&str; 8] = [
    "",
    "\n",
    "…",
    "your_key_here",
    "your-key-here",
    "your-api-key",
    "changeme",
    "secret",
];

type Hash = [u8; 32];

/// Who calls, and what they may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The operator's name for them.
    pub(crate) name: String,
    /// `None`: every app.
    apps: Option<Vec<String>>,
    accounts: Accounts,
    /// What they may do there.
    pub(crate) can: Rights,
}

/// The words of `can`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// Have calls forwarded to a platform's API.
    pub(crate) api: bool,
    /// Be given tokens.
    pub(crate) token: bool,
    /// See and change connections, and read mistakes in the configuration.
    pub(crate) admin: bool,
}

impl Caller {
    /// Whether they may know of this app and account, whatever they may do there. An app or account that a caller may
    /// not know of has to look like one that does not exist.
    pub(crate) fn may(&self, app: &str, account: &str) -> bool {
        self.apps
            .as_ref()
            .is_none_or(|apps| apps.iter().any(|known| known == app))
            && self.accounts.contains(account)
    }

    /// The same caller for these accounts alone, if they are given.
    pub(crate) fn with_accounts(self, accounts: Option<Vec<String>>) -> Self {
        let accounts = accounts.map_or(self.accounts, Accounts::Listed);
        Self { accounts, ..self }
    }
}

/// All callers: those with keys by the SHA-256 of their keys, and those with JWTs.
#[derive(Debug, Default)]
pub(crate) struct Callers {
    with_key: Vec<(Hash, Caller)>,
    with_jwt: Vec<JwtCaller>,
}

impl Callers {
    /// The caller with this key, which is what followed `Bearer ` in a request. Every hash is compared in full, whichever it
    /// is, so that what is executed tells nothing about them but their number. There are a few dozen at most: the
    /// configuration has no room for more.
    pub(crate) fn find(&self, key: &str) -> Option<&Caller> {
        let hash: Hash = Sha256::digest(key).into();
        let mut found = u32::MAX;
        for ((known, _), index) in self.with_key.iter().zip(0..) {
            found.conditional_assign(&index, known.ct_eq(&hash));
        }
        let (_, caller) = self.with_key.get(usize::try_from(found).ok()?)?;
        Some(caller)
    }

    /// The callers with JWTs, in the order of the configuration.
    pub(crate) fn with_jwt(&self) -> &[JwtCaller] {
        &self.with_jwt
    }
}

/// Reads `callers`. `apps` are the names of all configured apps.
pub(super) fn read(node: &Node<'_>, apps: &[&str]) -> Callers {
    let mut callers = Callers::default();
    for (name, entry) in node.entries() {
        match read_caller(name, &entry, apps) {
            None => {}
            Some(Read::Jwt(caller)) => jwt::add(&mut callers.with_jwt, caller, &entry),
            Some(Read::Key(hash, caller)) => {
                let known = callers.with_key.iter();
                let mut same = known.filter(|(other, _)| *other == hash);
                if let Some((_, first)) = same.next() {
                    let first = node.path_of(&first.name);
                    let message = format_args!(
                        "is the same as that of `{first}`: give every caller a key of its own"
                    );
                    entry.wrong_below("key_sha256", message);
                } else {
                    callers.with_key.push((hash, caller));
                }
            }
        }
    }
    callers
}

/// One entry of `callers`, by what it proves itself with.
enum Read {
    Key(Hash, Caller),
    Jwt(JwtCaller),
}

/// A caller whose key can be read is kept with the rights that can be read.
fn read_caller(name: &str, node: &Node<'_>, apps: &[&str]) -> Option<Read> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
        node.wrong(format_args!(
            "must have a name of 1 to {MAX_NAME_BYTES} bytes without control characters"
        ));
    }
    let object = Object::open(node, &[KEYS], format_args!("{KEY_BELONGS}"))?;
    let means = means(&object);
    let known = |name: &str, item: &Node<'_>| {
        if !apps.contains(&name) {
            let hint = did_you_mean(name, &mut apps.iter().copied());
            item.wrong(format_args!("is no configured app{hint}"));
        }
    };
    let what = format_args!("list the apps that the caller may use, or write `[\"*\"]`");
    let apps = object.required("apps", what);
    let apps = apps.map_or(Some(Vec::new()), |node| listed(&node, &known));
    let (accounts, claim) = accounts(&object, &means);
    let caller = Caller {
        name: name.to_owned(),
        apps,
        accounts,
        can: can(&object, &means),
    };
    Some(match means {
        Means::Key(hash) => Read::Key(hash?, caller),
        Means::Jwt(issuer) => Read::Jwt(JwtCaller {
            issuer: issuer?,
            claim,
            caller,
        }),
    })
}

/// What a caller proves itself with, as far as it can be read.
enum Means {
    Key(Option<Hash>),
    Jwt(Option<Issuer>),
}

fn means(object: &Object<'_>) -> Means {
    let jwt = object.optional("jwt");
    if let (Some(node), None) = (&jwt, object.optional("key_sha256")) {
        return Means::Jwt(jwt::read(node));
    }
    if let Some(node) = jwt {
        let one = format_args!("stands beside `key_sha256`: remove one of the two");
        node.wrong(one);
    }
    let how = format_args!(
        "write the SHA-256 of the caller's key as 64 hexadecimal digits: `printf %s \"$KEY\" | sha256sum`; \
         or write `jwt` for callers with JWTs"
    );
    let hash = object.required("key_sha256", how);
    Means::Key(hash.and_then(|node| node.parsed(parse_hash)))
}

/// The accounts, or the name of the claim that holds them. With JWTs one of the two has to be written: a token that says
/// nothing of accounts must not be good for all of them by accident.
fn accounts(object: &Object<'_>, means: &Means) -> (Accounts, Option<String>) {
    let node = match means {
        Means::Key(_) => object.optional("accounts"),
        Means::Jwt(_) => {
            let how = format_args!(
                "write `{{\"claim\": \"…\"}}` with the claim that holds them, list them, or write `[\"*\"]`"
            );
            object.required("accounts", how)
        }
    };
    match (node, means) {
        (Some(node), Means::Jwt(_)) if node.is_object() => {
            (Accounts::Listed(Vec::new()), jwt::claim(&node))
        }
        (node, _) => {
            let listed = node.and_then(|node| listed(&node, &|_, _| {}));
            (listed.into(), None)
        }
    }
}

fn can(object: &Object<'_>, means: &Means) -> Rights {
    let what = "list what the caller may do, out of `\"api\"`, `\"token\"` and `\"admin\"`";
    let mut can = Rights::default();
    let node = match means {
        Means::Key(_) => object.required("can", format_args!("{what}")),
        Means::Jwt(_) => object.optional("can"),
    };
    let Some(node) = node else {
        can.api = matches!(means, Means::Jwt(_));
        return can;
    };
    for word in node.some_items(what) {
        match word.one_of(&[
            ("api", Can::Api),
            ("token", Can::Token),
            ("admin", Can::Admin),
        ]) {
            Some(Can::Api) => can.api = true,
            Some(Can::Token) => can.token = true,
            Some(Can::Admin) => can.admin = true,
            None => {}
        }
    }
    can
}

fn parse_hash(text: &str) -> Result<Hash, &'static str> {
    let hash = decode_hex(text)
        .ok_or("must be a SHA-256 as 64 hexadecimal digits: `printf %s \"$KEY\" | sha256sum`")?;
    let made_up = hash.iter().all(|byte| Some(byte) == hash.first());
    if made_up
        || NO_KEYS
            .iter()
            .any(|text| Hash::from(Sha256::digest(text)) == hash)
    {
        return Err(
            "is the hash of nothing or of a placeholder, which anyone can guess: make a key with `openssl rand -hex 32`, \
                    and its hash with `printf %s \"$KEY\" | sha256sum`",
        );
    }
    Ok(hash)
}

fn decode_hex(text: &str) -> Option<Hash> {
    let mut hash = Hash::default();
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        for digit in pair {
            let digit = char::from(*digit).to_digit(16)?;
            *byte = *byte << 4 | u8::try_from(digit).ok()?;
        }
    }
    Some(hash)
}

//! Who may call: each caller's rights, found by the SHA-256 of its key, or by what its JWT says.
//!
//! Not in here: what a JWT has to say ([`jwt`]), sessions (`session`), and where in a request a key stands (`callers` at
//! the worker's top).

mod jwt;

use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::{
    app::{Accounts, listed},
    mistakes::Mistakes,
    reader::{Node, Object, nearest},
};

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
pub(super) fn read(node: Option<Node<'_>>, apps: &[&str], mistakes: &mut Mistakes) -> Callers {
    let mut callers = Callers::default();
    let mut places: Vec<(Hash, String)> = Vec::new();
    for (name, node) in node.map(|node| node.entries(mistakes)).unwrap_or_default() {
        let (hash, caller) = match read_caller(name, &node, apps, mistakes) {
            None => continue,
            Some(Read::Jwt(caller)) => {
                jwt::add(&mut callers.with_jwt, caller, &node.path, mistakes);
                continue;
            }
            Some(Read::Key(hash, caller)) => (hash, caller),
        };
        if let Some((_, first)) = places.iter().find(|(other, _)| *other == hash) {
            let both =
                format!("is the same as that of `{first}`: give every caller a key of its own");
            mistakes.add(format!("{}.key_sha256", node.path), both);
            continue;
        }
        places.push((hash, node.path));
        callers.with_key.push((hash, caller));
    }
    callers
}

/// One entry of `callers`, by what it proves itself with.
enum Read {
    Key(Hash, Caller),
    Jwt(JwtCaller),
}

/// A caller whose key can be read is kept with the rights that can be read.
fn read_caller(
    name: &str,
    node: &Node<'_>,
    apps: &[&str],
    mistakes: &mut Mistakes,
) -> Option<Read> {
    if name.is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
        mistakes.add(
            &node.path,
            format!("must have a name of 1 to {MAX_NAME_BYTES} bytes without control characters"),
        );
    }
    let object = Object::open(node, KEYS, KEY_BELONGS, mistakes)?;
    let means = means(&object, mistakes);
    let known = |name: &str, item: &Node<'_>, mistakes: &mut Mistakes| {
        check_app(name, apps, item, mistakes)
    };
    let apps = object.required(
        "apps",
        "list the apps that the caller may use, or write `[\"*\"]`",
        mistakes,
    );
    let apps = apps.map_or(Some(Vec::new()), |node| listed(&node, known, mistakes));
    let (accounts, claim) = accounts(&object, &means, mistakes);
    let caller = Caller {
        name: name.to_owned(),
        apps,
        accounts,
        can: can(&object, &means, mistakes),
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

fn means(object: &Object<'_>, mistakes: &mut Mistakes) -> Means {
    let jwt = object.optional("jwt");
    if let (Some(node), None) = (&jwt, object.optional("key_sha256")) {
        return Means::Jwt(jwt::read(node, mistakes));
    }
    if let Some(node) = jwt {
        let one = "stands beside `key_sha256`: remove one of the two";
        mistakes.add(node.path, one);
    }
    let how = "write the SHA-256 of the caller's key as 64 hexadecimal digits: `printf %s \"$KEY\" | sha256sum`; \
               or write `jwt` for callers with JWTs";
    let hash = object.required("key_sha256", how, mistakes);
    Means::Key(hash.and_then(|node| node.parsed(parse_hash, mistakes)))
}

/// The accounts, or the name of the claim that holds them. With JWTs one of the two has to be written: a token that says
/// nothing of accounts must not be good for all of them by accident.
fn accounts(
    object: &Object<'_>,
    means: &Means,
    mistakes: &mut Mistakes,
) -> (Accounts, Option<String>) {
    let how =
        "write `{\"claim\": \"…\"}` with the claim that holds them, list them, or write `[\"*\"]`";
    let node = match means {
        Means::Key(_) => object.optional("accounts"),
        Means::Jwt(_) => object.required("accounts", how, mistakes),
    };
    match (node, means) {
        (Some(node), Means::Jwt(_)) if node.is_object() => {
            (Accounts::Listed(Vec::new()), jwt::claim(&node, mistakes))
        }
        (node, _) => {
            let listed = node.and_then(|node| listed(&node, |_, _, _| {}, mistakes));
            (listed.into(), None)
        }
    }
}

fn check_app(name: &str, apps: &[&str], item: &Node<'_>, mistakes: &mut Mistakes) {
    if !apps.contains(&name) {
        let hint = nearest(name, apps.iter().copied())
            .map(|(app, _)| format!("; did you mean `{app}`?"))
            .unwrap_or_default();
        mistakes.add(&item.path, format!("is no configured app{hint}"));
    }
}

fn can(object: &Object<'_>, means: &Means, mistakes: &mut Mistakes) -> Rights {
    let what = "list what the caller may do, out of `\"api\"`, `\"token\"` and `\"admin\"`";
    let mut can = Rights::default();
    let node = match means {
        Means::Key(_) => object.required("can", what, mistakes),
        Means::Jwt(_) => object.optional("can"),
    };
    let Some(node) = node else {
        can.api = matches!(means, Means::Jwt(_));
        return can;
    };
    let before = mistakes.count();
    let words = node.items(mistakes);
    if words.is_empty() && mistakes.count() == before {
        mistakes.add(&node.path, format!("is empty: {what}"));
    }
    for word in words {
        let choices = [
            ("api", Rights { api: true, ..can }),
            ("token", Rights { token: true, ..can }),
            ("admin", Rights { admin: true, ..can }),
        ];
        can = word.one_of(&choices, mistakes).unwrap_or(can);
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
        let digits = core::str::from_utf8(pair)
            .ok()
            .filter(|pair| pair.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(hash)
}

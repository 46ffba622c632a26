//! What the apps of all platforms have in common: credentials, accounts, allow rules, limits.
//!
//! A value that is missing or wrong is recorded and stood in for, so that the rest of its app is read and judged as well.
//! A stand-in is never used: one mistake is enough for the whole configuration to be refused.

use core::cell::OnceCell;

use tillgate_core::{gate::AllowRule, platform::App, platform::MAIN_ACCOUNT, secret::ClientSecret};

use super::{
    clearline, clopos, clover,
    documents::AppNode,
    mistakes::Mistakes,
    reader::{Node, Object},
    sources::{Secrets, is_app_name, secret_name},
};
use crate::seal::Fingerprint;

/// Longest body in bytes that is forwarded to a platform's API where `max_body_bytes` says nothing: 1 MiB.
pub(super) const DEFAULT_MAX_BODY_BYTES: u64 = 1024 * 1024;
/// The most that `max_body_bytes` may say: 100 MB, what Cloudflare's smallest plan takes.
const MAX_BODY_BYTES: u64 = 100_000_000;
/// Longest client id or integrator id in bytes; the platforms' own have 13 to 27.
const MAX_ID_BYTES: usize = 256;
/// What stands for any account.
const ANY: &str = "*";

/// The keys that every platform's apps have.
const KEYS: &[&str] = &[
    "platform",
    "version",
    "client_id",
    "accounts",
    "allow",
    "endpoints",
    "max_body_bytes",
];

/// One app as the operator configured it.
#[derive(Debug)]
pub(crate) struct ConfiguredApp {
    /// The operator's name for it.
    pub(crate) name: String,
    /// The registration at its platform.
    pub(crate) app: App,
    /// What may be called at its platform's API. No rule, no call.
    pub(crate) allow: Vec<AllowRule>,
    /// Whom it may act for.
    pub(crate) accounts: Accounts,
    /// Longest body in bytes that is forwarded to its API.
    pub(crate) max_body_bytes: u64,
    /// The keyed fingerprint of its client secret, once a vault has asked for it.
    pub(crate) credential: OnceCell<Fingerprint>,
}

/// A set of accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Accounts {
    /// Every account that has its platform's form.
    Any,
    /// These alone.
    Listed(Vec<String>),
}

impl Accounts {
    /// Whether the set holds this account.
    pub(crate) fn contains(&self, account: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(accounts) => accounts.iter().any(|listed| listed == account),
        }
    }

    /// The accounts that are listed; none where any is allowed.
    pub(crate) fn listed(&self) -> impl Iterator<Item = &str> {
        let listed = match self {
            Self::Any => None,
            Self::Listed(accounts) => Some(accounts),
        };
        listed.into_iter().flatten().map(String::as_str)
    }
}

/// What an app proves itself with.
pub(super) struct Credentials {
    pub(super) client_id: String,
    pub(super) client_secret: ClientSecret,
}

#[derive(Clone, Copy)]
enum Platform {
    Clopos,
    Clearline,
    Clover,
}

const PLATFORMS: [(&str, Platform); 3] = [
    ("clopos", Platform::Clopos),
    ("clearline", Platform::Clearline),
    ("clover", Platform::Clover),
];

/// Reads one app. What is wrong is recorded; `None` if not even its platform is known.
pub(super) fn read(
    app: &AppNode<'_>,
    secrets: &Secrets,
    mistakes: &mut Mistakes,
) -> Option<ConfiguredApp> {
    let AppNode { name, node } = app;
    let client_secret = client_secret(name, secrets, mistakes)?;
    let (object, platform) = open(name, node.as_ref()?, mistakes)?;
    let credentials = Credentials {
        client_id: client_id(&object, mistakes),
        client_secret,
    };
    let allow = object
        .optional("allow")
        .map(|node| node.items(mistakes))
        .unwrap_or_default();
    let allow = allow
        .iter()
        .filter_map(|rule| rule.parsed(AllowRule::parse, mistakes))
        .collect();
    let max_body_bytes = object
        .optional("max_body_bytes")
        .and_then(|node| node.number(1..=MAX_BODY_BYTES, mistakes));
    let app = match platform? {
        Platform::Clopos => clopos::read(&object, credentials, mistakes)?,
        Platform::Clearline => clearline::read(&object, credentials, mistakes)?,
        Platform::Clover => clover::read(&object, name, credentials, mistakes)?,
    };
    let accounts = accounts(&object, &app, mistakes);
    let max_body_bytes = max_body_bytes.unwrap_or(DEFAULT_MAX_BODY_BYTES);
    Some(ConfiguredApp {
        name: name.clone(),
        app,
        allow,
        accounts,
        max_body_bytes,
        credential: OnceCell::new(),
    })
}

/// Opens the app with the keys of its platform, or with those of all where its platform is not known.
fn open<'a>(
    name: &str,
    node: &Node<'a>,
    mistakes: &mut Mistakes,
) -> Option<(Object<'a>, Option<Platform>)> {
    let word = PLATFORMS
        .into_iter()
        .find(|(word, _)| node.has_text("platform", word));
    let own: &[&[&str]] = match word {
        Some((_, Platform::Clopos)) => &[clopos::KEYS],
        Some((_, Platform::Clearline)) => &[clearline::KEYS],
        Some((_, Platform::Clover)) => &[clover::KEYS],
        None => &[clopos::KEYS, clearline::KEYS, clover::KEYS],
    };
    let known = [&[KEYS], own].concat().concat();
    let home = format!(
        "holds a secret, which has no place in a variable: put it into the secret `{}` (`wrangler secret put`), and remove it here",
        secret_name(name)
    );
    let object = Object::open(node, &known, &home, mistakes)?;
    let platform = object.required(
        "platform",
        "write `\"clopos\"`, `\"clearline\"` or `\"clover\"`",
        mistakes,
    );
    let platform = platform.and_then(|node| node.one_of(&PLATFORMS, mistakes));
    Some((object, platform))
}

/// The secret, or a stand-in; `None` cannot be.
fn client_secret(app: &str, secrets: &Secrets, mistakes: &mut Mistakes) -> Option<ClientSecret> {
    let stand_in = ClientSecret::parse("stand-in").ok();
    if !is_app_name(app) {
        // Which secret is meant can only be said once the name is right.
        return stand_in;
    }
    let binding = secret_name(app);
    let Some(text) = secrets.get(&binding) else {
        let how = format!(
            "is missing: put the client secret of the app `{app}` there, with `wrangler secret put {binding}` or as a Secrets Store binding"
        );
        mistakes.add(binding, how);
        return stand_in;
    };
    ClientSecret::parse(text)
        .map_err(|error| mistakes.add(binding, error.to_string()))
        .ok()
        .or(stand_in)
}

fn client_id(object: &Object<'_>, mistakes: &mut Mistakes) -> String {
    let node = object.required(
        "client_id",
        "write the id that the platform gave the app",
        mistakes,
    );
    node.and_then(|node| id(&node, mistakes))
        .unwrap_or_default()
}

/// An id that a platform issued: nothing is assumed of its shape but that it fits into a header or a query.
pub(super) fn id(node: &Node<'_>, mistakes: &mut Mistakes) -> Option<String> {
    let parse = |text: &str| match text {
        _ if text.len() > MAX_ID_BYTES => Err(format!("is longer than {MAX_ID_BYTES} bytes")),
        _ if text.chars().any(char::is_control) => {
            Err("holds a line break or control character; remove it".to_owned())
        }
        _ if text.trim() != text => Err("begins or ends with a space; remove it".to_owned()),
        _ => Ok(text.to_owned()),
    };
    node.parsed(parse, mistakes)
}

/// Records a `version` other than 1, on platforms that have no other.
pub(super) fn only_version_1(object: &Object<'_>, mistakes: &mut Mistakes) {
    if let Some(node) = object.optional("version") {
        node.number(1..=1, mistakes);
    }
}

fn accounts(object: &Object<'_>, app: &App, mistakes: &mut Mistakes) -> Accounts {
    let node = match app {
        App::Clopos(_) => object.required(
            "accounts",
            &format!("list {}, or write `[\"*\"]` for any", app.account_form()),
            mistakes,
        ),
        App::Clearline(_) | App::Clover(_) => object.optional("accounts"),
    };
    let fits = |text: &str, item: &Node<'_>, mistakes: &mut Mistakes| {
        if app.account(text).is_none() {
            mistakes.add(
                &item.path,
                format!("must be {}, or `*` for any", app.account_form()),
            );
        }
    };
    let listed = node.map(|node| listed(&node, fits, mistakes));
    match app {
        App::Clearline(_) => Accounts::Listed(vec![MAIN_ACCOUNT.to_owned()]),
        App::Clopos(_) | App::Clover(_) => listed.map_or(Accounts::Any, Accounts::from),
    }
}

/// The names of a list; `None` if `*` is among them, or stands instead of it. `check` judges each.
pub(super) fn listed(
    node: &Node<'_>,
    check: impl Fn(&str, &Node<'_>, &mut Mistakes),
    mistakes: &mut Mistakes,
) -> Option<Vec<String>> {
    if node.is_text(ANY) {
        return None;
    }
    let before = mistakes.count();
    let items = node.items(mistakes);
    if items.is_empty() && mistakes.count() == before {
        mistakes.add(
            &node.path,
            format!("is empty: list at least one, or write `[\"{ANY}\"]`"),
        );
    }
    let any = items.iter().any(|item| item.is_text(ANY));
    let named = items.iter().filter(|item| !item.is_text(ANY));
    let names = named.filter_map(|item| {
        let text = item.text(mistakes)?;
        check(text, item, mistakes);
        Some(text.to_owned())
    });
    let names = names.collect();
    (!any).then_some(names)
}

impl From<Option<Vec<String>>> for Accounts {
    fn from(listed: Option<Vec<String>>) -> Self {
        listed.map_or(Self::Any, Self::Listed)
    }
}

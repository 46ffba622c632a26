//! What the apps of all platforms have in common: credentials, accounts, allow rules, limits.
//!
//! A value that is missing or wrong is noted and stood in for, so that the rest of its app is read and judged as well.
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

impl Platform {
    /// All keys of its apps.
    const fn keys(self) -> &'static [&'static [&'static str]] {
        match self {
            Self::Clopos => &[KEYS, clopos::KEYS],
            Self::Clearline => &[KEYS, clearline::KEYS],
            Self::Clover => &[KEYS, clover::KEYS],
        }
    }
}

/// The keys of an app of which nobody knows whose it is.
const ALL_KEYS: &[&[&str]] = &[KEYS, clopos::KEYS, clearline::KEYS, clover::KEYS];

/// Reads one app. What is wrong is noted; `None` if not even its platform is known.
pub(super) fn read(
    app: &AppNode<'_>,
    secrets: &Secrets,
    mistakes: &Mistakes,
) -> Option<ConfiguredApp> {
    let AppNode {
        name,
        node,
        readable,
    } = app;
    let client_secret = client_secret(name, secrets, mistakes)?;
    let object = readable.then(|| open(name, node)).flatten()?;
    let what = format_args!("write `\"clopos\"`, `\"clearline\"` or `\"clover\"`");
    let platform = object.required("platform", what);
    let platform = platform.and_then(|node| node.one_of(&PLATFORMS));
    let credentials = Credentials {
        client_id: client_id(&object),
        client_secret,
    };
    let allow = object.optional("allow");
    let rules = allow.iter().flat_map(Node::items);
    let allow = rules
        .filter_map(|rule| rule.parsed(AllowRule::parse))
        .collect();
    let max_body_bytes = object
        .optional("max_body_bytes")
        .and_then(|node| node.number(1, MAX_BODY_BYTES));
    let app = match platform? {
        Platform::Clopos => clopos::read(&object, credentials)?,
        Platform::Clearline => clearline::read(&object, credentials)?,
        Platform::Clover => clover::read(&object, name, credentials)?,
    };
    let accounts = accounts(&object, &app);
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
fn open<'a>(name: &str, node: &'a Node<'a>) -> Option<Object<'a>> {
    let platform = PLATFORMS
        .into_iter()
        .find(|(word, _)| node.has_text("platform", word));
    let known = platform.map_or(ALL_KEYS, |(_, platform)| platform.keys());
    let secret = secret_name(name);
    let home = format_args!(
        "holds a secret, which has no place in a variable: put it into the secret `{secret}` (`wrangler secret put`), and remove it here"
    );
    Object::open(node, known, home)
}

/// The secret, or a stand-in; `None` cannot be.
fn client_secret(app: &str, secrets: &Secrets, mistakes: &Mistakes) -> Option<ClientSecret> {
    let stand_in = ClientSecret::parse("stand-in").ok();
    if !is_app_name(app) {
        // Which secret is meant can only be said once the name is right.
        return stand_in;
    }
    let binding = secret_name(app);
    let Some(text) = secrets.get(&binding) else {
        let how = format_args!(
            "is missing: put the client secret of the app `{app}` there, with `wrangler secret put {binding}` or as a Secrets Store binding"
        );
        mistakes.add(binding.clone(), how);
        return stand_in;
    };
    ClientSecret::parse(text)
        .map_err(|error| mistakes.add(binding, format_args!("{error}")))
        .ok()
        .or(stand_in)
}

fn client_id(object: &Object<'_>) -> String {
    let what = format_args!("write the id that the platform gave the app");
    let node = object.required("client_id", what);
    node.and_then(|node| id(&node)).unwrap_or_default()
}

/// An id that a platform issued: nothing is assumed of its shape but that it fits into a header or a query.
pub(super) fn id(node: &Node<'_>) -> Option<String> {
    let text = node.text()?;
    if text.len() > MAX_ID_BYTES {
        node.wrong(format_args!("is longer than {MAX_ID_BYTES} bytes"));
    } else if text.chars().any(char::is_control) {
        let how = format_args!("holds a line break or control character; remove it");
        node.wrong(how);
    } else if text.trim() != text {
        node.wrong(format_args!("begins or ends with a space; remove it"));
    }
    Some(text.to_owned())
}

/// Notes a `version` other than 1, on platforms that have no other.
pub(super) fn only_version_1(object: &Object<'_>) {
    if let Some(node) = object.optional("version") {
        node.number(1, 1);
    }
}

fn accounts(object: &Object<'_>, app: &App) -> Accounts {
    let form = app.account_form();
    let node = match app {
        App::Clopos(_) => {
            let what = format_args!("list {form}, or write `[\"*\"]` for any");
            object.required("accounts", what)
        }
        App::Clearline(_) | App::Clover(_) => object.optional("accounts"),
    };
    let fits = |text: &str, item: &Node<'_>| {
        if app.account(text).is_none() {
            item.wrong(format_args!("must be {form}, or `*` for any"));
        }
    };
    let listed = node.and_then(|node| listed(&node, &fits));
    match app {
        App::Clearline(_) => Accounts::Listed(vec![MAIN_ACCOUNT.to_owned()]),
        App::Clopos(_) | App::Clover(_) => listed.into(),
    }
}

/// The names of a list; `None` if `*` is among them, or stands instead of it. `check` judges each.
pub(super) fn listed(node: &Node<'_>, check: &dyn Fn(&str, &Node<'_>)) -> Option<Vec<String>> {
    if node.is_text(ANY) {
        return None;
    }
    let (mut any, mut names) = (false, Vec::new());
    for item in node.some_items("list at least one, or write `[\"*\"]`") {
        if item.is_text(ANY) {
            any = true;
        } else if let Some(text) = item.text() {
            check(text, &item);
            names.push(text.to_owned());
        }
    }
    (!any).then_some(names)
}

impl From<Option<Vec<String>>> for Accounts {
    fn from(listed: Option<Vec<String>>) -> Self {
        listed.map_or(Self::Any, Self::Listed)
    }
}

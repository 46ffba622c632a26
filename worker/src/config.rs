//! The operator's configuration: from the texts of variables and secrets to values that the rest of the worker can trust.
//!
//! Reading is a pure function. It reports every mistake at once, each with the path of its key and what would be right,
//! and never repeats a secret or a value that might be one. Fetching the variables and secrets is `runtime`'s work; what
//! an account, an address or an allow rule looks like is the core's.

mod app;
mod callers;
mod clearline;
mod clopos;
mod clover;
mod documents;
mod endpoints;
mod json;
mod mistakes;
mod reader;
mod site;
mod sources;
#[cfg(test)]
mod tests;

use litemap::LiteMap;
use tillgate_core::endpoint::Origin;

use self::{documents::Documents, mistakes::Mistakes, reader::Object, sources::SEAL_KEYS};
use crate::{
    seal::{HOW_TO_MAKE_A_KEY, SealKeys},
    vault::recent::Recent,
};

pub(crate) use self::{
    app::ConfiguredApp,
    callers::{Caller, Callers, JwtCaller},
    mistakes::Mistake,
    sources::{Secrets, Sources, secret_names},
};

/// The keys of the variable `TILLGATE`.
const KEYS: &[&str] = &["origins", "base_path", "apps", "callers"];
/// Where secrets that were written into `TILLGATE` itself belong.
const SECRETS_BELONG: &str = "holds a secret, which has no place in a variable: put client secrets into `{APP}_CLIENT_SECRET` and seal keys into \
                              `TILLGATE_SEAL_KEYS` (`wrangler secret put`), and remove it here";

/// A configuration without mistakes.
#[derive(Debug)]
pub(crate) struct Config {
    /// Under which path the worker is mounted: empty, or such as `/pos`.
    pub(crate) base_path: String,
    /// The pages that may call from a browser and be returned to.
    pub(crate) origins: Vec<Origin>,
    /// The apps by their names.
    pub(crate) apps: LiteMap<String, ConfiguredApp>,
    /// Who may call.
    pub(crate) callers: Callers,
    /// What seals whatever is stored; without keys only where no app is configured, so that nothing is stored.
    pub(crate) seal_keys: SealKeys,
    /// What the vaults have seen lately.
    pub(crate) recent: Recent,
}

/// A configuration that cannot be used until it is mended.
#[derive(Debug)]
pub(crate) struct Invalid {
    /// Everything that is wrong, for the log and for an administrator.
    pub(crate) mistakes: Vec<Mistake>,
    /// The callers that could be read, so that an administrator among them can be shown the mistakes. They may do
    /// nothing else.
    pub(crate) callers: Callers,
    /// Under which path the worker is mounted, as far as that could be read.
    pub(crate) base_path: String,
}

impl Config {
    /// Reads a configuration. `secrets` are the bindings that [`secret_names`] asked for, as far as they exist.
    ///
    /// # Errors
    /// [`Invalid`] with every mistake. Answer `config_invalid` on every route but `/health` until the operator has
    /// mended it.
    pub(crate) fn read(sources: &Sources, secrets: &Secrets) -> Result<Self, Invalid> {
        let mistakes = Mistakes::default();
        let documents = Documents::parse(sources, &mistakes);
        let root = documents.tillgate(&mistakes);
        let root = root
            .as_ref()
            .and_then(|node| Object::open(node, &[KEYS], format_args!("{SECRETS_BELONG}")));
        let optional = |key| root.and_then(|root| root.optional(key));

        let inside = optional("apps");
        let app_nodes = documents.apps(inside.as_ref(), &mistakes);
        let names: Vec<&str> = app_nodes.iter().map(|app| app.name.as_str()).collect();
        let mut apps = LiteMap::new_vec();
        for node in &app_nodes {
            if let Some(app) = app::read(node, secrets, &mistakes) {
                apps.insert(app.name.clone(), app);
            }
        }
        let callers = optional("callers").map(|node| callers::read(&node, &names));
        let callers = callers.unwrap_or_default();
        let origins = optional("origins").map(|node| site::origins(&node));
        let base_path = optional("base_path").and_then(|node| site::base_path(&node));
        let base_path = base_path.unwrap_or_default();
        let seal_keys = seal_keys(secrets, !names.is_empty(), &mistakes);

        if mistakes.count() == 0 {
            Ok(Self {
                base_path,
                origins: origins.unwrap_or_default(),
                apps,
                callers,
                seal_keys,
                recent: Recent::default(),
            })
        } else {
            Err(Invalid {
                mistakes: mistakes.without(secrets),
                callers,
                base_path,
            })
        }
    }
}

fn seal_keys(secrets: &Secrets, needed: bool, mistakes: &Mistakes) -> SealKeys {
    let Some(text) = secrets.get(SEAL_KEYS) else {
        if needed {
            let how = format_args!(
                "is missing: put `k1:` and the output of `{HOW_TO_MAKE_A_KEY}` there, with `wrangler secret put {SEAL_KEYS}`"
            );
            mistakes.add(SEAL_KEYS.to_owned(), how);
        }
        return SealKeys::default();
    };
    SealKeys::parse(text).unwrap_or_else(|wrong| {
        for mistake in wrong {
            let path = format!("{SEAL_KEYS}[{}]", mistake.index);
            mistakes.add(path, format_args!("{}", mistake.error));
        }
        SealKeys::default()
    })
}

//! The addresses of a platform: presets, each of which `endpoints` can override.

use tillgate_core::{endpoint::Endpoint, text};

use super::reader::{Node, Object};

/// Said of a secret that was written beside the addresses.
pub(super) const SECRETS_BELONG: &str = "holds a secret, which has no place here: remove it";

/// The `endpoints` of one app.
pub(super) struct Endpoints<'a>(Option<Object<'a>>);

impl<'a> Endpoints<'a> {
    /// Opens the app's `endpoints`, of which its platform has those in `known`.
    pub(super) fn open(node: Option<&'a Node<'a>>, known: &'a [&'a [&'a str]]) -> Self {
        Self(node.and_then(|node| Object::open(node, known, format_args!("{SECRETS_BELONG}"))))
    }

    fn configured(&self, key: &'a str) -> Option<Node<'a>> {
        self.0.and_then(|endpoints| endpoints.optional(key))
    }

    /// The address under `key`, or else the preset. A wrong address is noted, and the preset stands in for it so that
    /// the rest of the app is read as well. `None` cannot be: presets are addresses.
    pub(super) fn get(&self, key: &'a str, preset: &str) -> Option<Endpoint> {
        let configured = self.configured(key);
        let configured = configured.and_then(|node| node.parsed(Endpoint::parse));
        configured.or_else(|| Endpoint::parse(preset).ok())
    }

    /// Which of these keys are absent, as a message names them; `None` if all are there.
    pub(super) fn missing(&self, keys: &[&'a str]) -> Option<String> {
        let mut names = String::new();
        for key in keys.iter().filter(|key| self.configured(key).is_none()) {
            text::add(&mut names, " and ", &format!("`endpoints.{key}`"));
        }
        (!names.is_empty()).then_some(names)
    }
}

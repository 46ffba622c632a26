//! The addresses of a platform: presets, each of which `endpoints` can override.

use tillgate_core::{endpoint::Endpoint, text};

use super::{mistakes::Mistakes, reader::Object};

/// Said of a secret that was written beside the addresses.
pub(super) const SECRETS_BELONG: &str = "holds a secret, which has no place here: remove it";

/// The `endpoints` of one app.
pub(super) struct Endpoints<'a>(Option<Object<'a>>);

impl<'a> Endpoints<'a> {
    /// Opens the app's `endpoints`, of which its platform has those in `known`.
    pub(super) fn open(app: &Object<'a>, known: &[&str], mistakes: &mut Mistakes) -> Self {
        Self(
            app.optional("endpoints")
                .and_then(|node| Object::open(&node, known, SECRETS_BELONG, mistakes)),
        )
    }

    /// The address under `key`, or else the preset. A wrong address is recorded, and the preset stands in for it so that
    /// the rest of the app is read as well. `None` cannot be: presets are addresses.
    pub(super) fn get(&self, key: &str, preset: &str, mistakes: &mut Mistakes) -> Option<Endpoint> {
        let node = self
            .0
            .as_ref()
            .and_then(|endpoints| endpoints.optional(key));
        let configured = node.and_then(|node| node.parsed(Endpoint::parse, mistakes));
        configured.or_else(|| Endpoint::parse(preset).ok())
    }

    /// Which of these keys are absent, as a message names them; `None` if all are there.
    pub(super) fn missing(&self, keys: &[&str]) -> Option<String> {
        let absent = |key: &&&str| {
            self.0
                .as_ref()
                .is_none_or(|endpoints| endpoints.optional(key).is_none())
        };
        let mut names = String::new();
        for key in keys.iter().filter(absent) {
            text::add(&mut names, " and ", &format!("`endpoints.{key}`"));
        }
        (!names.is_empty()).then_some(names)
    }
}

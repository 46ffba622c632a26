//! What is wrong with the configuration, collected.

use core::fmt;

use tillgate_core::json;

use super::sources::{Secrets, VARIABLE};

/// Secrets of fewer bytes are not looked for in mistakes: any word of a message might hold them.
const MIN_HIDDEN_BYTES: usize = 8;

/// One mistake in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// The path of the key, such as `apps.cafe.accounts[0]`, or the name of the variable or secret.
    pub(crate) path: String,
    /// What is wrong, and what would be right. It continues the path to a sentence.
    pub(crate) message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.path, self.message)
    }
}

/// The mistakes found so far, each once.
#[derive(Default)]
pub(super) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub(super) fn add(&mut self, path: impl Into<String>, message: impl Into<String>) {
        let path = Some(path.into())
            .filter(|path| !path.is_empty())
            .unwrap_or_else(|| VARIABLE.to_owned());
        let mistake = Mistake {
            path,
            message: message.into(),
        };
        if !self.0.contains(&mistake) {
            self.0.push(mistake);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The mistakes without the secrets. Messages hold no values, but paths hold keys and the core's messages hold parts
    /// of rules and addresses, and somebody may have put a secret there.
    pub(super) fn without(mut self, secrets: &Secrets) -> Vec<Mistake> {
        let parts = secrets
            .texts()
            .flat_map(|text| text.split([',', ':', '\n']).chain([text]));
        let parts = parts
            .map(str::trim)
            .filter(|part| part.len() >= MIN_HIDDEN_BYTES);
        let mut hidden = Vec::new();
        for part in parts {
            // A path writes unusual keys as JSON does.
            let written = json::texts(&[Some(part)]);
            let inner = written
                .strip_prefix("[\"")
                .and_then(|rest| rest.strip_suffix("\"]"));
            hidden.extend(inner.map(str::to_owned));
            hidden.push(part.to_owned());
        }
        for mistake in &mut self.0 {
            mistake.path = hide(&mistake.path, &hidden);
            mistake.message = hide(&mistake.message, &hidden);
        }
        self.0
    }
}

/// The text without these parts: wherever one begins, the longest that does is left out.
fn hide(text: &str, parts: &[String]) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let here = parts.iter().filter(|part| rest.starts_with(part.as_str()));
        let longest = here.map(String::len).max();
        match longest {
            Some(_) => shown.push_str("(hidden)"),
            None => shown.push(first),
        }
        let passed = longest.unwrap_or(first.len_utf8());
        rest = rest.get(passed..).unwrap_or_default();
    }
    shown
}

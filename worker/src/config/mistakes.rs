//! What is wrong with the configuration, collected.

use core::{cell::RefCell, fmt};

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

/// The mistakes found so far, each once. Whatever reads notes them here.
#[derive(Default)]
pub(super) struct Mistakes(RefCell<Vec<Mistake>>);

impl Mistakes {
    /// Notes one; the empty path is that of the variable `TILLGATE`.
    pub(super) fn add(&self, mut path: String, message: fmt::Arguments<'_>) {
        if path.is_empty() {
            path.push_str(VARIABLE);
        }
        let message = message.to_string();
        let mistake = Mistake { path, message };
        let mut found = self.0.borrow_mut();
        if !found.contains(&mistake) {
            found.push(mistake);
        }
    }

    pub(super) fn count(&self) -> usize {
        self.0.borrow().len()
    }

    /// The mistakes without the secrets. Messages hold no values, but paths hold keys and the core's messages hold parts
    /// of rules and addresses, and somebody may have put a secret there.
    pub(super) fn without(self, secrets: &Secrets) -> Vec<Mistake> {
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
        let mut mistakes = self.0.into_inner();
        for mistake in &mut mistakes {
            mistake.path = hide(&mistake.path, &hidden);
            mistake.message = hide(&mistake.message, &hidden);
        }
        mistakes
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

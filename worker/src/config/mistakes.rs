//! What is wrong with the configuration, collected.

use core::{cmp::Reverse, fmt};

use litemap::LiteMap;

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
        // A path writes unusual keys with escapes. The longest first, lest a part of one secret leaves the rest of another standing.
        let mut longest_first = LiteMap::new_vec();
        for part in parts {
            for text in [part.to_owned(), part.escape_debug().to_string()] {
                longest_first.insert((Reverse(text.len()), text), ());
            }
        }
        for mistake in &mut self.0 {
            for (_, part) in longest_first.keys() {
                mistake.path = mistake.path.replace(part, "(hidden)");
                mistake.message = mistake.message.replace(part, "(hidden)");
            }
        }
        self.0
    }
}

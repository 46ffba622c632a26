//! Where configuration comes from: which variables and secrets there are and how they are called.

use zeroize::Zeroizing;

use super::json;

/// The variable that holds the configuration.
pub(super) const VARIABLE: &str = "TILLGATE";
/// What the name of a variable that holds one app begins with.
pub(super) const APP_VARIABLE: &str = "TILLGATE_APP_";
/// The secret that holds the seal keys.
pub(super) const SEAL_KEYS: &str = "TILLGATE_SEAL_KEYS";
/// What the name of every secret of an app ends with.
const CLIENT_SECRET: &str = "_CLIENT_SECRET";
/// Longest app name in bytes.
pub(super) const MAX_APP_NAME_BYTES: usize = 32;

/// The texts of the variables, as JSON. It has no `Debug`: somebody may have put a secret there.
#[derive(Clone, Default)]
pub(crate) struct Sources {
    /// The variable `TILLGATE`.
    pub(crate) tillgate: Option<String>,
    /// The variables `TILLGATE_APP_{NAME}`: that `NAME` as it is written there, such as `CAFE_2`, and the text. The last of
    /// a name counts.
    pub(crate) apps: Vec<(String, String)>,
}

impl Sources {
    /// Takes a variable if it is one of ours; any other is ignored, and so is every name that ends in `_CLIENT_SECRET`,
    /// which is a secret's and never a variable's.
    pub(crate) fn add(&mut self, variable: &str, text: String) {
        if variable == VARIABLE {
            self.tillgate = Some(text);
        } else if let Some(name) = variable.strip_prefix(APP_VARIABLE)
            && !variable.ends_with(CLIENT_SECRET)
        {
            self.apps.retain(|(known, _)| known != name);
            self.apps.push((name.to_owned(), text));
        }
    }
}

/// The secrets' texts by the names of their bindings. They are wiped when dropped, and `Debug` shows the names alone.
#[derive(Default)]
pub(crate) struct Secrets(Vec<(String, Zeroizing<String>)>);

impl Secrets {
    /// Takes one secret. The last of a name counts.
    pub(crate) fn add(&mut self, name: &str, text: String) {
        self.0.push((name.to_owned(), Zeroizing::new(text)));
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut last_first = self.0.iter().rev();
        let (_, text) = last_first.find(|(known, _)| known == name)?;
        Some(text)
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(_, text)| text.as_str())
    }
}

impl core::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let names = self.0.iter().map(|(name, _)| name);
        formatter.debug_set().entries(names).finish()
    }
}

/// The names of the secrets to fetch before the configuration is read: one for each app, and the seal keys. A
/// configuration with mistakes gives as many as can be made out.
pub(crate) fn secret_names(sources: &Sources) -> Vec<String> {
    let document = sources
        .tillgate
        .as_deref()
        .and_then(|text| json::parse(text).ok());
    let inside = document
        .as_ref()
        .and_then(|document| document.get("apps")?.entries());
    let mut names = vec![SEAL_KEYS.to_owned()];
    for (name, _) in inside.unwrap_or_default() {
        add_secret_name(&mut names, name);
    }
    for (name, _) in &sources.apps {
        add_secret_name(&mut names, &app_name(name));
    }
    names
}

fn add_secret_name(names: &mut Vec<String>, app: &str) {
    let name = secret_name(app);
    if is_app_name(app) && !names.contains(&name) {
        names.push(name);
    }
}

/// The app that the variable `TILLGATE_APP_{name}` is about: `CAFE_2` is `cafe-2`.
pub(super) fn app_name(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

/// The binding of an app's client secret: `cafe-2` has `CAFE_2_CLIENT_SECRET`. Different app names have different
/// bindings, since no app name holds an underscore or a capital letter.
pub(super) fn secret_name(app: &str) -> String {
    format!(
        "{}{CLIENT_SECRET}",
        app.to_ascii_uppercase().replace('-', "_")
    )
}

/// Whether a text is an app name: `[a-z0-9-]{1,32}`.
pub(super) fn is_app_name(text: &str) -> bool {
    (1..=MAX_APP_NAME_BYTES).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

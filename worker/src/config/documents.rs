//! The variables as JSON values, and the apps in them, wherever each of them stands.

use tillgate_core::json::Json;

use super::{
    json,
    mistakes::Mistakes,
    reader::Node,
    sources::{APP_VARIABLE, MAX_APP_NAME_BYTES, Sources, VARIABLE, app_name, is_app_name},
};

/// The variables that could be read.
pub(super) struct Documents {
    tillgate: Option<Json>,
    apps: Vec<AppDocument>,
}

struct AppDocument {
    variable: String,
    name: String,
    /// `None`: it is not JSON, which has been reported.
    value: Option<Json>,
}

/// One configured app: its name, whether that is well formed or not, and what is configured.
pub(super) struct AppNode<'a> {
    pub(super) name: String,
    /// `None`: it could not be read, which has been reported.
    pub(super) node: Option<Node<'a>>,
}

impl Documents {
    pub(super) fn parse(sources: &Sources, mistakes: &mut Mistakes) -> Self {
        let Some(text) = &sources.tillgate else {
            let example =
                r#"{"origins": [], "apps": {"cafe": {"platform": "clopos", …}}, "callers": {…}}"#;
            mistakes.add(
                VARIABLE,
                format!(
                    "is missing: set the variable {VARIABLE} to a JSON object such as `{example}`"
                ),
            );
            return Self {
                tillgate: None,
                apps: Self::parse_apps(sources, mistakes),
            };
        };
        let tillgate = parse_variable(VARIABLE, text, mistakes);
        Self {
            tillgate,
            apps: Self::parse_apps(sources, mistakes),
        }
    }

    fn parse_apps(sources: &Sources, mistakes: &mut Mistakes) -> Vec<AppDocument> {
        let documents = sources.apps.iter().map(|(name, text)| {
            let variable = format!("{APP_VARIABLE}{name}");
            let value = parse_variable(&variable, text, mistakes);
            AppDocument {
                variable,
                name: app_name(name),
                value,
            }
        });
        documents.collect()
    }

    /// What the variable `TILLGATE` holds.
    pub(super) fn tillgate(&self) -> Option<Node<'_>> {
        self.tillgate.as_ref().map(|value| Node::new("", value))
    }

    /// Every app: those of the key `apps`, and those with a variable of their own.
    pub(super) fn apps<'a>(
        &'a self,
        apps: Option<Node<'a>>,
        mistakes: &mut Mistakes,
    ) -> Vec<AppNode<'a>> {
        let inside = apps.map(|apps| apps.entries(mistakes)).unwrap_or_default();
        let inside = inside
            .into_iter()
            .map(|(name, node)| (node.path.clone(), name.to_owned(), Some(node)));
        let own = self.apps.iter().map(|app| {
            let node = app
                .value
                .as_ref()
                .map(|value| Node::new(&app.variable, value));
            (app.variable.clone(), app.name.clone(), node)
        });
        let mut found = Vec::new();
        let mut places: Vec<(String, String)> = Vec::new();
        for (place, name, node) in inside.chain(own) {
            check_name(&name, &place, mistakes);
            if let Some((first, _)) = places.iter().find(|(_, other)| *other == name) {
                mistakes.add(&place, format!("configures the app `{name}` again, which is at `{first}` already; keep one of the two"));
            }
            places.push((place, name.clone()));
            found.push(AppNode { name, node });
        }
        found
    }
}

fn parse_variable(variable: &str, text: &str, mistakes: &mut Mistakes) -> Option<Json> {
    json::parse(text)
        .map_err(|message| mistakes.add(variable, message))
        .ok()
}

fn check_name(name: &str, place: &str, mistakes: &mut Mistakes) {
    if !is_app_name(name) {
        let form = format!(
            "has no app name: it must be 1 to {MAX_APP_NAME_BYTES} of the characters a-z, 0-9 and `-`"
        );
        mistakes.add(place, form);
    }
}

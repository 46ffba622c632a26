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

/// A variable that holds one app.
struct AppDocument {
    variable: String,
    name: String,
    /// `None`: it is not JSON, which has been noted.
    value: Option<Json>,
}

/// One configured app: its name, whether that is well formed or not, and what is configured.
pub(super) struct AppNode<'a> {
    pub(super) name: String,
    pub(super) node: Node<'a>,
    /// Otherwise there is nothing to read, which has been noted.
    pub(super) readable: bool,
}

impl Documents {
    pub(super) fn parse(sources: &Sources, mistakes: &Mistakes) -> Self {
        let tillgate = match &sources.tillgate {
            Some(text) => parse_variable(VARIABLE, text, mistakes),
            None => {
                let how = format_args!(
                    r#"is missing: set the variable {VARIABLE} to a JSON object such as `{{"origins": [], "apps": {{"cafe": {{"platform": "clopos", …}}}}, "callers": {{…}}}}`"#
                );
                mistakes.add(VARIABLE.to_owned(), how);
                None
            }
        };
        let mut apps = Vec::new();
        for (name, text) in &sources.apps {
            let variable = format!("{APP_VARIABLE}{name}");
            let value = parse_variable(&variable, text, mistakes);
            let name = app_name(name);
            apps.push(AppDocument {
                variable,
                name,
                value,
            });
        }
        Self { tillgate, apps }
    }

    /// What the variable `TILLGATE` holds.
    pub(super) fn tillgate<'a>(&'a self, mistakes: &'a Mistakes) -> Option<Node<'a>> {
        let value = self.tillgate.as_ref()?;
        Some(Node::new("", value, mistakes))
    }

    /// Every app: those of the key `apps`, and those with a variable of their own.
    pub(super) fn apps<'a>(
        &'a self,
        inside: Option<&'a Node<'a>>,
        mistakes: &'a Mistakes,
    ) -> Vec<AppNode<'a>> {
        let mut apps = Vec::new();
        for (name, node) in inside.into_iter().flat_map(Node::entries) {
            add(&mut apps, name.to_owned(), node, true);
        }
        for app in &self.apps {
            let value = app.value.as_ref().unwrap_or(&Json::Null);
            let node = Node::new(&app.variable, value, mistakes);
            add(&mut apps, app.name.clone(), node, app.value.is_some());
        }
        apps
    }
}

fn add<'a>(apps: &mut Vec<AppNode<'a>>, name: String, node: Node<'a>, readable: bool) {
    if !is_app_name(&name) {
        node.wrong(format_args!(
            "has no app name: it must be 1 to {MAX_APP_NAME_BYTES} of the characters a-z, 0-9 and `-`"
        ));
    }
    if let Some(first) = apps.iter().find(|app| app.name == name) {
        let first = first.node.path();
        node.wrong(format_args!(
            "configures the app `{name}` again, which is at `{first}` already; keep one of the two"
        ));
    }
    apps.push(AppNode {
        name,
        node,
        readable,
    });
}

fn parse_variable(variable: &str, text: &str, mistakes: &Mistakes) -> Option<Json> {
    json::parse(text)
        .map_err(|message| mistakes.add(variable.to_owned(), format_args!("{message}")))
        .ok()
}

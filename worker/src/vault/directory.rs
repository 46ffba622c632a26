//! The directory: which connections store something. One object for the whole worker, touched when a connection stores
//! its first row and when it is forgotten, and read by administrators.

use tillgate_core::json::Json;

use super::rows::Rows;
use crate::message::{Message, Name, Reply};

/// Begins the names of the directory's rows; the rest is `{app}/{account}`, of which neither holds a slash.
const PREFIX: &str = "connection:";
/// In a vault: the connection's own names, for its alarm and for the directory.
pub(super) const NAME: &str = "name";
/// In a vault: the directory knows of this connection.
const LISTED: &str = "listed";

fn row(name: &Name) -> String {
    PREFIX.to_owned() + &name.text()
}

/// Notes a connection.
pub(super) fn register(rows: &dyn Rows, name: &Name) -> Reply {
    rows.put(&row(name), &[]);
    Reply::Done
}

/// Strikes a connection out.
pub(super) fn unregister(rows: &dyn Rows, name: &Name) -> Reply {
    rows.delete(&row(name));
    Reply::Done
}

/// The connections behind `after`.
pub(super) fn list(rows: &dyn Rows, after: Option<&Name>, limit: u32) -> Reply {
    let after = after.map_or_else(|| PREFIX.to_owned(), row);
    let mut names = Vec::new();
    for row in rows.names(&after, limit) {
        let name = row
            .strip_prefix(PREFIX)
            .and_then(|name| name.split_once('/'));
        names.extend(name.map(|(app, account)| Name {
            app: app.to_owned(),
            account: account.to_owned(),
        }));
    }
    Reply::Names { names }
}

/// What a vault has to tell the directory: that it exists, once.
pub(crate) fn announcement(rows: &dyn Rows) -> Option<Message> {
    if rows.get(LISTED).is_some() {
        return None;
    }
    stored_name(rows).map(Message::Register)
}

/// Notes that the directory was told.
pub(crate) fn note_announced(rows: &dyn Rows) {
    if rows.get(NAME).is_some() {
        rows.put(LISTED, &[]);
    }
}

/// The names of the connection that a vault belongs to.
pub(super) fn stored_name(rows: &dyn Rows) -> Option<Name> {
    Name::read(&Json::parse(&rows.get(NAME)?)?)
}

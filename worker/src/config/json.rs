//! JSON texts as the operator wrote them, read more strictly than JSON asks for: a key that stands twice is a mistake,
//! since one of its values would be lost without a word.

use tillgate_core::json::{Fault, Json, ReadError};

/// Reads a text. The error says where it is wrong by line and column and repeats nothing of it.
pub(super) fn parse(text: &str) -> Result<Json, String> {
    if text.trim().is_empty() {
        return Err("is empty: it must hold a JSON object".to_owned());
    }
    Json::parse_strictly(text.as_bytes()).map_err(explain)
}

fn explain(error: ReadError) -> String {
    let what = match error.fault {
        Fault::Repeated => "has a key twice in one object at",
        _ => "is not JSON at",
    };
    format!("{what} {error}")
}

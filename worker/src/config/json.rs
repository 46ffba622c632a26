//! JSON texts as the operator wrote them, read more strictly than JSON asks for: a key that stands twice is a mistake,
//! since one of its values would be lost without a word.

use serde_json::error::Category;
use tillgate_core::json::Json;

/// Reads a text. The error says where it is wrong by line and column and repeats nothing of it.
pub(super) fn parse(text: &str) -> Result<Json, String> {
    if text.trim().is_empty() {
        return Err("is empty: it must hold a JSON object".to_owned());
    }
    Json::parse_strictly(text.as_bytes()).map_err(|error| explain(text, &error))
}

fn explain(text: &str, error: &serde_json::Error) -> String {
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        Category::Eof => format!(
            "is not JSON: it ends too early, at {place}; a bracket or quotation mark is not closed"
        ),
        Category::Data => format!("has a key twice in one object, at {place}; keep one of the two"),
        _ if is_comment(text, error) => {
            format!("is not JSON: comments are not possible; remove the one at {place}")
        }
        // The messages of serde_json for wrong syntax are fixed sentences with the place.
        Category::Syntax | Category::Io => format!("is not JSON: {error}"),
    }
}

/// serde_json stops at a comment's first slash, or just before it.
fn is_comment(text: &str, error: &serde_json::Error) -> bool {
    let line = text
        .lines()
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    let near = line
        .bytes()
        .skip(error.column().saturating_sub(2))
        .take(3)
        .collect::<Vec<_>>();
    near.windows(2).any(|pair| pair == b"//" || pair == b"/*")
}

//! What concerns the worker's own place on the web: `origins` and `base_path`.

use tillgate_core::endpoint::Origin;

use super::{mistakes::Mistakes, reader::Node};

/// The pages that may call from a browser and be returned to.
pub(super) fn origins(node: Option<Node<'_>>, mistakes: &mut Mistakes) -> Vec<Origin> {
    let items = node.map(|node| node.items(mistakes)).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item.parsed(Origin::parse, mistakes))
        .collect()
}

/// The path under which the worker is mounted; empty where there is none.
pub(super) fn base_path(node: Option<Node<'_>>, mistakes: &mut Mistakes) -> String {
    node.and_then(|node| node.parsed(parse_base_path, mistakes))
        .unwrap_or_default()
}

fn parse_base_path(text: &str) -> Result<String, &'static str> {
    let is_segment = |segment: &str| {
        !segment.is_empty()
            && segment
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    match text.strip_prefix('/') {
        Some("") => {
            Err("must not be `/`: leave `base_path` out where the worker is mounted at the root")
        }
        Some(path) if path.ends_with('/') => {
            Err("must not end in a slash: write it such as `/pos`")
        }
        Some(path) if path.split('/').all(is_segment) => Ok(text.to_owned()),
        _ => Err("must be a path such as `/pos`: a slash, then letters, digits, `-` and `_`"),
    }
}

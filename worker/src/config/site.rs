//! What concerns the worker's own place on the web: `origins` and `base_path`.

use tillgate_core::endpoint::Origin;

use super::reader::Node;

/// The pages that may call from a browser and be returned to.
pub(super) fn origins(node: &Node<'_>) -> Vec<Origin> {
    node.items()
        .filter_map(|item| item.parsed(Origin::parse))
        .collect()
}

/// The path under which the worker is mounted.
pub(super) fn base_path(node: &Node<'_>) -> Option<String> {
    node.parsed(parse_base_path)
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

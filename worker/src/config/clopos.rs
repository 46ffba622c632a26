//! The keys of Clopos apps. Addresses: "Authentication" and base URL of the v1 and v2 documentation.

use tillgate_core::{
    clopos::{App as Clopos, Version},
    platform::App,
};

use super::{
    app::{Credentials, id},
    endpoints::Endpoints,
    reader::{Node, Object},
};

/// The keys that only Clopos apps have.
pub(super) const KEYS: &[&str] = &["integrator_id", "stage"];
/// Longest `stage` in bytes.
const MAX_STAGE_BYTES: usize = 64;

/// Token endpoint and API of a version.
const fn presets(version: &Version) -> (&'static str, &'static str) {
    match version {
        Version::V1 => (
            "https://integrations.clopos.com/open-api/auth",
            "https://integrations.clopos.com/open-api",
        ),
        Version::V2 { .. } => (
            "https://integrations.clopos.com/open-api/v2/auth",
            "https://integrations.clopos.com/open-api/v2",
        ),
    }
}

pub(super) fn read(object: &Object<'_>, credentials: Credentials) -> Option<App> {
    let Credentials {
        client_id,
        client_secret,
    } = credentials;
    let version = version(object);
    let (token, api) = presets(&version);
    let node = object.optional("endpoints");
    let endpoints = Endpoints::open(node.as_ref(), &[&["token", "api"]]);
    let token_endpoint = endpoints.get("token", token);
    let api = endpoints.get("api", api);
    let stage = object.optional("stage").and_then(|node| stage(&node));
    let (token_endpoint, api) = (token_endpoint?, api?.into());
    Some(App::Clopos(Clopos {
        client_id,
        client_secret,
        version,
        token_endpoint,
        api,
        stage,
    }))
}

fn version(object: &Object<'_>) -> Version {
    let number = object
        .optional("version")
        .map_or(Some(1), |node| node.number(1, 2));
    if number == Some(2) {
        let what = format_args!("version 2 needs the id of the integrator");
        let node = object.required("integrator_id", what);
        let integrator_id = node.and_then(|node| id(&node)).unwrap_or_default();
        return Version::V2 { integrator_id };
    }
    // With a version that is neither, nobody knows whether it belongs there.
    if number.is_some() && object.optional("integrator_id").is_some() {
        let how = format_args!("belongs to version 2: write `\"version\": 2`, or remove it");
        object.wrong("integrator_id", how);
    }
    Version::V1
}

/// It is sent as a header.
fn stage(node: &Node<'_>) -> Option<String> {
    let text = node.text()?;
    let fits = text.len() <= MAX_STAGE_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits {
        node.wrong(format_args!(
            "must be at most {MAX_STAGE_BYTES} visible ASCII characters without spaces"
        ));
    }
    fits.then(|| text.to_owned())
}

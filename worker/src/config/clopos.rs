//! The keys of Clopos apps. Addresses: "Authentication" and base URL of the v1 and v2 documentation.

use tillgate_core::{
    clopos::{App as Clopos, Version},
    platform::App,
};

use super::{
    app::{Credentials, id},
    endpoints::Endpoints,
    mistakes::Mistakes,
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

pub(super) fn read(
    object: &Object<'_>,
    credentials: Credentials,
    mistakes: &mut Mistakes,
) -> Option<App> {
    let Credentials {
        client_id,
        client_secret,
    } = credentials;
    let version = version(object, mistakes);
    let (token, api) = presets(&version);
    let endpoints = Endpoints::open(object, &["token", "api"], mistakes);
    let token_endpoint = endpoints.get("token", token, mistakes);
    let api = endpoints.get("api", api, mistakes);
    let stage = object
        .optional("stage")
        .and_then(|node| stage(&node, mistakes));
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

fn version(object: &Object<'_>, mistakes: &mut Mistakes) -> Version {
    let number = object
        .optional("version")
        .map_or(Some(1), |node| node.number(1..=2, mistakes));
    match number {
        Some(2) => {
            let node = object.required(
                "integrator_id",
                "version 2 needs the id of the integrator",
                mistakes,
            );
            let integrator_id = node
                .and_then(|node| id(&node, mistakes))
                .unwrap_or_default();
            Version::V2 { integrator_id }
        }
        // With a version that is neither, nobody knows whether it belongs there.
        Some(_) if object.optional("integrator_id").is_some() => {
            mistakes.add(
                object.path("integrator_id"),
                "belongs to version 2: write `\"version\": 2`, or remove it",
            );
            Version::V1
        }
        _ => Version::V1,
    }
}

/// It is sent as a header.
fn stage(node: &Node<'_>, mistakes: &mut Mistakes) -> Option<String> {
    let parse = |text: &str| {
        let fits =
            text.len() <= MAX_STAGE_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| text.to_owned()).ok_or(format!(
            "must be at most {MAX_STAGE_BYTES} visible ASCII characters without spaces"
        ))
    };
    node.parsed(parse, mistakes)
}

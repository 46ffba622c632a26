//! The keys of Clover apps. Addresses: "Authenticate with OAuth—Europe and Latin America", and its REST base URLs.

use tillgate_core::{
    clover::{App as Clover, TokenRequest},
    endpoint::Endpoint,
    platform::App,
};

use super::{
    app::{Credentials, only_version_1},
    endpoints::Endpoints,
    reader::Object,
};

/// The keys that only Clover apps have.
pub(super) const KEYS: &[&str] = &["region", "redirect_uri", "token_request"];
const ENDPOINTS: &[&str] = &["authorize", "token", "api"];

/// The three addresses of a region.
#[derive(Clone, Copy)]
struct Presets {
    authorize: &'static str,
    token: &'static str,
    api: &'static str,
}

const SANDBOX: Presets = Presets {
    authorize: "https://apisandbox.dev.clover.com/oauth/authorize",
    token: "https://apisandbox.dev.clover.com/oauth/token",
    api: "https://apisandbox.dev.clover.com",
};
const EUROPE: Presets = Presets {
    authorize: "https://eu.clover.com/oauth/authorize",
    token: "https://eu.clover.com/oauth/token",
    api: "https://api.eu.clover.com",
};
const LATIN_AMERICA: Presets = Presets {
    authorize: "https://la.clover.com/oauth/authorize",
    token: "https://la.clover.com/oauth/token",
    api: "https://api.la.clover.com",
};
const REGIONS: [(&str, Presets); 3] = [("sandbox", SANDBOX), ("eu", EUROPE), ("la", LATIN_AMERICA)];
const TOKEN_REQUESTS: [(&str, TokenRequest); 2] =
    [("query", TokenRequest::Query), ("json", TokenRequest::Json)];

pub(super) fn read(object: &Object<'_>, name: &str, credentials: Credentials) -> Option<App> {
    let Credentials {
        client_id,
        client_secret,
    } = credentials;
    only_version_1(object);
    let node = object.optional("endpoints");
    let endpoints = Endpoints::open(node.as_ref(), &[ENDPOINTS]);
    let presets = region(object, &endpoints);
    let authorize_endpoint = endpoints.get("authorize", presets.authorize);
    let token_endpoint = endpoints.get("token", presets.token);
    let api = endpoints.get("api", presets.api);
    let redirect_uri = redirect_uri(object, name).or_else(|| authorize_endpoint.clone());
    let token_request = object
        .optional("token_request")
        .and_then(|node| node.one_of(&TOKEN_REQUESTS));
    Some(App::Clover(Clover {
        client_id,
        client_secret,
        authorize_endpoint: authorize_endpoint?,
        token_endpoint: token_endpoint?,
        api: api?.into(),
        redirect_uri: redirect_uri?,
        token_request: token_request.unwrap_or_default(),
    }))
}

/// Without a region there are no presets.
fn region(object: &Object<'_>, endpoints: &Endpoints<'_>) -> Presets {
    let mut chosen = None;
    if let Some(node) = object.optional("region") {
        chosen = node.one_of(&REGIONS);
    } else if let Some(missing) = endpoints.missing(ENDPOINTS) {
        let what = format_args!("write `\"sandbox\"`, `\"eu\"` or `\"la\"`, or else {missing}");
        object.required("region", what);
    }
    chosen.unwrap_or(SANDBOX)
}

/// Where the merchant comes back to is a route of ours, so the address ends in it.
fn redirect_uri(object: &Object<'_>, name: &str) -> Option<Endpoint> {
    let route = format!("/callback/{name}");
    let what = format_args!(
        "write the address of this worker's own route, such as `https://gate.example{route}`, as registered at Clover"
    );
    let node = object.required("redirect_uri", what)?;
    let address = node.parsed(Endpoint::parse)?;
    let own = address.as_str().ends_with(&route);
    if !own {
        node.wrong(format_args!(
            "must end in `{route}`, the route that a login comes back to"
        ));
    }
    own.then_some(address)
}

//! The keys of Clearline apps. Addresses: the token endpoint of its documentation, and the only API host that its public
//! documentation names. Production hosts are published nowhere, so they are settings without a default.

use tillgate_core::{
    clearline::{App as Clearline, BasicEncoding},
    platform::App,
};

use super::{
    app::{Credentials, only_version_1},
    endpoints::Endpoints,
    reader::Object,
};

/// The keys that only Clearline apps have.
pub(super) const KEYS: &[&str] = &["environment", "basic"];
const ENDPOINTS: &[&str] = &["token", "api"];
/// The environment `test`.
const TEST_TOKEN: &str = "https://logintest.clearline.me/connect/token";
const TEST_API: &str = "https://public-api-demo.clearline.me";

pub(super) fn read(object: &Object<'_>, credentials: Credentials) -> Option<App> {
    let Credentials {
        client_id,
        client_secret,
    } = credentials;
    only_version_1(object);
    let node = object.optional("endpoints");
    let endpoints = Endpoints::open(node.as_ref(), &[ENDPOINTS]);
    environment(object, &endpoints);
    let token_endpoint = endpoints.get("token", TEST_TOKEN);
    let api = endpoints.get("api", TEST_API);
    let basic = object
        .optional("basic")
        .and_then(|node| node.one_of(&[("raw", BasicEncoding::Raw)]));
    let (token_endpoint, api, basic) = (token_endpoint?, api?.into(), basic.unwrap_or_default());
    Some(App::Clearline(Clearline {
        client_id,
        client_secret,
        token_endpoint,
        api,
        basic,
    }))
}

/// Without an environment there are no presets.
fn environment(object: &Object<'_>, endpoints: &Endpoints<'_>) {
    if let Some(node) = object.optional("environment") {
        node.one_of(&[("test", ())]);
    } else if let Some(missing) = endpoints.missing(ENDPOINTS) {
        let what = format_args!(
            "write `\"test\"`; for production, whose hosts are not published, leave it out and write {missing}"
        );
        object.required("environment", what);
    }
}

//! The keys of Clearline apps. Addresses: the token endpoint of its documentation, and the only API host that its public
//! documentation names. Production hosts are published nowhere, so they are settings without a default.

use tillgate_core::{
    clearline::{App as Clearline, BasicEncoding},
    platform::App,
};

use super::{
    app::{Credentials, only_version_1},
    endpoints::Endpoints,
    mistakes::Mistakes,
    reader::Object,
};

/// The keys that only Clearline apps have.
pub(super) const KEYS: &[&str] = &["environment", "basic"];
const ENDPOINTS: &[&str] = &["token", "api"];
/// The environment `test`.
const TEST_TOKEN: &str = "https://logintest.clearline.me/connect/token";
const TEST_API: &str = "https://public-api-demo.clearline.me";

pub(super) fn read(
    object: &Object<'_>,
    credentials: Credentials,
    mistakes: &mut Mistakes,
) -> Option<App> {
    let Credentials {
        client_id,
        client_secret,
    } = credentials;
    only_version_1(object, mistakes);
    let endpoints = Endpoints::open(object, ENDPOINTS, mistakes);
    environment(object, &endpoints, mistakes);
    let token_endpoint = endpoints.get("token", TEST_TOKEN, mistakes);
    let api = endpoints.get("api", TEST_API, mistakes);
    let basic = object
        .optional("basic")
        .and_then(|node| node.one_of(&[("raw", BasicEncoding::Raw)], mistakes));
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
fn environment(object: &Object<'_>, endpoints: &Endpoints<'_>, mistakes: &mut Mistakes) {
    match (object.optional("environment"), endpoints.missing(ENDPOINTS)) {
        (Some(node), _) => {
            node.one_of(&[("test", ())], mistakes);
        }
        (None, Some(missing)) => {
            let what = format!(
                "write `\"test\"`; for production, whose hosts are not published, leave it out and write {missing}"
            );
            object.required("environment", &what, mistakes);
        }
        (None, None) => {}
    }
}

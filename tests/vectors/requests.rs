//! What is sent: token requests and the headers of API calls.

use std::collections::BTreeMap;

use serde::Deserialize;
use tillgate_core::{http::Request, secret::AccessToken};

use crate::{AppData, PLATFORMS, PlatformFile, check_all, clover, expect_equal, read};

#[derive(Deserialize)]
struct Cases {
    requests: Vec<RequestCase>,
    api_headers: Vec<HeadersCase>,
}

#[derive(Deserialize)]
struct RequestCase {
    name: String,
    #[serde(default)]
    app: AppData,
    account: String,
    /// Of a Clover callback.
    code: Option<String>,
    request: RequestData,
}

/// A request as a data file writes it. Header names are in lower case; the order of headers means nothing.
#[derive(Deserialize)]
pub(crate) struct RequestData {
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: Option<String>,
}

#[derive(Deserialize)]
struct HeadersCase {
    name: String,
    #[serde(default)]
    app: AppData,
    account: String,
    access_token: String,
    headers: BTreeMap<String, String>,
}

const REASON: &str = "a test compares it with the documentation";

/// Compares all that leaves.
pub(crate) fn expect_request(request: &Request, wanted: &RequestData) -> Result<(), String> {
    expect_equal("the method", &request.method().to_string(), &wanted.method)?;
    expect_equal("the URL", &request.expose_url(REASON), &wanted.url)?;
    expect_headers(request.expose_headers(REASON), &wanted.headers)?;
    let body = |body: Option<&str>| body.unwrap_or("(none)").to_owned();
    expect_equal(
        "the body",
        &body(request.expose_body(REASON)),
        &body(wanted.body.as_deref()),
    )
}

fn expect_headers<'a>(
    got: impl Iterator<Item = (&'static str, &'a str)>,
    wanted: &BTreeMap<String, String>,
) -> Result<(), String> {
    let mut got: Vec<String> = got
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    got.sort();
    let wanted: Vec<String> = wanted
        .iter()
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    expect_equal(
        "the list of headers",
        &got.join("\n    "),
        &wanted.join("\n    "),
    )
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn token_requests_are_byte_for_byte_as_documented() {
    for (file, _) in PLATFORMS {
        let file: PlatformFile<Cases> = read(file);
        check_all(
            &file.cases.requests,
            |case| &case.name,
            |case| {
                let data = file.app.with(&case.app);
                let app = data.app();
                let party = app
                    .account(&case.account)
                    .ok_or("the account is not accepted")?;
                let exchange = match &case.code {
                    None => party.exchange().ok_or("there is no token request")?,
                    Some(code) => clover::redeem(&data, &case.account, code),
                };
                expect_request(exchange.request(), &case.request)
            },
        );
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn api_calls_carry_exactly_the_documented_headers() {
    for (file, _) in PLATFORMS {
        let file: PlatformFile<Cases> = read(file);
        check_all(
            &file.cases.api_headers,
            |case| &case.name,
            |case| {
                let app = file.app.with(&case.app).app();
                let party = app
                    .account(&case.account)
                    .ok_or("the account is not accepted")?;
                let token =
                    AccessToken::parse(&case.access_token).ok_or("the token is not accepted")?;
                expect_headers(party.token_headers(&token).expose(REASON), &case.headers)
            },
        );
    }
}

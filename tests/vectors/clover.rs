//! Clover's own: where the merchant is sent, what comes back, and the proof of who came.

use serde::Deserialize;
use tillgate_core::{
    authorization::{Authorization, CallbackQuery},
    clover::{self, MerchantId, ProofError},
    exchange::Exchange,
    secret::AccessToken,
    time::UnixTime,
};

use crate::{
    AppData, CLOVER, PlatformFile,
    answers::response,
    check_all, expect_equal, read,
    requests::{RequestData, expect_request},
};

const NOW: UnixTime = UnixTime::from_seconds(1_795_600_000);

#[derive(Deserialize)]
struct Cases {
    state: String,
    authorize: Vec<AuthorizeCase>,
    callbacks: Vec<CallbackCase>,
    proof_requests: Vec<ProofRequestCase>,
    proof_answers: Vec<ProofAnswerCase>,
}

#[derive(Deserialize)]
struct AuthorizeCase {
    name: String,
    #[serde(default)]
    app: AppData,
    merchant_id: Option<String>,
    url: String,
}

#[derive(Deserialize)]
struct CallbackCase {
    name: String,
    query: String,
    outcome: CallbackOutcome,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CallbackOutcome {
    Accepted {
        merchant_id: String,
        employee_id: Option<String>,
    },
    Refused {
        error: String,
        launch: Option<bool>,
    },
}

#[derive(Deserialize)]
struct ProofRequestCase {
    name: String,
    #[serde(default)]
    app: AppData,
    account: String,
    access_token: String,
    request: RequestData,
}

#[derive(Deserialize)]
struct ProofAnswerCase {
    name: String,
    status: u16,
    body: String,
    outcome: String,
}

/// The file's entropy: the bytes 0 to 31.
fn entropy() -> clover::Entropy {
    let mut next = 0..;
    [(); 32].map(|()| next.next().unwrap())
}

fn authorize(app: &clover::App, merchant_id: Option<&MerchantId>) -> (String, Authorization) {
    clover::authorize(app, entropy(), NOW, "/", merchant_id)
}

/// The token request for a callback that was accepted.
pub(crate) fn redeem(app: &AppData, merchant_id: &str, code: &str) -> Exchange {
    let app = app.clover();
    let (_, authorization) = authorize(&app, None);
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("merchant_id", merchant_id)
        .append_pair("client_id", &app.client_id)
        .append_pair("code", code)
        .append_pair("state", authorization.state())
        .finish();
    let query = CallbackQuery::parse(&query).unwrap();
    let callback = authorization.accept(&app, query, NOW).unwrap();
    clover::redeem(&app, callback)
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn merchants_are_sent_to_the_documented_url() {
    let file: PlatformFile<Cases> = read(CLOVER);
    check_all(
        &file.cases.authorize,
        |case| &case.name,
        |case| {
            let app = file.app.with(&case.app).clover();
            let merchant_id = case.merchant_id.as_deref().and_then(MerchantId::parse);
            let (url, authorization) = authorize(&app, merchant_id.as_ref());
            expect_equal("the state", authorization.state(), &file.cases.state)?;
            expect_equal("the URL", &url, &case.url)
        },
    );
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn a_callback_counts_only_if_it_answers_our_login() {
    let file: PlatformFile<Cases> = read(CLOVER);
    let app = file.app.clover();
    check_all(
        &file.cases.callbacks,
        |case| &case.name,
        |case| {
            let query = CallbackQuery::parse(&case.query);
            let launch = query.as_ref().is_ok_and(CallbackQuery::is_launch);
            let (_, authorization) = authorize(&app, None);
            let accepted = query.and_then(|query| authorization.accept(&app, query, NOW));
            let got = match accepted {
                Ok(callback) => {
                    let employee_id = callback.employee_id();
                    format!("{} {employee_id:?}", callback.merchant_id().as_str())
                }
                Err(error) => format!("{error:?}, launch: {launch}"),
            };
            let wanted = match &case.outcome {
                CallbackOutcome::Accepted {
                    merchant_id,
                    employee_id,
                } => {
                    format!("{merchant_id} {:?}", employee_id.as_deref())
                }
                CallbackOutcome::Refused { error, launch } => {
                    format!("{error}, launch: {}", launch.unwrap_or(false))
                }
            };
            expect_equal("what it means", &got, &wanted)
        },
    );
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn the_merchant_proof_asks_for_the_merchant_with_the_new_token() {
    let file: PlatformFile<Cases> = read(CLOVER);
    check_all(
        &file.cases.proof_requests,
        |case| &case.name,
        |case| {
            let app = file.app.with(&case.app).clover();
            let merchant_id =
                MerchantId::parse(&case.account).ok_or("the account is not accepted")?;
            let token =
                AccessToken::parse(&case.access_token).ok_or("the token is not accepted")?;
            expect_request(
                &clover::merchant_proof(&app, &merchant_id, &token),
                &case.request,
            )
        },
    );
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn a_merchant_is_proved_by_nothing_but_clover_saying_so() {
    let file: PlatformFile<Cases> = read(CLOVER);
    let merchant_id = MerchantId::parse("MERCHANT00001").unwrap();
    check_all(
        &file.cases.proof_answers,
        |case| &case.name,
        |case| {
            let got =
                match clover::read_proof(&merchant_id, &response(case.status, None, &case.body)) {
                    Ok(()) => "proved".to_owned(),
                    Err(ProofError::NotProved) => "NotProved".to_owned(),
                    Err(unknown) => format!("{unknown:?}"),
                };
            expect_equal("what it means", &got, &case.outcome)
        },
    );
}

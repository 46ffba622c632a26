//! What is understood: answers to token requests, and the lifetimes in them.

use serde::Deserialize;
use tillgate_core::{
    exchange::{Exchange, ExchangeError},
    http::{Response, RetryAfter},
    time::UnixTime,
    token::TokenSet,
};
use zeroize::Zeroizing;

use crate::{
    ANY_PLATFORM, AppData, LIFETIMES, PLATFORMS, PlatformFile, check_all, clover, expect_equal,
    read,
};

#[derive(Deserialize)]
struct Cases {
    answers: Vec<AnswerCase>,
}

#[derive(Deserialize)]
struct AnswerCase {
    name: String,
    now: u64,
    status: u16,
    retry_after: Option<String>,
    body: String,
    outcome: Outcome,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Outcome {
    Token { token: String, expires_at: u64 },
    Error { error: String },
}

#[derive(Deserialize)]
struct LifetimesFile {
    now: u64,
    lifetimes: Vec<LifetimeCase>,
}

#[derive(Deserialize)]
struct LifetimeCase {
    name: String,
    /// As it stands in the JSON; absent if it does not.
    expires_in: Option<String>,
    outcome: LifetimeOutcome,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LifetimeOutcome {
    Seconds(Option<u64>),
    Error(String),
}

/// A token request of this app, for some account.
fn exchange(app: &AppData) -> Exchange {
    let own = app.app();
    let parties = ["main", "openapitest.1"].map(|account| own.account(account));
    let exchange = parties.iter().flatten().find_map(|party| party.exchange());
    exchange.unwrap_or_else(|| clover::redeem(app, "MERCHANT00001", "any-code"))
}

pub(crate) fn response(status: u16, retry_after: Option<&str>, body: &str) -> Response {
    Response {
        status,
        retry_after: retry_after.and_then(RetryAfter::parse_seconds),
        body: Zeroizing::new(body.as_bytes().to_vec()),
    }
}

fn describe(result: &Result<TokenSet, ExchangeError>) -> String {
    match result {
        Ok(token) => format!(
            "{} until {}",
            token.access_token().expose("a test compares it"),
            token.expires_at().as_seconds()
        ),
        Err(error) => format!("{error:?}"),
    }
}

fn check_answer(app: &AppData, case: &AnswerCase) -> Result<(), String> {
    let response = response(case.status, case.retry_after.as_deref(), &case.body);
    let result = exchange(app).finish(&response, UnixTime::from_seconds(case.now));
    let wanted = match &case.outcome {
        Outcome::Token { token, expires_at } => format!("{token} until {expires_at}"),
        Outcome::Error { error } => error.clone(),
    };
    expect_equal("what it means", &describe(&result), &wanted)
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn answers_mean_what_the_platforms_say() {
    for (file, _) in PLATFORMS {
        let file: PlatformFile<Cases> = read(file);
        check_all(
            &file.cases.answers,
            |case| &case.name,
            |case| check_answer(&file.app, case),
        );
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn answers_that_no_platform_documents_mean_the_same_everywhere() {
    let common: Cases = read(ANY_PLATFORM);
    for (file, _) in PLATFORMS {
        let file: PlatformFile<Cases> = read(file);
        check_all(
            &common.answers,
            |case| &case.name,
            |case| check_answer(&file.app, case),
        );
    }
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn every_form_of_expires_in_is_taken_clamped_or_refused() {
    let lifetimes: LifetimesFile = read(LIFETIMES);
    for (file, documented) in PLATFORMS {
        let file: PlatformFile<Cases> = read(file);
        check_all(
            &lifetimes.lifetimes,
            |case| &case.name,
            |case| {
                let expires_in = case.expires_in.as_ref();
                let expires_in = expires_in.map(|text| format!(",\"expires_in\":{text}"));
                let body = format!(
                    "{{\"token\":\"t\",\"access_token\":\"t\"{}}}",
                    expires_in.unwrap_or_default()
                );
                let now = UnixTime::from_seconds(lifetimes.now);
                let result = exchange(&file.app).finish(&response(200, None, &body), now);
                let wanted = match &case.outcome {
                    LifetimeOutcome::Error(error) => error.clone(),
                    LifetimeOutcome::Seconds(seconds) => {
                        let end = now.plus(seconds.unwrap_or(documented));
                        format!("t until {}", end.as_seconds())
                    }
                };
                expect_equal("what it means", &describe(&result), &wanted)
            },
        );
    }
}

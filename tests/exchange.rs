//! Reading answers: whatever bytes come, and what nobody may see of an exchange. Native only, since it generates input;
//! documented answers are in `vectors.rs`.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail the test")]

use core::fmt::Debug;

use proptest::prelude::*;
use tillgate_core::{
    authorization::CallbackQuery,
    clearline, clopos, clover,
    connection::Connection,
    endpoint::{ApiBase, Endpoint},
    exchange::{Exchange, ExchangeError},
    http::{MAX_ANSWER_BYTES, Response, RetryAfter},
    platform::App,
    secret::ClientSecret,
    time::UnixTime,
    token::{MAX_LIFETIME, MIN_LIFETIME, TokenSet},
};
use zeroize::Zeroizing;

const NOW: UnixTime = UnixTime::from_seconds(1_795_600_000);
/// What must be seen nowhere.
const SECRET: &str = "canary+secret/0123456789";
const TOKEN: &str = "canary.token.0123456789";
const CODE: &str = "canary-code-0123456789";

fn secret() -> ClientSecret {
    ClientSecret::parse(SECRET).unwrap()
}

fn endpoint(path: &str) -> Endpoint {
    Endpoint::parse(&format!("https://platform.example/{path}")).unwrap()
}

fn api() -> ApiBase {
    ApiBase::parse("https://platform.example/api").unwrap()
}

fn clopos() -> clopos::App {
    clopos::App {
        client_id: "id".into(),
        client_secret: secret(),
        version: clopos::Version::V2 {
            integrator_id: "integrator".into(),
        },
        token_endpoint: endpoint("auth"),
        api: api(),
        stage: None,
    }
}

fn clearline() -> clearline::App {
    clearline::App {
        client_id: "id".into(),
        client_secret: secret(),
        token_endpoint: endpoint("token"),
        api: api(),
        basic: clearline::BasicEncoding::Form,
    }
}

fn clover(token_request: clover::TokenRequest) -> clover::App {
    clover::App {
        client_id: "id".into(),
        client_secret: secret(),
        authorize_endpoint: endpoint("authorize"),
        token_endpoint: endpoint("token"),
        api: api(),
        redirect_uri: Endpoint::parse("https://gate.example/callback").unwrap(),
        token_request,
    }
}

fn redeem(token_request: clover::TokenRequest) -> Exchange {
    let app = clover(token_request);
    let (_, authorization) = clover::authorize(&app, [7; 32], NOW, "/", None);
    let state = authorization.state().to_owned();
    let query = format!("client_id=id&merchant_id=M1&code={CODE}&state={state}");
    let callback = authorization.accept(&app, CallbackQuery::parse(&query).unwrap(), NOW);
    clover::redeem(&app, callback.unwrap())
}

/// One token request of each kind.
fn exchanges() -> Vec<Exchange> {
    let app = clopos();
    let account = clopos::Account::parse(&app.version, "brand.1").unwrap();
    vec![
        clopos::authenticate(&app, &account),
        clearline::client_credentials(&clearline()),
        redeem(clover::TokenRequest::Query),
        redeem(clover::TokenRequest::Json),
    ]
}

fn answer(status: u16, body: &[u8]) -> Response {
    Response {
        status,
        retry_after: None,
        body: Zeroizing::new(body.to_vec()),
    }
}

fn finish_all(status: u16, body: &[u8]) -> Vec<Result<TokenSet, ExchangeError>> {
    let finish = |exchange: Exchange| exchange.finish(&answer(status, body), NOW);
    exchanges().into_iter().map(finish).collect()
}

/// Whether a text shows none of what must not be seen, in any twelve characters of it.
fn is_clean(shown: &str) -> bool {
    [SECRET, TOKEN, CODE].iter().all(|canary| {
        let windows = canary.as_bytes().windows(12);
        windows
            .map(|window| core::str::from_utf8(window).unwrap())
            .all(|window| !shown.contains(window))
    })
}

fn show(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

/// JSON that looks like a token answer, with anything in its places.
fn any_answer() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just(format!("\"{TOKEN}\"")),
        "-?[0-9]{1,22}",
        "-?[0-9]{1,3}(\\.[0-9]{1,3})?([eE][+-]?[0-9]{1,4})?",
        Just("true".to_owned()),
        Just("null".to_owned()),
        Just("[[{}]]".to_owned()),
        Just("\"Bearer\"".to_owned()),
        ".{0,12}".prop_map(|text| serde_json::Value::from(text).to_string()),
    ];
    let key = prop::sample::select(vec![
        "success",
        "token",
        "access_token",
        "token_type",
        "expires_in",
        "expires_at",
        "error",
        "message",
    ]);
    prop::collection::vec((key, value), 0..8).prop_map(|pairs| {
        let pairs: Vec<_> = pairs
            .into_iter()
            .map(|(key, value)| format!("\"{key}\":{value}"))
            .collect();
        format!("{{{}}}", pairs.join(","))
    })
}

proptest! {
    #[test]
    fn no_bytes_make_reading_an_answer_panic(status: u16, body in prop::collection::vec(any::<u8>(), 0..400)) {
        for result in finish_all(status, &body) {
            prop_assert!(is_clean(&show(&result)));
        }
    }

    #[test]
    fn every_token_that_is_taken_lives_for_a_believable_time(
        status in prop::sample::select(vec![200_u16, 200, 200, 201, 400, 401, 403]),
        body in any_answer(),
    ) {
        for result in finish_all(status, body.as_bytes()) {
            prop_assert!(is_clean(&show(&result)));
            if let Ok(token) = result {
                prop_assert_eq!(status, 200);
                let lifetime = NOW.until(token.expires_at());
                prop_assert!((MIN_LIFETIME..=MAX_LIFETIME).contains(&lifetime));
            }
        }
    }

    #[test]
    fn any_wait_that_a_platform_asks_for_is_between_a_second_and_an_hour(text in "[ +-]?[0-9]{0,30}.{0,3}") {
        if let Some(wait) = RetryAfter::parse_seconds(&text) {
            prop_assert!((1..=3600).contains(&wait.seconds()), "{text}");
        }
    }

    #[test]
    fn no_bytes_make_reading_a_record_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(is_clean(&show(&Connection::from_record(&bytes).err())));
    }
}

#[test]
fn a_wait_is_read_as_seconds_or_not_at_all() {
    let read = |text| RetryAfter::parse_seconds(text).map(RetryAfter::seconds);
    let cases = [
        ("30", Some(30)),
        (" 30 ", Some(30)),
        ("0", Some(1)),
        ("-5", Some(1)),
        ("3600", Some(3600)),
        ("3601", Some(3600)),
        ("315360000", Some(3600)),
        ("99999999999999999999999999", Some(3600)),
        ("", None),
        ("-", None),
        ("soon", None),
        ("1.5", None),
        ("1e3", None),
        ("Wed, 25 Nov 2026 07:28:00 GMT", None),
    ];
    for (text, seconds) in cases {
        assert_eq!(read(text), seconds, "{text:?}");
    }
}

#[test]
fn an_answer_that_is_too_large_or_too_deep_is_not_read() {
    let padded = |length: usize| {
        format!(
            "{{\"token\":\"t\",\"access_token\":\"t\"{}}}",
            " ".repeat(length)
        )
    };
    let room = MAX_ANSWER_BYTES - padded(0).len();
    let meaning = |body: String| {
        let results = finish_all(200, body.as_bytes());
        let shown = results
            .iter()
            .map(|result| format!("{:?}", result.as_ref().err()));
        shown.collect::<Vec<_>>()
    };
    assert_eq!(meaning(padded(room)), ["None"; 4]);
    assert_eq!(
        meaning(padded(room + 1)),
        ["Some(AnswerInvalid(TooLarge))"; 4]
    );
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(16), "]".repeat(16));
    assert_eq!(meaning(deep), ["Some(AnswerInvalid(TooDeep))"; 4]);
}

#[test]
fn debug_output_shows_no_secret_token_or_code() {
    let apps = [
        App::Clopos(clopos()),
        App::Clearline(clearline()),
        App::Clover(clover(clover::TokenRequest::Query)),
    ];
    let body = format!("{{\"token\":\"{TOKEN}\",\"access_token\":\"{TOKEN}\"}}");
    let response = answer(200, body.as_bytes());
    let mut shown = vec![show(&apps), show(&exchanges()), show(&response)];
    shown.extend(exchanges().iter().map(|exchange| show(exchange.request())));
    for exchange in exchanges() {
        let token = exchange.finish(&response, NOW).unwrap();
        shown.push(show(&token));
        for account in ["brand.1", "main", "M1"] {
            let parties = apps.iter().filter_map(|app| app.account(account));
            shown.extend(parties.map(|party| {
                show(&(
                    party.token_headers(token.access_token()),
                    party.key("app", account),
                    party,
                ))
            }));
        }
        let mut connection = Connection::new(1);
        let ticket = connection.begin(NOW);
        connection.settle(ticket, Ok(token), NOW, 0);
        shown.push(show(&(connection.state(NOW), connection)));
    }
    let query = CallbackQuery::parse(&format!("code={CODE}&state=s&merchant_id=M1"));
    shown.push(show(&query));
    for text in shown {
        assert!(is_clean(&text), "{text}");
    }
}

#[test]
fn a_request_shows_the_host_it_goes_to_and_no_more() {
    for exchange in exchanges() {
        let shown = format!("{:?}", exchange.request());
        assert!(shown.contains("platform.example"), "{shown}");
        assert!(!shown.contains("client_"), "{shown}");
    }
}

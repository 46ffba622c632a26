//! Clover's callback as somebody with bad intentions would write it: only the one that answers the login counts. Native
//! only, since it generates input; single callbacks are in `vectors/clover.json`.
#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail the test")]

use proptest::prelude::*;
use tillgate_core::{
    authorization::{
        AUTHORIZATION_LIFETIME, Authorization, Callback, CallbackError, CallbackQuery,
    },
    clover::{self, App, TokenRequest},
    endpoint::{ApiBase, Endpoint},
    json::Json,
    secret::ClientSecret,
    time::UnixTime,
};

const NOW: UnixTime = UnixTime::from_seconds(1_795_600_000);
const NAMES: [&str; 5] = ["merchant_id", "client_id", "employee_id", "code", "state"];

fn app() -> App {
    let endpoint = |path: &str| Endpoint::parse(&format!("https://clover.example/{path}")).unwrap();
    App {
        client_id: "TILLGATEDEMO1".into(),
        client_secret: ClientSecret::parse("secret").unwrap(),
        authorize_endpoint: endpoint("oauth/authorize"),
        token_endpoint: endpoint("oauth/token"),
        api: ApiBase::parse("https://clover.example").unwrap(),
        redirect_uri: Endpoint::parse("https://gate.example/callback/till").unwrap(),
        token_request: TokenRequest::Query,
    }
}

fn login() -> Authorization {
    clover::authorize(&app(), [9; 32], NOW, "/after", None).1
}

/// The parameters that Clover sends back to that login.
fn parameters() -> Vec<(String, String)> {
    let state = login().state().to_owned();
    let values = [
        "MERCHANT00001",
        "TILLGATEDEMO1",
        "EMPLOYEE00001",
        "code-1",
        &state,
    ];
    let pairs = NAMES.iter().zip(values);
    pairs
        .map(|(name, value)| ((*name).to_owned(), value.to_owned()))
        .collect()
}

fn write(parameters: &[(String, String)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish()
}

fn accept(query: &str, app: &App, now: UnixTime) -> Result<Callback, CallbackError> {
    login().accept(app, CallbackQuery::parse(query)?, now)
}

#[test]
fn a_login_comes_back_from_its_record_and_from_nothing_less() {
    let record = login().to_record();
    let read = |text: &str| Authorization::from_record(&Json::parse(text.as_bytes()).unwrap());
    assert_eq!(read(&record), Some(login()));
    for key in [
        "state",
        "client_id",
        "authorize_endpoint",
        "return_to",
        "expires_at",
    ] {
        let name = format!("\"{key}\":");
        assert!(record.contains(&name), "{key}");
        assert_eq!(read(&record.replace(&name, "\"other\":")), None, "{key}");
    }
}

#[test]
fn the_callback_of_the_login_is_accepted_until_its_ten_minutes_are_over() {
    let query = write(&parameters());
    let last = NOW.plus(AUTHORIZATION_LIFETIME - 1);
    for now in [NOW, last] {
        let callback = accept(&query, &app(), now).unwrap();
        assert_eq!(callback.merchant_id().as_str(), "MERCHANT00001");
        assert_eq!(callback.employee_id(), Some("EMPLOYEE00001"));
    }
    let late = accept(&query, &app(), last.plus(1));
    assert_eq!(late.unwrap_err(), CallbackError::Expired);
}

#[test]
fn a_login_that_began_in_another_region_or_for_another_app_is_not_accepted() {
    let query = write(&parameters());
    let elsewhere = App {
        authorize_endpoint: Endpoint::parse("https://eu.clover.example/oauth/authorize").unwrap(),
        ..app()
    };
    let other = App {
        client_id: "OTHERAPP00001".into(),
        ..app()
    };
    for app in [elsewhere, other] {
        let refused = accept(&query, &app, NOW).unwrap_err();
        assert_eq!(refused, CallbackError::ClientMismatch);
    }
}

#[test]
fn a_parameter_that_is_there_twice_is_refused_whichever_comes_first() {
    for (name, value) in parameters() {
        for other in [value.as_str(), "x"] {
            let repeated = (name.clone(), other.to_owned());
            let before = [&[repeated.clone()][..], &parameters()].concat();
            let after = [&parameters()[..], &[repeated]].concat();
            for parameters in [before, after] {
                let refused = accept(&write(&parameters), &app(), NOW).unwrap_err();
                assert_eq!(refused, CallbackError::Repeated, "{name}");
            }
        }
    }
}

#[test]
fn every_parameter_but_the_employee_has_to_be_there() {
    for name in NAMES {
        let kept: Vec<_> = parameters()
            .into_iter()
            .filter(|(kept, _)| kept != name)
            .collect();
        let accepted = accept(&write(&kept), &app(), NOW);
        assert_eq!(
            accepted.is_ok(),
            name == "employee_id",
            "{name}: {accepted:?}"
        );
    }
}

#[test]
fn a_query_longer_than_four_kibibytes_is_refused() {
    let padded = format!("{}&padding={}", write(&parameters()), "x".repeat(4096));
    assert_eq!(
        accept(&padded, &app(), NOW).unwrap_err(),
        CallbackError::Malformed
    );
}

proptest! {
    /// The state and the app are ours to check; the merchant is proved and the code redeemed at Clover.
    #[test]
    fn no_other_state_and_no_other_app_is_accepted(value in ".{0,60}", which in prop::sample::select(vec!["state", "client_id"])) {
        let mut changed = parameters();
        let (_, own) = changed.iter_mut().find(|(name, _)| name == which).unwrap();
        prop_assume!(*own != value);
        *own = value;
        let refused = accept(&write(&changed), &app(), NOW);
        prop_assert!(refused.is_err());
    }

    #[test]
    fn one_changed_character_of_the_state_is_enough(at in 0_usize..43, by in "[A-Za-z0-9_-]") {
        let mut changed = parameters();
        let (_, state) = changed.last_mut().unwrap();
        let mut other = state.clone();
        other.replace_range(at..=at, &by);
        prop_assume!(*state != other);
        *state = other;
        let refused = accept(&write(&changed), &app(), NOW);
        prop_assert_eq!(refused.unwrap_err(), CallbackError::StateMismatch);
    }

    #[test]
    fn whatever_is_accepted_says_exactly_what_the_query_says(
        merchant_id in "\\PC{0,70}",
        employee_id in "\\PC{0,70}",
        code in "\\PC{0,70}",
    ) {
        let mut changed = parameters();
        for (name, value) in &mut changed {
            match name.as_str() {
                "merchant_id" => value.clone_from(&merchant_id),
                "employee_id" => value.clone_from(&employee_id),
                "code" => value.clone_from(&code),
                _ => {}
            }
        }
        if let Ok(callback) = accept(&write(&changed), &app(), NOW) {
            prop_assert_eq!(callback.merchant_id().as_str(), merchant_id);
            prop_assert_eq!(callback.employee_id().unwrap_or_default(), employee_id);
            prop_assert!(!code.is_empty() && code.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }

    #[test]
    fn no_query_makes_reading_it_panic(query in ".{0,300}") {
        let _ = accept(&query, &app(), NOW);
    }

    #[test]
    fn no_made_up_query_is_accepted(
        values in prop::collection::vec((prop::sample::select(NAMES.to_vec()), "[A-Za-z0-9_-]{0,44}"), 0..8),
    ) {
        let made_up: Vec<_> = values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        prop_assert!(accept(&write(&made_up), &app(), NOW).is_err());
    }
}

#[test]
fn a_login_remembers_where_it_leads_and_ends_after_ten_minutes() {
    let login = login();
    assert_eq!(login.return_to(), "/after");
    assert_eq!(login.expires_at(), NOW.plus(600));
    assert!(accept(&write(&parameters()), &app(), NOW.plus(599)).is_ok());
    let late = accept(&write(&parameters()), &app(), NOW.plus(600));
    assert_eq!(late.err(), Some(CallbackError::Expired));
}

#[test]
fn a_query_tells_its_state_and_its_merchant() {
    let query = CallbackQuery::parse("state=abc&merchant_id=M1").unwrap();
    assert_eq!(query.state(), Some("abc"));
    assert_eq!(
        query.merchant_id().map(clover::MerchantId::as_str),
        Some("M1")
    );
}

#[test]
fn a_query_of_four_kibibytes_is_read_and_a_longer_one_is_not() {
    let padded = |bytes| format!("a={}", "x".repeat(bytes - "a=".len()));
    assert!(CallbackQuery::parse(&padded(4096)).is_ok());
    assert_eq!(
        CallbackQuery::parse(&padded(4097)).err(),
        Some(CallbackError::Malformed)
    );
}

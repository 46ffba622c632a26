//! Scenarios and properties of reading an answer.

use super::*;
use proptest::prelude::*;

const STATE: &str = "5e1f";
const T: &str = "7c3b1a52-0f54-4a3e-9a55-2f7ab0d7c9aa";

fn pending() -> Pending {
    Pending {
        state: STATE.to_owned(),
        client_id: "APP1".to_owned(),
    }
}

fn verdict(query: &str, fragment: &str) -> Result<Grant, Refusal> {
    match read(query, fragment, Some(&pending()), "") {
        Reading::Answer { verdict, .. } => verdict,
        Reading::Unrelated => panic!("no answer was seen in {query} {fragment}"),
    }
}

fn refusal(query: &str, fragment: &str) -> Refusal {
    verdict(query, fragment).unwrap_err()
}

fn kept(query: &str, fragment: &str) -> String {
    match read(query, fragment, Some(&pending()), "") {
        Reading::Answer { kept, .. } => kept,
        Reading::Unrelated => panic!("no answer was seen in {query} {fragment}"),
    }
}

fn is_unrelated(query: &str, fragment: &str) -> bool {
    matches!(
        read(query, fragment, Some(&pending()), ""),
        Reading::Unrelated
    )
}

#[test]
fn every_documented_redirect_gives_its_token() {
    let file: serde_json::Value =
        serde_json::from_str(include_str!("../../tests/vectors/redirects.json")).unwrap();
    for row in file["rows"].as_array().unwrap() {
        let part = |key: &str| row[key].as_str().unwrap().replace("STATE", STATE);
        let grant = verdict(&part("query"), &part("fragment")).unwrap();
        let name = row["name"].as_str().unwrap();
        assert_eq!(grant.access_token.as_str(), T, "{name}");
        assert_eq!(
            grant.merchant_id,
            row["merchant_id"].as_str().unwrap_or_default(),
            "{name}"
        );
        assert_eq!(
            grant.employee_id,
            row["employee_id"].as_str().unwrap_or_default(),
            "{name}"
        );
        assert_eq!(
            grant.client_id,
            row["client_id"].as_str().unwrap_or_default(),
            "{name}"
        );
        assert_eq!(
            kept(&part("query"), &part("fragment")),
            part("kept"),
            "{name}"
        );
    }
}

#[test]
fn a_page_without_an_answer_keeps_its_url() {
    for (query, fragment) in [
        ("", ""),
        ("?", "#"),
        ("?q=token&page=2", "#/orders/7"),
        ("?state=CA&code=SUMMER", "#top"),
        ("?merchant_id=M&client_id=APP1&employee_id=E&code=C", ""),
        ("", "#/docs/access_token"),
        ("?next=%2Fa%23b", ""),
    ] {
        assert!(is_unrelated(query, fragment), "{query} {fragment}");
    }
}

#[test]
fn a_state_that_is_missing_or_different_is_refused() {
    assert_eq!(refusal("", "#access_token=T"), Refusal::StateAbsent);
    assert_eq!(refusal("?state=", "#access_token=T"), Refusal::StateAbsent);
    assert_eq!(
        refusal("?state=other", "#access_token=T"),
        Refusal::StateMismatch
    );
    assert_eq!(
        refusal("", "#access_token=T&state=5e1F"),
        Refusal::StateMismatch
    );
}

#[test]
fn an_answer_to_a_tab_that_began_no_login_is_refused() {
    let Reading::Answer { kept, verdict } = read("?a=b", "#access_token=T&state=x", None, "")
    else {
        panic!("no answer was seen");
    };
    assert_eq!(kept, "?a=b");
    assert_eq!(verdict.unwrap_err(), Refusal::NothingPending);
}

#[test]
fn a_state_twice_is_accepted_only_if_both_are_the_same() {
    assert!(verdict("?state=5e1f", "#access_token=T&state=5e1f").is_ok());
    assert!(verdict("?state=5e1f&state=%35e1f", "#access_token=T").is_ok());
    let ambiguous = Refusal::Malformed(Defect::ParameterAmbiguous);
    assert_eq!(
        refusal("?state=5e1f", "#access_token=T&state=other"),
        ambiguous
    );
    assert_eq!(refusal("?state=5e1f&state=", "#access_token=T"), ambiguous);
    assert_eq!(
        refusal("?merchant_id=A&merchant_id=B&state=5e1f", "#access_token=T"),
        ambiguous
    );
    assert_eq!(
        refusal("?merchant_id=%FF&state=5e1f", "#access_token=T"),
        ambiguous
    );
}

#[test]
fn a_token_in_the_wrong_place_or_number_is_refused() {
    for (query, fragment, defect) in [
        ("?access_token=T&state=5e1f", "", Defect::TokenInQuery),
        (
            "?access_token=T&state=5e1f",
            "#access_token=T",
            Defect::TokenInQuery,
        ),
        ("?%61ccess_token=T&state=5e1f", "", Defect::TokenInQuery),
        (
            "?state=5e1f",
            "#access_token=T&access_token=T",
            Defect::TokenTwice,
        ),
        (
            "?state=5e1f",
            "#access_token=T&access%5Ftoken=U",
            Defect::TokenTwice,
        ),
        ("?state=5e1f", "#/in?access_token=T", Defect::TokenMisplaced),
        ("?state=5e1f", "##access_token=T", Defect::TokenMisplaced),
        ("?state=5e1f", "#/access_token=T", Defect::TokenMisplaced),
        (
            "?state=5e1f",
            "#a=b&amp;access_token=T",
            Defect::TokenMisplaced,
        ),
        (
            "?state=5e1f&x=?access_token=T",
            "#access_token=T",
            Defect::TokenMisplaced,
        ),
        ("?state=5e1f", "", Defect::TokenAbsent),
        ("?state=5e1f&code=C", "", Defect::TokenAbsent),
        ("?state=5e1f", "#access_token=", Defect::TokenInvalid),
        ("?state=5e1f", "#access_token=a+b", Defect::TokenInvalid),
        ("?state=5e1f", "#access_token=a%0Ab", Defect::TokenInvalid),
        ("?state=5e1f", "#access_token=%C3%A9", Defect::TokenInvalid),
        (
            "?state=5e1f",
            "#access_token=T&error=access_denied",
            Defect::TokenAndError,
        ),
        (
            "?state=5e1f&error=x",
            "#access_token=T",
            Defect::TokenAndError,
        ),
    ] {
        assert_eq!(
            refusal(query, fragment),
            Refusal::Malformed(defect),
            "{query} {fragment}"
        );
        assert!(
            !kept(query, fragment).contains("access"),
            "{query} {fragment}"
        );
    }
}

#[test]
fn the_longest_token_is_4096_bytes() {
    let fragment = |length: usize| format!("#access_token={}", "t".repeat(length));
    assert!(verdict("?state=5e1f", &fragment(4096)).is_ok());
    assert_eq!(
        refusal("?state=5e1f", &fragment(4097)),
        Refusal::Malformed(Defect::TokenInvalid)
    );
}

#[test]
fn an_error_is_a_refusal_wherever_it_stands() {
    for (query, fragment) in [
        ("?error=access_denied&state=5e1f", ""),
        ("", "#error=access_denied&error_description=No&state=5e1f"),
        ("?error=server_error", ""),
        ("", "#error"),
    ] {
        assert_eq!(refusal(query, fragment), Refusal::AccessDenied);
        assert_eq!(kept(query, fragment), "");
    }
}

#[test]
fn a_token_of_another_app_is_refused() {
    assert_eq!(
        refusal("?client_id=APP2&state=5e1f", "#access_token=T"),
        Refusal::ClientMismatch
    );
    assert!(verdict("?state=5e1f", "#access_token=T").is_ok());
    let expecting = |client_id| match read(
        "?client_id=APP1&state=5e1f",
        "#access_token=T",
        Some(&pending()),
        client_id,
    ) {
        Reading::Answer { verdict, .. } => verdict.map(|grant| grant.client_id),
        Reading::Unrelated => panic!("no answer was seen"),
    };
    assert_eq!(expecting("APP1"), Ok("APP1".to_owned()));
    assert_eq!(expecting("APP2"), Err(Refusal::ClientMismatch));
}

#[test]
fn the_pages_own_parameters_and_route_are_kept_byte_for_byte() {
    assert_eq!(kept("?a=%7e&state=5e1f&&b", "#access_token=T"), "?a=%7e&b");
    assert_eq!(
        kept("?error=x&q=a+b", "#/orders?page=2"),
        "?q=a+b#/orders?page=2"
    );
    assert_eq!(kept("?&state=5e1f", "#access_token=T&own=1"), "");
}

#[test]
fn debug_shows_no_token() {
    let grant = verdict("?state=5e1f", "#access_token=SECRET").unwrap();
    assert!(!format!("{grant:?}").contains("SECRET"));
}

/// Texts that are dense in what matters to the grammar.
fn part() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("access_token"),
        Just("%61ccess_token"),
        Just("state"),
        Just("5e1f"),
        Just("error"),
        Just("client_id"),
        Just("APP1"),
        Just("="),
        Just("="),
        Just("&"),
        Just("&"),
        Just("#"),
        Just("?"),
        Just("/"),
        Just("%"),
        Just("+"),
        Just("SECRET"),
        Just("own"),
        Just(";"),
        Just("%FF"),
    ];
    proptest::collection::vec(word, 0..14).prop_map(|words| words.concat())
}

fn oracle_has(text: &str, name: &str) -> bool {
    form_urlencoded::parse(text.as_bytes()).any(|(found, _)| found == name)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn a_url_that_counts_as_unrelated_holds_no_answer_that_the_url_standard_sees(query in part(), fragment in part()) {
        if is_unrelated(&query, &fragment) {
            for name in ["access_token", "error"] {
                prop_assert!(!oracle_has(&query, name) && !oracle_has(&fragment, name));
            }
        }
    }

    #[test]
    fn every_answer_shows_a_sign_that_the_page_looks_for_before_it_starts_the_module(query in part(), fragment in part()) {
        // `SIGNS_OF_AN_ANSWER` in lib/address.js.
        let signs = ["access_token", "error", "state", "%"];
        if !is_unrelated(&query, &fragment) {
            prop_assert!(signs.iter().any(|sign| query.contains(sign) || fragment.contains(sign)));
        }
    }

    #[test]
    fn what_is_kept_holds_nothing_more_to_erase(query in part(), fragment in part()) {
        // A browser ends a query at the first `#`.
        let query = query.replace('#', "");
        if let Reading::Answer { kept, .. } = read(&query, &fragment, Some(&pending()), "") {
            let (query, fragment) = kept.split_once('#').unwrap_or((&kept, ""));
            prop_assert!(is_unrelated(query, fragment), "{kept}");
        }
    }

    #[test]
    fn a_token_is_given_only_once_with_the_state_of_this_tab(query in part(), fragment in part()) {
        if let Reading::Answer { verdict: Ok(grant), .. } = read(&query, &fragment, Some(&pending()), "") {
            let states: Vec<_> = [&query, &fragment].into_iter()
                .flat_map(|part| form_urlencoded::parse(part.as_bytes()))
                .filter(|(name, _)| name == "state").map(|(_, value)| value.into_owned()).collect();
            prop_assert!(!states.is_empty() && states.iter().all(|state| state == STATE));
            let tokens: Vec<_> = form_urlencoded::parse(fragment.as_bytes())
                .filter(|(name, _)| name == "access_token").map(|(_, value)| value.into_owned()).collect();
            prop_assert_eq!(tokens, vec![grant.access_token.to_string()]);
            prop_assert!(!oracle_has(&query, "access_token"));
        }
    }

    #[test]
    fn no_text_at_all_makes_it_fail(query in ".{0,60}", fragment in ".{0,60}", record in ".{0,30}") {
        let pending = Pending::from_record(&record);
        let _ = read(&query, &fragment, pending.as_ref(), "APP1");
    }
}

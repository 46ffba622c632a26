//! The steps of a whole request with a JWT, and how the callers of a configuration are told apart.

use super::*;
use crate::{
    example::{Isolate, REQUEST_ID},
    incoming::{Headers, Incoming, Url},
    step::{Answer, Event},
};

struct Bearer(String);

impl Headers for Bearer {
    fn get(&self, name: &'static str) -> Option<String> {
        match name {
            "authorization" => Some(format!("Bearer {}", self.0)),
            "cf-connecting-ip" => Some("203.0.113.7".to_owned()),
            _ => None,
        }
    }
}

fn configuration(callers: Value) -> String {
    let app = json!({"platform": "clearline", "environment": "test", "client_id": "pos", "allow": ["GET /**"]});
    json!({"apps": {"loyalty": app}, "callers": callers}).to_string()
}

fn front(audience: &str, accounts: Value) -> Value {
    let jwt = json!({"issuer": "https://id.example", "jwks_url": URL, "audience": audience});
    json!({"jwt": jwt, "apps": ["loyalty"], "accounts": accounts})
}

fn good_token() -> String {
    let claims =
        json!({"iss": "https://id.example", "aud": "tillgate", "exp": NOW + 600, "shops": "main"});
    token(&json!({"alg": "EdDSA", "kid": "1"}), &claims)
}

/// An isolate with one caller, whose users come with JWTs.
struct Worker(Isolate);

impl Worker {
    fn new() -> Self {
        let front = front("tillgate", json!({"claim": "shops"}));
        Self(Isolate::new(&configuration(json!({"front": front}))))
    }

    fn decide(&self, seconds: u64, token: &str, proof: Option<Proof>) -> Step {
        let incoming = Incoming {
            method: "GET",
            url: Url::split("https://gate.example/api/loyalty/main/pos/1/status").unwrap(),
            headers: &Bearer(token.to_owned()),
            now: at(seconds),
            request_id: REQUEST_ID,
        };
        let event = Event {
            proof,
            ..Event::default()
        };
        self.0.decide(&incoming, &event)
    }

    fn keep(&self, set: &Value) {
        let mut ring = self.0.ring.borrow_mut();
        ring.keep(URL, set.to_string().as_bytes());
    }
}

fn status(step: Step) -> u16 {
    match step {
        Step::Answer(Answer { status, .. }) => status,
        other => panic!("no answer but {other:?}"),
    }
}

#[test]
fn a_request_goes_from_keys_to_signature_to_vault() {
    let worker = Worker::new();
    let text = good_token();
    assert!(matches!(worker.decide(NOW, &text, None), Step::Keys(url) if url == URL));
    assert!(matches!(worker.decide(NOW, &text, None), Step::Wait));
    worker.keep(&json!({"keys": [ed25519("1"), ed25519("2")]}));
    let Step::Verify(verify) = worker.decide(NOW, &text, None) else {
        panic!("the signature comes next");
    };
    assert_eq!(
        (verify.algorithm, verify.keys.len(), verify.generation),
        ("EdDSA", 1, 1)
    );
    assert_eq!(format!("{}.c2ln", verify.signed), text);
    assert_eq!(
        (verify.signature.as_slice(), verify.refresh),
        (b"sig".as_slice(), None)
    );
    assert!(matches!(
        worker.decide(NOW, &text, Some(Proof::Good)),
        Step::Ask(_)
    ));
}

#[test]
fn a_bad_signature_leads_to_one_look_at_new_keys_and_then_to_a_refusal() {
    let worker = Worker::new();
    let text = good_token();
    worker.decide(NOW, &text, None);
    worker.keep(&json!({"keys": [ed25519("1")]}));
    let bad = Some(Proof::Bad(1));
    assert_eq!(status(worker.decide(NOW + 59, &text, bad)), 401);
    assert!(matches!(worker.decide(NOW + 60, &text, bad), Step::Keys(_)));
    worker.keep(&json!({"keys": [ed25519("1")]}));
    assert!(
        matches!(worker.decide(NOW + 60, &text, bad), Step::Verify(verify) if verify.generation == 2)
    );
    assert_eq!(
        status(worker.decide(NOW + 60, &text, Some(Proof::Bad(2)))),
        401
    );
}

#[test]
fn a_good_signature_does_not_make_up_for_claims() {
    let worker = Worker::new();
    let claims =
        json!({"iss": "https://id.example", "aud": "other", "exp": NOW + 600, "shops": "main"});
    let text = token(&json!({"alg": "EdDSA", "kid": "1"}), &claims);
    assert_eq!(status(worker.decide(NOW, &text, Some(Proof::Good))), 401);
    assert_eq!(
        status(worker.decide(NOW + 660, &good_token(), Some(Proof::Good))),
        401
    );
}

#[test]
fn a_proof_says_nothing_for_a_key_and_only_keys_count_as_guesses() {
    let worker = Worker::new();
    for bearer in ["key", "a.b", "a.b.c.d"] {
        let step = worker.decide(NOW, bearer, Some(Proof::Good));
        assert!(
            matches!(step, Step::Limit(limited) if limited.within.status == 401),
            "{bearer}"
        );
    }
    assert_eq!(status(worker.decide(NOW, "a.b.c", Some(Proof::Good))), 401);
}

#[test]
fn two_callers_of_one_issuer_differ_in_their_audience_and_share_its_keys() {
    let all = json!("*");
    let paths = |one: Value, two: Value| {
        let config = example::configuration(&configuration(json!({"one": one, "two": two})));
        let mistakes = config
            .err()
            .map(|invalid| invalid.mistakes)
            .unwrap_or_default();
        mistakes
            .into_iter()
            .map(|mistake| mistake.path)
            .collect::<Vec<_>>()
    };
    let one = front("a", all.clone());
    assert!(paths(one.clone(), front("b", all)).is_empty());
    assert_eq!(
        paths(one.clone(), one.clone()),
        ["callers.two.jwt.audience"]
    );
    let mut elsewhere = one.clone();
    elsewhere["jwt"]["audience"] = json!("b");
    elsewhere["jwt"]["jwks_url"] = json!("https://other.example/jwks.json");
    assert_eq!(
        paths(one.clone(), elsewhere.clone()),
        ["callers.two.jwt.jwks_url"]
    );
    elsewhere["jwt"]["issuer"] = json!("https://other.example");
    assert!(paths(one, elsewhere).is_empty());
}

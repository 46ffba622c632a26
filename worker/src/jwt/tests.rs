//! What is decided about JWTs, without the signature: the documented tokens and keys, foreign bytes, and the times at which
//! keys are fetched.

mod request;

use base64ct::{Base64UrlUnpadded, Encoding};
use proptest::prelude::*;
use serde_json::{Value, json};
use tillgate_core::time::{DAY, MINUTE, UnixTime};

use super::{keys::Key, ring::*, token::*, *};
use crate::example;

const NOW: u64 = example::NOW.as_seconds();
const URL: &str = "https://id.example/jwks.json";
const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

fn at(seconds: u64) -> UnixTime {
    UnixTime::from_seconds(seconds)
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/jwt.json")).unwrap()
}

fn segment(text: &str) -> String {
    Base64UrlUnpadded::encode_string(text.as_bytes())
}

fn token(header: &Value, claims: &Value) -> String {
    let (header, claims) = (header.to_string(), claims.to_string());
    format!("{}.{}.c2ln", segment(&header), segment(&claims))
}

fn ed25519(kid: &str) -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": kid})
}

fn keys(set: &Value) -> Option<Vec<Key>> {
    keys::read(set.to_string().as_bytes())
}

#[test]
fn the_documented_tokens_are_read_as_documented() {
    for vector in vectors()["tokens"].as_array().unwrap() {
        let text = vector["token"].as_str().unwrap();
        let read = Token::parse(text);
        let algorithm = read.as_ref().map(|token| token.algorithm.as_str());
        assert_eq!(algorithm, vector["algorithm"].as_str(), "{vector}");
        let Some(token) = read else { continue };
        assert_eq!(token.claims.text("iss"), vector["iss"].as_str());
        assert_eq!(token.claims.whole("exp"), vector["exp"].as_u64());
        let bytes = vector["signature_bytes"].as_u64();
        assert_eq!(u64::try_from(token.signature.len()).ok(), bytes);
        assert_eq!(
            Some(token.signed),
            text.rsplit_once('.').map(|(signed, _)| signed)
        );
    }
}

#[test]
fn the_documented_keys_verify_their_one_algorithm_and_pass_on_as_they_are() {
    for vector in vectors()["keys"].as_array().unwrap() {
        let read = keys(&json!({"keys": [vector["jwk"]]})).unwrap();
        let algorithm = read.first().map(|key| key.algorithm.as_str());
        assert_eq!(algorithm, vector["algorithm"].as_str(), "{vector}");
        if let Some(key) = read.first() {
            let jwk: Value = serde_json::from_str(&key.jwk).unwrap();
            assert_eq!(jwk, vector["jwk"]);
        }
    }
}

#[test]
fn a_segment_is_written_in_one_way_only() {
    let good = token(&json!({"alg": "EdDSA"}), &json!({"a": 1}));
    assert!(Token::parse(&good).is_some());
    let (signed, _) = good.rsplit_once('.').unwrap();
    for signature in [
        "", "c2ln=", "c2ln==", "c2l", "c2lnZ", "c2 ln", "c2ln\n", "c+/n", "c2lnZh", "é",
    ] {
        assert!(
            Token::parse(&format!("{signed}.{signature}")).is_none(),
            "{signature}"
        );
    }
    assert!(Token::parse(&format!("{signed}.c2lnZg")).is_some());
    for other in [
        format!("{good}."),
        format!(".{good}"),
        format!(" {good}"),
        signed.to_owned(),
    ] {
        assert!(Token::parse(&other).is_none(), "{other}");
    }
}

#[test]
fn header_and_claims_are_objects_without_repeated_keys() {
    let header = r#"{"alg":"EdDSA"}"#;
    let parses = |header: &str, claims: &str| {
        Token::parse(&format!("{}.{}.c2ln", segment(header), segment(claims))).is_some()
    };
    assert!(parses(header, "{}"));
    for other in [
        "",
        "[]",
        "null",
        "\"\"",
        "{}x",
        "{\"a\":1,\"a\":1}",
        "\u{feff}{}",
        "{\"a\":{\"b\":1,\"b\":2}}",
    ] {
        assert!(!parses(header, other), "{other}");
        assert!(!parses(other, "{}"), "{other}");
    }
    assert!(!parses(r#"{"alg":"EdDSA","alg":"EdDSA"}"#, "{}"));
    assert!(!parses(r#"{"alg":"EdDSA","\u0061lg":"none"}"#, "{}"));
}

#[test]
fn a_header_asks_for_nothing_that_is_not_understood() {
    let parses = |member: &str, value: Value| {
        let mut header = json!({"alg": "EdDSA"});
        header[member] = value;
        Token::parse(&token(&header, &json!({}))).is_some()
    };
    for (member, value) in [
        ("typ", json!("jwt")),
        ("typ", json!("application/AT+JWT")),
        ("kid", json!("")),
        ("jwk", ed25519("1")),
        ("jku", json!("https://evil.example")),
    ] {
        assert!(parses(member, value.clone()), "{member} {value}");
    }
    for (member, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!(null)),
        ("typ", json!("")),
        ("typ", json!("application/application/jwt")),
        ("typ", json!("dpop+jwt")),
        ("typ", json!(null)),
        ("kid", json!(null)),
        ("alg", json!(null)),
    ] {
        assert!(!parses(member, value.clone()), "{member} {value}");
    }
}

#[test]
fn a_list_with_anything_but_texts_in_it_is_none() {
    let claims = json!({"iss": "i", "aud": ["a", 1], "exp": NOW + 1, "shops": ["main", null]});
    let claims = Json::parse(claims.to_string().as_bytes()).unwrap();
    assert!(!claims::hold(&claims, "i", "a", at(NOW)));
    assert!(claims::accounts(&claims, "shops").is_empty());
    assert!(claims::accounts(&claims, "absent").is_empty());
}

#[test]
fn a_token_has_at_most_its_limit_of_bytes() {
    let padded = |bytes: usize| {
        let good = token(&json!({"alg": "EdDSA"}), &json!({}));
        let missing = bytes - good.len();
        good + &"A".repeat(missing)
    };
    assert!(Token::parse(&padded(8192)).is_some());
    assert!(Token::parse(&padded(8196)).is_none());
}

#[test]
fn only_keys_for_checking_such_signatures_are_used() {
    let with = |member: &str, value: Value| {
        let mut key = ed25519("1");
        key[member] = value;
        keys(&json!({"keys": [key]})).unwrap().len()
    };
    for (member, value) in [
        ("use", json!("sig")),
        ("alg", json!("EdDSA")),
        ("key_ops", json!(["sign", "verify"])),
        ("x5c", json!(["…"])),
    ] {
        assert_eq!(with(member, value.clone()), 1, "{member} {value}");
    }
    for (member, value) in [
        ("use", json!("enc")),
        ("use", json!(1)),
        ("alg", json!("ES256")),
        ("alg", json!("Ed25519")),
        ("alg", json!(null)),
        ("key_ops", json!(["sign"])),
        ("key_ops", json!("verify")),
        ("key_ops", json!([])),
        ("kid", json!(1)),
        ("d", json!("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")),
        ("crv", json!("Ed448")),
        ("crv", json!("X25519")),
        ("kty", json!("EC")),
        ("kty", json!("okp")),
        ("x", json!("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHUQ")),
        ("x", json!("11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo")),
    ] {
        assert_eq!(with(member, value.clone()), 0, "{member} {value}");
    }
}

#[test]
fn an_elliptic_key_is_on_p_256_with_two_coordinates() {
    let count = |key: Value| keys(&json!({"keys": [key]})).unwrap().len();
    let key = json!({"kty": "EC", "crv": "P-256", "x": X, "y": X});
    assert_eq!(count(key.clone()), 1);
    for (member, value) in [
        ("crv", "P-384"),
        ("crv", "secp256k1"),
        ("y", ""),
        ("x", "AQAB"),
    ] {
        let mut other = key.clone();
        other[member] = json!(value);
        assert_eq!(count(other), 0, "{member} {value}");
    }
}

#[test]
fn an_rsa_key_has_2048_to_8192_bits_and_an_odd_exponent() {
    let rsa = |modulus: &[u8], exponent: &[u8]| {
        let n = Base64UrlUnpadded::encode_string(modulus);
        let e = Base64UrlUnpadded::encode_string(exponent);
        keys(&json!({"keys": [{"kty": "RSA", "n": n, "e": e}]}))
            .unwrap()
            .len()
    };
    let bytes = |count: usize, first: u8| {
        let mut bytes = vec![0xff; count];
        bytes[0] = first;
        bytes
    };
    for (modulus, usable) in [
        (bytes(256, 0x80), 1),
        (bytes(257, 0), 1),
        (bytes(1024, 0xff), 1),
        (bytes(256, 0x7f), 0),
        (bytes(128, 0xff), 0),
        (bytes(1025, 1), 0),
        (vec![0; 256], 0),
    ] {
        assert_eq!(rsa(&modulus, &[1, 0, 1]), usable, "{} bytes", modulus.len());
    }
    for exponent in [&[1][..], &[0, 1], &[2], &[0]] {
        assert_eq!(rsa(&bytes(256, 0x80), exponent), 0, "{exponent:?}");
    }
}

#[test]
fn of_a_set_the_first_32_usable_keys_count() {
    let many: Vec<_> = (0..40).map(|kid| ed25519(&kid.to_string())).collect();
    assert_eq!(keys(&json!({"keys": many})).unwrap().len(), 32);
    for set in [json!({}), json!([]), json!({"keys": null}), json!("keys")] {
        assert!(keys(&set).is_none(), "{set}");
    }
}

#[test]
fn a_set_has_at_most_its_limit_of_bytes() {
    let mut text = json!({"keys": [ed25519("1")]}).to_string();
    for (length, read) in [
        (keys::MAX_SET_BYTES, true),
        (keys::MAX_SET_BYTES + 1, false),
    ] {
        text.extend(core::iter::repeat_n(' ', length - text.len()));
        assert_eq!(keys::read(text.as_bytes()).is_some(), read, "{length}");
    }
}

#[test]
fn times_hold_to_the_second_with_a_minute_of_leeway() {
    let holds = |claims: Value| {
        let mut all = json!({"iss": "i", "aud": "a", "exp": NOW + 600});
        all.as_object_mut()
            .unwrap()
            .extend(claims.as_object().unwrap().clone());
        let json = Json::parse(all.to_string().as_bytes()).unwrap();
        claims::hold(&json, "i", "a", at(NOW))
    };
    for (claims, good) in [
        (json!({"exp": NOW - 59}), true),
        (json!({"exp": NOW - 60}), false),
        (json!({"exp": 253_402_300_799_u64}), true),
        (json!({"exp": 253_402_300_800_u64}), false),
        (json!({"exp": u64::MAX}), false),
        (json!({"nbf": NOW + 60, "iat": NOW + 60}), true),
        (json!({"nbf": NOW + 61}), false),
        (json!({"iat": NOW + 61}), false),
        (json!({"nbf": 0, "iat": 0.0}), true),
        (json!({"nbf": -1}), false),
        (json!({"iat": -0.5}), false),
    ] {
        assert_eq!(holds(claims.clone()), good, "{claims}");
    }
}

proptest! {
    #[test]
    fn foreign_bytes_are_a_token_in_one_spelling_or_none(text in ".{0,200}|[A-Za-z0-9_=+/.-]{0,200}") {
        if let Some(token) = Token::parse(&text) {
            let signature = Base64UrlUnpadded::encode_string(&token.signature);
            prop_assert_eq!(format!("{}.{signature}", token.signed), text);
        }
    }

    #[test]
    fn whatever_a_header_says_the_algorithm_is_one_of_three(header in "[ -~]{0,40}", alg in "[A-Za-z0-9]{0,8}") {
        let text = format!(r#"{{"alg":"{alg}","x":{}}}"#, json!(header));
        let token = format!("{}.{}.c2ln", segment(&text), segment("{}"));
        let known = ["RS256", "ES256", "EdDSA"].contains(&alg.as_str());
        prop_assert_eq!(Token::parse(&token).is_some(), known);
    }

    #[test]
    fn foreign_bytes_are_a_set_of_keys_or_none(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[{}\\[\\]\",:a-zA-Z0-9 ]{0,100}") {
        keys::read(&bytes);
        keys::read(text.as_bytes());
        keys::read(format!("{{\"keys\":[{text}]}}").as_bytes());
    }

    #[test]
    fn accounts_are_only_what_the_claim_holds(claim in "[ -~]{0,20}", list in prop::collection::vec("[ -~]{0,10}", 0..5)) {
        let claims = json!({"one": claim, "list": list, "other": {"one": claim}}).to_string();
        let claims = Json::parse(claims.as_bytes()).unwrap();
        prop_assert_eq!(claims::accounts(&claims, "one"), vec![claim]);
        prop_assert_eq!(claims::accounts(&claims, "list"), list);
        prop_assert!(claims::accounts(&claims, "other").is_empty());
    }

    #[test]
    fn an_issuer_is_asked_no_more_than_agreed_whatever_happens(events in prop::collection::vec((0_u64..400, 0_u8..5), 1..200)) {
        asked_no_more_than_agreed(&events);
    }
}

/// Lets time pass and callers come, and counts. Each event is some seconds and what then happens.
fn asked_no_more_than_agreed(events: &[(u64, u8)]) {
    let text = token(&json!({"alg": "EdDSA", "kid": "1"}), &json!({}));
    let token = Token::parse(&text).unwrap();
    let good = json!({"keys": [ed25519("1")]}).to_string();
    let mut ring = Ring::default();
    let (mut now, mut asked, mut came) = (at(NOW), None::<UnixTime>, None::<UnixTime>);
    for (seconds, event) in events {
        now = now.plus(*seconds);
        let issuer = ring.issuer(URL).unwrap();
        let usable = came.is_some_and(|at| at.until(now) < MAX_AGE);
        assert_eq!(!issuer.fitting(&token, now).is_empty(), usable);
        let least = if usable { INTERVAL } else { RETRY };
        let fetches = match event {
            0 => issuer.is_due(now),
            1 | 2 => match issuer.lacking(now) {
                Advice::Fetch => true,
                Advice::Wait => {
                    assert!(asked.unwrap().until(now) < PATIENCE);
                    false
                }
                Advice::Refuse => {
                    assert!(usable);
                    false
                }
                Advice::Unavailable(wait) => {
                    assert!(!usable && (1..=RETRY).contains(&wait));
                    false
                }
            },
            3 if asked.is_some() => {
                ring.keep(URL, good.as_bytes());
                came = asked;
                false
            }
            4 if asked.is_some() => {
                ring.keep(URL, b"");
                false
            }
            _ => false,
        };
        if fetches {
            assert!(asked.is_none_or(|asked| asked.until(now) >= least));
            asked = Some(now);
        }
    }
}

#[test]
fn who_waits_for_a_fetch_learns_at_once_that_it_failed() {
    let mut ring = Ring::default();
    assert_eq!(ring.issuer(URL).unwrap().lacking(at(NOW)), Advice::Fetch);
    ring.keep(URL, b"");
    let issuer = ring.issuer(URL).unwrap();
    assert_eq!(issuer.lacking(at(NOW + 1)), Advice::Unavailable(14));
    assert_eq!(issuer.lacking(at(NOW + RETRY)), Advice::Fetch);
    // Known to fail: nobody waits until it has succeeded.
    let later = at(NOW + RETRY + 1);
    assert_eq!(issuer.lacking(later), Advice::Unavailable(14));
}

#[test]
fn keys_are_refreshed_beside_their_use_from_their_tenth_minute_on_and_end_after_a_day() {
    let mut ring = Ring::default();
    let issuer = ring.issuer(URL).unwrap();
    assert_eq!(issuer.lacking(at(NOW)), Advice::Fetch);
    assert_eq!(issuer.lacking(at(NOW + 10)), Advice::Wait);
    assert_eq!(issuer.lacking(at(NOW + 11)), Advice::Unavailable(4));
    ring.keep(URL, json!({"keys": [ed25519("1")]}).to_string().as_bytes());
    let text = token(&json!({"alg": "EdDSA"}), &json!({}));
    let token = Token::parse(&text).unwrap();
    let issuer = ring.issuer(URL).unwrap();
    assert!(!issuer.is_due(at(NOW + 10 * MINUTE - 1)));
    assert!(issuer.is_due(at(NOW + 10 * MINUTE)));
    assert!(
        !issuer.is_due(at(NOW + 11 * MINUTE - 1)),
        "it was just asked"
    );
    assert_eq!(issuer.fitting(&token, at(NOW + DAY - 1)).len(), 1);
    assert_eq!(issuer.fitting(&token, at(NOW + DAY)).len(), 0);
}

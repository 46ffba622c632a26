//! Our JSON reader beside serde_json, by the rule of the fuzz target `json`: on texts that fuzzing would take long to come
//! upon, and with the words and places of faults, which are our own.

#![cfg(not(target_arch = "wasm32"))]

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;
use tillgate_core::json::{Fault, Json};

#[cfg(test)]
#[expect(
    unreachable_pub,
    reason = "it is the fuzz target's rule, shared as it stands"
)]
#[path = "fuzz/src/json.rs"]
mod rule;

use rule::json as compare;

/// Pieces of JSON and of what is nearly JSON, which make texts that are often right and otherwise wrong in one place.
const PIECES: &str = r#"\{|\}|\[|\]|,|:|"a"|"b"|""|"\\u00e9\\n"|null|true|false|0|-1|12|1\.5e3|[ \n\t\r]|[nN]|\\|"|/|//|/\*|\x01|[.e+-]|é"#;

const NUMBER: &str = r"-?[0-9]{1,24}(\.[0-9]{0,24})?([eE][+-]?[0-9]{0,3})?";

const TEXT: &str = r#"(\\u[dD][89a-fA-F][0-9a-f]{2}|\\u[0-9a-fA-F]{3,4}|\\["\\/bfnrtux]|[ -~]|[\x00-\x1f]|é|🧾|[a-z]{7,9}){0,9}"#;

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec(("[a-c]|.{0,12}", inner), 0..8)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_serde_json_writes_reads_the_same(tree in tree(), pretty: bool) {
        let text = if pretty { format!("{tree:#}") } else { tree.to_string() };
        compare(text.as_bytes());
        prop_assert!(Json::parse(text.as_bytes()).is_some());
    }

    #[test]
    fn one_wrong_byte_is_seen_alike(tree in tree(), at: prop::sample::Index, byte: u8) {
        let mut text = tree.to_string().into_bytes();
        let at = at.index(text.len());
        text[at] = byte;
        compare(&text);
        text.truncate(at);
        compare(&text);
    }

    #[test]
    fn pieces_of_json_are_taken_or_refused_alike(text in prop::collection::vec(PIECES, 0..12)) {
        compare(text.concat().as_bytes());
    }

    #[test]
    fn numbers_are_the_same_to_the_last_bit(number in NUMBER) {
        compare(number.as_bytes());
    }

    #[test]
    fn texts_and_their_escapes_are_the_same(text in TEXT) {
        compare(format!("\"{text}\"").as_bytes());
        compare(format!("{{\"{text}\":1}}").as_bytes());
    }

    #[test]
    fn any_bytes_in_a_text_are_taken_or_refused_alike(bytes: Vec<u8>) {
        compare(&bytes);
        compare(&[b"\"", &*bytes, b"\""].concat());
    }
}

#[test]
fn every_power_of_ten_is_the_same_and_beyond_the_largest_number_is_none() {
    for exponent in -700..=400 {
        for significand in [
            "1",
            "-1",
            "0",
            "1.7976931348623157",
            "17.976931348623159",
            "18446744073709551615",
            "184467440737095516160000",
        ] {
            compare(format!("{significand}e{exponent}").as_bytes());
        }
    }
    for digits in 1..=400 {
        compare("9".repeat(digits).as_bytes());
        compare(format!("0.{}1", "0".repeat(digits)).as_bytes());
    }
    for number in [
        "1e99999999999999999999",
        "0e99999999999999999999",
        "1e-99999999999999999999",
    ] {
        compare(number.as_bytes());
    }
}

#[test]
fn nesting_ends_where_serde_json_ends_it() {
    for levels in [126, 127, 128, 129, 100_000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let inside = if open == "[" { "" } else { "1" };
            let text = format!("{}{inside}{}", open.repeat(levels), close.repeat(levels));
            compare(text.as_bytes());
            compare(open.repeat(levels).as_bytes());
        }
    }
}

#[derive(Deserialize)]
struct Suite {
    texts: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

#[test]
fn the_texts_of_the_public_suite_are_read_alike() {
    let suite: Suite = serde_json::from_str(include_str!("vectors/public-json.json")).unwrap();
    for Text { text } in suite.texts {
        compare(text.as_bytes());
    }
}

#[test]
fn a_fault_is_told_with_its_line_and_column() {
    let cases = [
        ("", Fault::EndsEarly, 1, 1),
        ("[1,\n 2", Fault::EndsEarly, 2, 3),
        ("{\n  \"a\": \"b", Fault::EndsEarly, 2, 10),
        ("{\"a\": word}", Fault::Value, 1, 7),
        ("{'a': 1}", Fault::Key, 1, 2),
        ("{\"a\": 1, b: 2}", Fault::Key, 1, 10),
        ("{\"a\"\n= 1}", Fault::Colon, 2, 1),
        ("[1\n\n 2]", Fault::CommaOrEnd, 3, 2),
        ("{\"a\": 1 \"b\": 2}", Fault::CommaOrEnd, 1, 9),
        ("[1,]", Fault::TrailingComma, 1, 4),
        ("{\"a\": 1,}", Fault::TrailingComma, 1, 9),
        ("{} {}", Fault::TrailingCharacters, 1, 4),
        ("[1, // one\n 2]", Fault::Comment, 1, 5),
        ("{} /* end */", Fault::Comment, 1, 4),
        ("[\"a\nb\"]", Fault::ControlCharacter, 1, 4),
        ("[\"\\x\"]", Fault::Escape, 1, 4),
        ("[\"\\u12g4\"]", Fault::Escape, 1, 7),
        ("[\"\\ud800\"]", Fault::Escape, 1, 9),
        ("[\"\\u", Fault::EndsEarly, 1, 5),
        ("[01]", Fault::Number, 1, 4),
        ("[-]", Fault::Number, 1, 3),
        ("[1.]", Fault::Number, 1, 4),
        ("[1e400]", Fault::OutOfRange, 1, 7),
        ("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}", Fault::Repeated, 3, 2),
    ];
    for (text, fault, line, column) in cases {
        let error = Json::parse_strictly(text.as_bytes()).err().unwrap();
        let found = (error.fault, error.line, error.column);
        assert_eq!(found, (fault, line, column), "{text}");
    }
    let error = Json::parse_strictly(b"[\"\xff\"]").err().unwrap();
    assert_eq!(error.fault, Fault::Encoding);
    let error = Json::parse_strictly("[".repeat(128).as_bytes())
        .err()
        .unwrap();
    assert_eq!((error.fault, error.column), (Fault::TooDeep, 128));
}

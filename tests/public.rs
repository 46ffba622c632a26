//! Public collections that nobody here wrote, read natively: `tests/vectors/public-*.json` say where they come from. What the
//! worker makes of the texts is in `tests/e2e/public.test.js`.

use serde::Deserialize;
use tillgate_core::{
    endpoint::{ApiBase, Origin},
    gate::{AllowRule, Method, Query, TargetPath, authorize},
    json::Json,
};

#[derive(Deserialize)]
struct Texts {
    collections: Vec<Collection>,
}

#[derive(Deserialize)]
struct Collection {
    lists: std::collections::BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct JsonTexts {
    texts: Vec<JsonText>,
}

#[derive(Deserialize)]
struct JsonText {
    name: String,
    text: String,
}

const TEXTS: &str = include_str!("vectors/public-texts.json");

/// The texts of all collections.
fn all(Texts { collections }: Texts) -> Vec<String> {
    let lists = collections.into_iter().flat_map(|one| one.lists);
    lists.flat_map(|(_, list)| list).collect()
}

#[test]
fn json_is_read_as_the_public_suite_asks() {
    let suite: JsonTexts = serde_json::from_str(include_str!("vectors/public-json.json")).unwrap();
    assert!(suite.texts.len() > 300);
    for JsonText { name, text } in suite.texts {
        let read = Json::parse(text.as_bytes()).is_some();
        match name.as_bytes().first() {
            Some(b'y') => assert!(read, "{name} must be read"),
            Some(b'n') => assert!(!read, "{name} must be refused"),
            _ => {}
        }
        // A key that stands twice is JSON, and refused where somebody else might read the other one.
        let twice = name.starts_with("y_object_duplicated_key");
        let strictly = Json::parse_strictly(text.as_bytes()).is_ok();
        assert_eq!(strictly, read && !twice, "{name}");
    }
}

#[test]
fn what_is_forwarded_of_public_texts_stays_below_the_base() {
    let base = ApiBase::parse("https://api.example/open-api/").unwrap();
    let rules = [AllowRule::parse("GET /menu/**").unwrap()];
    let mut forwarded = 0;
    for text in all(serde_json::from_str(TEXTS).unwrap()) {
        for path in [
            format!("/menu/{text}"),
            format!("/{text}"),
            format!("/menu{text}"),
        ] {
            let Ok(path) = TargetPath::parse(&path) else {
                continue;
            };
            let Some(allowed) = authorize(&rules, Method::Get, "main", path) else {
                continue;
            };
            forwarded += 1;
            let url = allowed.target(Query::default()).url(&base);
            assert_eq!(
                url,
                format!("https://api.example/open-api{}", path.as_str())
            );
            let hostile = ["..", "\\", "//menu", "?", "#", "%2e", "%2f", "%5c", "%00"];
            let rest = url
                .strip_prefix("https://api.example/open-api/menu")
                .unwrap();
            for part in rest.split('/') {
                assert!(part != "." && part != "..", "{text:?}: {url}");
            }
            let lower = rest.to_ascii_lowercase();
            for piece in hostile.iter().skip(1) {
                assert!(!lower.contains(piece), "{text:?}: {url}");
            }
        }
    }
    assert!(forwarded > 50, "{forwarded}");
}

#[test]
fn no_public_text_is_the_origin_of_a_page() {
    let shop = Origin::parse("https://shop.example").unwrap();
    for text in all(serde_json::from_str(TEXTS).unwrap()) {
        assert_ne!(Origin::parse(&text).ok(), Some(shop.clone()), "{text:?}");
        for text in [
            format!("https://shop.example{text}"),
            format!("{text}https://shop.example"),
        ] {
            assert_ne!(Origin::parse(&text).ok(), Some(shop.clone()), "{text:?}");
        }
    }
}

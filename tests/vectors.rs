//! Documented requests and answers, byte for byte, against the public API: natively, and in wasm as
//! `cargo test --target wasm32-unknown-unknown --test vectors`.
//!
//! The data is in `vectors/*.json`, each entry with how well it is known (`documented` in the platform's authentication
//! page, `also` in its other documentation, `seen` by third parties, `assumed`). Outcomes are written as `Debug` writes
//! the core's errors. What these files cannot hold, such as arbitrary bytes, is in `exchange.rs` and `callback.rs`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of tests may fail the test"
)]

#[path = "vectors/answers.rs"]
mod answers;
#[path = "vectors/apps.rs"]
mod apps;
#[path = "vectors/clover.rs"]
mod clover;
#[path = "vectors/requests.rs"]
mod requests;

use apps::AppData;
use serde::{Deserialize, de::DeserializeOwned};

const CLOPOS_V1: &str = include_str!("vectors/clopos-v1.json");
const CLOPOS_V2: &str = include_str!("vectors/clopos-v2.json");
const CLEARLINE: &str = include_str!("vectors/clearline.json");
const CLOVER: &str = include_str!("vectors/clover.json");
const ANY_PLATFORM: &str = include_str!("vectors/any-platform.json");
const LIFETIMES: &str = include_str!("vectors/lifetimes.json");

/// Every platform's file, with the documented lifetime of its tokens in seconds.
const PLATFORMS: [(&str, u64); 4] = [
    (CLOPOS_V1, 3600),
    (CLOPOS_V2, 3600),
    (CLEARLINE, 3600),
    (CLOVER, 365 * 86_400),
];

/// One platform's file.
#[derive(Deserialize)]
struct PlatformFile<Case> {
    app: AppData,
    #[serde(flatten)]
    cases: Case,
}

fn read<T: DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap()
}

/// Runs every case and reports all that failed, by name.
fn check_all<'a, T: 'a>(
    cases: impl IntoIterator<Item = &'a T>,
    name: impl Fn(&T) -> &str,
    check: impl Fn(&T) -> Result<(), String>,
) {
    let failures: Vec<String> = cases
        .into_iter()
        .filter_map(|case| {
            let failure = check(case).err()?;
            Some(format!("{}:\n  {failure}", name(case)))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn expect_equal(what: &str, got: &str, wanted: &str) -> Result<(), String> {
    if got == wanted {
        return Ok(());
    }
    Err(format!(
        "{what} is\n    {got}\n  and should be\n    {wanted}"
    ))
}

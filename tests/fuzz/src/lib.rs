//! What must hold of everything that reads what strangers send, for every input: one function for each fuzz target.
//! A broken rule is a panic, which is what a fuzzer reports.
//!
//! Inputs of several parts are texts with one part on each line, the last part being the rest.

pub mod addresses;
pub mod answers;
pub mod callback;
pub mod configuration;
pub mod form;
pub mod gate;
pub mod json;
pub mod messages;
pub mod records;
pub mod requests;
pub mod seals;

/// The parts of an input; `None` if it is no text or has fewer.
fn parts<const N: usize>(data: &[u8]) -> Option<[&str; N]> {
    let text = str::from_utf8(data).ok()?;
    text.splitn(N, '\n').collect::<Vec<_>>().try_into().ok()
}

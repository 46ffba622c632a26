//! Random bytes, from the runtime.

use crate::problem::{Code, Problem};

/// Bytes from the runtime's cryptographic source.
///
/// # Errors
/// `internal` if there is none, which happens only outside a request.
pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], Problem> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Problem::new(Code::Internal, "No random source."))?;
    Ok(bytes)
}

/// A random number.
///
/// # Errors
/// As [`bytes`].
pub(crate) fn number() -> Result<u64, Problem> {
    bytes().map(u64::from_le_bytes)
}

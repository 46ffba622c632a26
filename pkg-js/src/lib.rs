//! The boundary between the page and the rules: text comes in, decisions go out through one JavaScript object.
//! Nothing here touches the address bar, storage or the network, and no client secret is known here or can be:
//! the `links` key in `Cargo.toml` keeps `tillgate-core` out of this crate's graph.

#![cfg_attr(target_family = "wasm", no_std)]

extern crate alloc;

mod authorize;
mod form;
mod fragment;
mod pending;

use alloc::string::String;
use authorize::LoginOptions;
use fragment::Reading;
use pending::Pending;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Without the standard library's own handler, panic messages and what formats them are left out of the module.
#[cfg(target_family = "wasm")]
#[panic_handler]
fn stop(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[wasm_bindgen]
extern "C" {
    /// Takes a decision: exactly one of its methods is called, once, before the function returns. Texts are handed
    /// over as slices, so that no copy is left in the memory of the module.
    pub type Decision;

    /// Where to send the merchant. `record` is what must be given to [`read_answer`] when the answer comes.
    #[wasm_bindgen(method)]
    fn go(this: &Decision, url: &str, state: &str, record: &str);

    /// An option is wrong; the message names it.
    #[wasm_bindgen(method)]
    fn mistake(this: &Decision, message: &str);

    /// The URL holds no answer and may stay as it was.
    #[wasm_bindgen(method)]
    fn unrelated(this: &Decision);

    /// The answer holds a token. `kept` is the query and fragment that may stay; an id that it lacks is empty.
    #[wasm_bindgen(method)]
    fn granted(
        this: &Decision,
        kept: &str,
        access_token: &str,
        merchant_id: &str,
        employee_id: &str,
        client_id: &str,
    );

    /// The answer gives no token.
    #[wasm_bindgen(method)]
    fn refused(this: &Decision, kept: &str, code: &str, message: &str);
}

/// Builds the URL of a login: calls `go` or `mistake`. `entropy` is 32 random bytes; an option that is not given is an
/// empty text.
#[wasm_bindgen]
pub fn begin_login(
    decision: &Decision,
    entropy: &[u8],
    client_id: &str,
    region: &str,
    authorize_url: &str,
    redirect_uri: &str,
    merchant_id: &str,
) {
    let options = LoginOptions {
        client_id,
        region,
        authorize_url,
        redirect_uri,
        merchant_id,
    };
    match authorize::authorization_url(&options, entropy) {
        Ok((url, pending)) => decision.go(&url, &pending.state, &pending.record()),
        Err(error) => decision.mistake(error.message()),
    }
}

/// Reads a page's query and fragment: calls `unrelated`, `granted` or `refused`. `record` and `client_id` may be empty.
#[wasm_bindgen]
pub fn read_answer(
    decision: &Decision,
    query: String,
    fragment: String,
    record: &str,
    client_id: &str,
) {
    // Owned, so that they are wiped: both may hold the token.
    let (query, fragment) = (Zeroizing::new(query), Zeroizing::new(fragment));
    let pending = Pending::from_record(record);
    match fragment::read(&query, &fragment, pending.as_ref(), client_id) {
        Reading::Unrelated => decision.unrelated(),
        Reading::Answer { kept, verdict } => match verdict {
            Ok(grant) => decision.granted(
                &kept,
                &grant.access_token,
                &grant.merchant_id,
                &grant.employee_id,
                &grant.client_id,
            ),
            Err(refusal) => decision.refused(&kept, refusal.code(), refusal.message()),
        },
    }
}

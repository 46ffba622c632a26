//! The boundary between the page and the rules: text comes in, decisions go out through one JavaScript object.
//! Nothing here touches the address bar, storage or the network, and no client secret is known here or can be:
//! the `links` key in `Cargo.toml` keeps `tillgate-core` out of this crate's graph.

mod authorize;
mod form;
mod fragment;
mod pending;

use authorize::LoginOptions;
use fragment::Reading;
use pending::Pending;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

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

    /// The answer holds a token. `kept` is the query and fragment that may stay.
    #[wasm_bindgen(method)]
    fn granted(
        this: &Decision,
        kept: &str,
        access_token: &str,
        merchant_id: Option<&str>,
        employee_id: Option<&str>,
        client_id: Option<&str>,
    );

    /// The answer gives no token.
    #[wasm_bindgen(method)]
    fn refused(this: &Decision, kept: &str, code: &str, message: &str);
}

/// Builds the URL of a login: calls `go` or `mistake`. `entropy` is 32 random bytes.
#[wasm_bindgen]
pub fn begin_login(
    decision: &Decision,
    entropy: &[u8],
    client_id: &str,
    region: Option<String>,
    authorize_url: Option<String>,
    redirect_uri: Option<String>,
    merchant_id: Option<String>,
) {
    let options = LoginOptions {
        client_id,
        region: region.as_deref(),
        authorize_url: authorize_url.as_deref(),
        redirect_uri: redirect_uri.as_deref(),
        merchant_id: merchant_id.as_deref(),
    };
    match authorize::authorization_url(&options, entropy) {
        Ok((url, pending)) => decision.go(&url, &pending.state, &pending.record()),
        Err(error) => decision.mistake(error.message()),
    }
}

/// Reads a page's query and fragment: calls `unrelated`, `granted` or `refused`.
#[wasm_bindgen]
pub fn read_answer(
    decision: &Decision,
    query: String,
    fragment: String,
    record: Option<String>,
    client_id: Option<String>,
) {
    // Owned, so that they are wiped: both may hold the token.
    let (query, fragment) = (Zeroizing::new(query), Zeroizing::new(fragment));
    let pending = record.as_deref().and_then(Pending::from_record);
    match fragment::read(&query, &fragment, pending.as_ref(), client_id.as_deref()) {
        Reading::Unrelated => decision.unrelated(),
        Reading::Answer { kept, verdict } => match verdict {
            Ok(grant) => decision.granted(
                &kept,
                &grant.access_token,
                grant.merchant_id.as_deref(),
                grant.employee_id.as_deref(),
                grant.client_id.as_deref(),
            ),
            Err(refusal) => decision.refused(&kept, refusal.code(), refusal.message()),
        },
    }
}

//! What an operator says of a caller that proves itself with a JWT: whose tokens count, for whom they have to be issued,
//! and which claim says whose accounts they are for.

use tillgate_core::endpoint::Endpoint;

use super::Caller;
use crate::config::{
    endpoints::SECRETS_BELONG,
    mistakes::Mistakes,
    reader::{Node, Object},
};

const KEYS: &[&str] = &["issuer", "jwks_url", "audience"];
/// A caller that is known by its JWT.
#[derive(Clone, Debug)]
pub(crate) struct JwtCaller {
    /// Whose tokens count.
    pub(crate) issuer: Issuer,
    /// The claim that says which accounts are its user's. `None`: those of `caller`.
    pub(crate) claim: Option<String>,
    /// Who it is.
    pub(crate) caller: Caller,
}

/// The members of `jwt`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Issuer {
    /// What `iss` has to be.
    pub(crate) name: String,
    /// Where its public keys are, as a JWK Set; with a query where the issuer's address has one.
    pub(crate) jwks_url: Endpoint,
    /// What `aud` has to hold.
    pub(crate) audience: String,
}

/// Reads `jwt`.
pub(super) fn read(node: &Node<'_>, mistakes: &mut Mistakes) -> Option<Issuer> {
    let object = Object::open(node, KEYS, SECRETS_BELONG, mistakes)?;
    let issuer = "write what tokens have in `iss`";
    let url = "write the address of the issuer's keys (`jwks_uri` in its metadata)";
    let audience = "write what tokens have in `aud`";
    let mut required = |key, what: &str| object.required(key, what, mistakes);
    let nodes = (
        required("issuer", issuer),
        required("jwks_url", url),
        required("audience", audience),
    );
    let name = nodes.0.and_then(|node| node.text(mistakes));
    let jwks_url = nodes
        .1
        .and_then(|node| node.parsed(Endpoint::parse_with_query, mistakes));
    let audience = nodes.2.and_then(|node| node.text(mistakes));
    Some(Issuer {
        name: name?.to_owned(),
        jwks_url: jwks_url?,
        audience: audience?.to_owned(),
    })
}

/// Reads `{"claim": …}`.
pub(super) fn claim(node: &Node<'_>, mistakes: &mut Mistakes) -> Option<String> {
    let object = Object::open(node, &["claim"], SECRETS_BELONG, mistakes)?;
    let what = "write the name of the claim that holds an account or a list of them";
    let claim = object.required("claim", what, mistakes)?;
    claim.text(mistakes).map(str::to_owned)
}

/// Adds a caller that can be told from the others, whose issuer has its keys in one place.
pub(super) fn add(
    callers: &mut Vec<JwtCaller>,
    caller: JwtCaller,
    path: &str,
    mistakes: &mut Mistakes,
) {
    let Issuer {
        name,
        jwks_url,
        audience,
    } = &caller.issuer;
    for other in callers.iter().filter(|other| other.issuer.name == *name) {
        let first = &other.caller.name;
        if other.issuer.audience == *audience {
            let how = format!(
                "is also that of `{first}` with the same issuer: give each an audience of its own"
            );
            mistakes.add(format!("{path}.jwt.audience"), how);
        }
        if other.issuer.jwks_url != *jwks_url {
            let how = format!(
                "differs from that of `{first}` with the same issuer, which has its keys in one place"
            );
            mistakes.add(format!("{path}.jwt.jwks_url"), how);
        }
    }
    callers.push(caller);
}

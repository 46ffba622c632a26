//! What an operator says of a caller that proves itself with a JWT: whose tokens count, for whom they have to be issued,
//! and which claim says whose accounts they are for.

use tillgate_core::endpoint::Endpoint;

use super::Caller;
use crate::config::{
    endpoints::SECRETS_BELONG,
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
pub(super) fn read(node: &Node<'_>) -> Option<Issuer> {
    let object = Object::open(node, &[KEYS], format_args!("{SECRETS_BELONG}"))?;
    let issuer = format_args!("write what tokens have in `iss`");
    let name = object.required("issuer", issuer);
    let url = format_args!("write the address of the issuer's keys (`jwks_uri` in its metadata)");
    let jwks_url = object.required("jwks_url", url);
    let audience = format_args!("write what tokens have in `aud`");
    let audience = object.required("audience", audience);
    let name = name.and_then(|node| node.text());
    let jwks_url = jwks_url.and_then(|node| node.parsed(Endpoint::parse_with_query));
    let audience = audience.and_then(|node| node.text());
    Some(Issuer {
        name: name?.to_owned(),
        jwks_url: jwks_url?,
        audience: audience?.to_owned(),
    })
}

/// Reads `{"claim": …}`.
pub(super) fn claim(node: &Node<'_>) -> Option<String> {
    let object = Object::open(node, &[&["claim"]], format_args!("{SECRETS_BELONG}"))?;
    let what = format_args!("write the name of the claim that holds an account or a list of them");
    let claim = object.required("claim", what)?;
    claim.text().map(str::to_owned)
}

/// Adds a caller that can be told from the others, whose issuer has its keys in one place. `node` is where it stands.
pub(super) fn add(callers: &mut Vec<JwtCaller>, caller: JwtCaller, node: &Node<'_>) {
    let Issuer {
        name,
        jwks_url,
        audience,
    } = &caller.issuer;
    for other in callers.iter().filter(|other| other.issuer.name == *name) {
        let first = &other.caller.name;
        if other.issuer.audience == *audience {
            let how = format_args!(
                "is also that of `{first}` with the same issuer: give each an audience of its own"
            );
            node.wrong_below("jwt.audience", how);
        }
        if other.issuer.jwks_url != *jwks_url {
            let how = format_args!(
                "differs from that of `{first}` with the same issuer, which has its keys in one place"
            );
            node.wrong_below("jwt.jwks_url", how);
        }
    }
    callers.push(caller);
}

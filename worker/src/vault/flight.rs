//! An exchange under way: what is written before the request, and what its answer changes. Sending is the caller's work,
//! through [`Peers`], so that all of this runs in tests without a network.
//!
//! Renewing what is held is in `renew`, redeeming a login in `redeem`; how a flight goes on from answer to answer in `turn`,
//! where it is kept meanwhile in `table`.

mod redeem;
mod renew;
pub(crate) mod table;
pub(crate) mod turn;

use tillgate_core::{
    authorization::{CallbackError, CallbackQuery},
    clover::{self, MerchantId, ProofError},
    exchange::{Exchange, ExchangeError},
    http::{Request, Response},
    platform::App,
    secret::AccessToken,
    time::UnixTime,
    token::TokenSet,
};

use super::{
    Call,
    trail::{self, Who},
};
use crate::{
    message::{Message, Name, Reply},
    problem::{Code, Problem},
    step::Ask,
};
use renew::Wish;

/// Whom a flight talks to. Between two calls other messages to its object may have been handled.
pub(crate) trait Peers {
    /// Sends one request to a platform, once.
    async fn send(&self, request: &Request) -> Result<Response, ExchangeError>;
    /// Asks another object. `None` if it does not answer.
    async fn ask(&self, ask: Ask) -> Option<Reply>;
    /// The time.
    fn now(&self) -> UnixTime;
}

/// Runs the exchange that a message asks for. Only a redeemed login has a reply of its own; everyone else calls again
/// and finds what is stored. `survived`: an exchange of this object has come to its end since the object was started, so
/// exchanges are not what kills it.
pub(crate) async fn fly(
    call: Call<'_>,
    message: &Message,
    survived: bool,
    peers: &impl Peers,
) -> Option<Reply> {
    let who = Who::of(message);
    let result = match message {
        Message::Token { name, .. } => {
            renew::renew(call, name, Wish::WhenAllowed(who), survived, peers).await
        }
        Message::Refresh { name, .. } => {
            renew::renew(call, name, Wish::Now(who), survived, peers).await
        }
        Message::Redeem {
            name,
            authorization,
            query,
        } => {
            let callback = CallbackQuery::parse(query).and_then(|query| {
                let app = clover_app(call, name).ok_or(CallbackError::ClientMismatch)?;
                authorization.accept(app, query, call.now)
            });
            match callback {
                Ok(callback) => {
                    let result = redeem::redeem(call, name, callback, peers).await;
                    trail::login(call, name, &result, peers.now());
                    result.map(Some)
                }
                Err(_) => Err(unusable()),
            }
        }
        _ => Ok(None),
    };
    result.unwrap_or_else(|problem| Some(Reply::Problem(problem)))
}

/// Takes note that the flight for `message` was cut off, if the flight itself has not noted that it began. `survived` is
/// what [`fly`] was told.
pub(crate) fn cut(call: Call<'_>, message: &Message, survived: bool) {
    if let (true, Message::Token { name, .. } | Message::Refresh { name, .. }) = (survived, message)
    {
        // Rows that cannot be read are left as they are, and no exchange begins for them.
        let _ = renew::note_cut(call, name);
    }
}

fn unusable() -> Problem {
    let detail = "The callback cannot be used. Start the login again.";
    Problem::new(Code::CallbackInvalid, detail)
}

fn clover_app<'a>(call: Call<'a>, name: &Name) -> Option<&'a clover::App> {
    match &call.config.apps.get(&name.app)?.app {
        App::Clover(app) => Some(app),
        App::Clopos(_) | App::Clearline(_) => None,
    }
}

async fn exchange_once(exchange: Exchange, peers: &impl Peers) -> Result<TokenSet, ExchangeError> {
    let response = peers.send(exchange.request()).await?;
    exchange.finish(&response, peers.now())
}

async fn prove(
    app: &clover::App,
    merchant_id: &MerchantId,
    token: &AccessToken,
    peers: &impl Peers,
) -> Result<(), ProofError> {
    let request = clover::merchant_proof(app, merchant_id, token);
    let response = peers.send(&request).await.map_err(ProofError::Unknown)?;
    clover::read_proof(merchant_id, &response)
}

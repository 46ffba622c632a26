//! An exchange under way: what is written before the request, and what its answer changes. Sending is the caller's work,
//! through [`Send`], so that all of this runs in tests without a network.

use tillgate_core::{
    authorization::{Callback, CallbackQuery},
    clover::{self, MerchantId, ProofError},
    connection::{Connection, Ticket},
    exchange::{Exchange, ExchangeError},
    http::{Request, Response},
    platform::Party,
    secret::AccessToken,
    time::UnixTime,
    token::TokenSet,
};

use super::{Call, sessions::Sessions, store::Store};
use crate::{
    message::{Message, Name, Reply},
    problem::{Code, Problem},
    random,
};

/// Sends requests and knows the time; between two calls of it other messages may have been handled.
pub(crate) trait Send {
    /// Sends one request to a platform, once.
    async fn send(&self, request: &Request) -> Result<Response, ExchangeError>;
    /// The time.
    fn now(&self) -> UnixTime;
}

/// Runs the exchange that a message asks for. Only a redeemed login has a reply of its own; everyone else calls again
/// and finds what is stored.
pub(crate) async fn fly(call: Call<'_>, message: &Message, send: &impl Send) -> Option<Reply> {
    match message {
        Message::Token { name, .. } | Message::Refresh(name) => {
            let renewed = renew(call, name, send).await;
            renewed.err().map(Reply::Problem)
        }
        Message::Redeem {
            name,
            authorization,
            query,
        } => {
            let callback = CallbackQuery::parse(query).and_then(|query| {
                let app = clover_app(call, name)
                    .ok_or(tillgate_core::authorization::CallbackError::ClientMismatch)?;
                authorization.clone().accept(app, query, call.now)
            });
            let redeemed = match callback {
                Ok(callback) => redeem(call, name, callback, send).await,
                Err(_) => Err(Problem::new(
                    Code::CallbackInvalid,
                    "The callback cannot be used. Start the login again.",
                )),
            };
            Some(redeemed.unwrap_or_else(Reply::Problem))
        }
        _ => None,
    }
}

fn clover_app<'a>(call: Call<'a>, name: &Name) -> Option<&'a clover::App> {
    match &call.config.apps.get(&name.app)?.app {
        tillgate_core::platform::App::Clover(app) => Some(app),
        _ => None,
    }
}

async fn renew(call: Call<'_>, name: &Name, send: &impl Send) -> Result<(), Problem> {
    let store = Store::open(call, name)?;
    let mut connection = match store.load()? {
        Some(connection) => connection,
        None => Connection::new(random::number()?),
    };
    match &store.subject.party {
        Party::Clover(app, merchant_id) => {
            let Some(token) = connection
                .token(call.now)
                .map(|held| held.access_token().clone())
            else {
                return Ok(());
            };
            let ticket = begin(&store, &mut connection, call.now)?;
            let proof = prove(app, merchant_id, &token, send).await;
            finish(&store, |connection| match proof {
                Ok(()) => connection.prove(ticket, Ok(true), send.now(), 0),
                Err(ProofError::NotProved) => connection.prove(ticket, Ok(false), send.now(), 0),
                Err(ProofError::Unknown(error)) => {
                    connection.prove(ticket, Err(error), send.now(), 0)
                }
            })
        }
        party => {
            let Some(exchange) = party.exchange() else {
                return Ok(());
            };
            let ticket = begin(&store, &mut connection, call.now)?;
            let result = exchange_once(exchange, send).await;
            let jitter = random::number()?;
            finish(&store, |connection| {
                connection.settle(ticket, result, send.now(), jitter);
            })
        }
    }
}

/// Notes the attempt before the request leaves.
fn begin(store: &Store<'_>, connection: &mut Connection, now: UnixTime) -> Result<Ticket, Problem> {
    let ticket = connection.begin(now);
    store.save(connection)?;
    Ok(ticket)
}

/// Changes what is stored now, which may no longer be what was stored before. What was forgotten stays forgotten.
fn finish(store: &Store<'_>, change: impl FnOnce(&mut Connection)) -> Result<(), Problem> {
    let Some(mut connection) = store.load()? else {
        return Ok(());
    };
    change(&mut connection);
    store.save(&connection)
}

async fn exchange_once(exchange: Exchange, send: &impl Send) -> Result<TokenSet, ExchangeError> {
    let response = send.send(exchange.request()).await?;
    exchange.finish(&response, send.now())
}

async fn prove(
    app: &clover::App,
    merchant_id: &MerchantId,
    token: &AccessToken,
    send: &impl Send,
) -> Result<(), ProofError> {
    let request = clover::merchant_proof(app, merchant_id, token);
    let response = send.send(&request).await.map_err(ProofError::Unknown)?;
    clover::read_proof(merchant_id, &response)
}

/// Redeems a callback that was checked. Nothing is stored before the platform has confirmed the merchant, and whatever
/// goes wrong leaves what was stored as it was.
async fn redeem(
    call: Call<'_>,
    name: &Name,
    callback: Callback,
    send: &impl Send,
) -> Result<Reply, Problem> {
    let store = Store::open(call, name)?;
    let Party::Clover(app, merchant_id) = &store.subject.party else {
        return Err(Problem::new(
            Code::NotFound,
            "Merchants log in to Clover apps only.",
        ));
    };
    if callback.merchant_id() != merchant_id {
        return Err(Problem::new(
            Code::CallbackInvalid,
            "The callback is another merchant's.",
        ));
    }
    let employee_id = callback.employee_id().map(str::to_owned);
    let exchange = clover::redeem(app, callback);
    let token = exchange_once(exchange, send)
        .await
        .map_err(|error| Problem::of_exchange(error, None))?;
    prove(app, merchant_id, token.access_token(), send)
        .await
        .map_err(proof_problem)?;
    let mut connection = match store.load()? {
        Some(connection) => connection,
        None => Connection::new(random::number()?),
    };
    connection.log_in(token);
    store.save(&connection)?;
    let sessions = Sessions::load(&store, send.now())?;
    sessions
        .begin(&store, employee_id.as_deref(), send.now())
        .map(Reply::Session)
}

fn proof_problem(error: ProofError) -> Problem {
    match error {
        ProofError::NotProved => Problem::new(
            Code::MerchantNotProved,
            "Clover did not confirm that this login belongs to this merchant. Nothing was stored. Start the login again.",
        ),
        ProofError::Unknown(error) => Problem::of_exchange(error, None),
    }
}

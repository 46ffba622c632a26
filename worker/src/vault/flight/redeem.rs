//! Redeeming a login: code to token, token to proof, and only then something is stored.

use tillgate_core::{
    authorization::Callback,
    clover::{self, ProofError},
    platform::Party,
};

use super::{
    super::{Call, sessions::Sessions, store::Store},
    Peers, exchange_once, prove,
};
use crate::{
    message::{Name, Reply},
    problem::{Code, Problem},
};

/// Redeems a callback that was checked. Nothing is stored before the platform has confirmed the merchant, and whatever
/// goes wrong leaves what was stored as it was.
pub(super) async fn redeem(
    call: Call<'_>,
    name: &Name,
    callback: Callback,
    peers: &impl Peers,
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
    let token = exchange_once(exchange, peers)
        .await
        .map_err(|error| Problem::of_exchange(error, None))?;
    prove(app, merchant_id, token.access_token(), peers)
        .await
        .map_err(proof_problem)?;
    let mut connection = store.load_or_new()?;
    connection.log_in(token);
    store.save(&connection)?;
    let sessions = Sessions::load(&store, peers.now())?;
    sessions
        .begin(&store, employee_id.as_deref(), peers.now())
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

//! What a Durable Object does. One class plays four parts, told apart by the messages that reach it: the vault of one
//! connection, the memory of one login's state, the breaker of one app, the directory of connections.
//!
//! Every call reads its rows, decides and writes in one turn, without an await in between, so two calls cannot interleave.
//! Only the exchange itself waits (`flight`); the one slot for it is held by the JavaScript class and comes in as
//! [`Flight`].

mod breaker;
mod connection;
mod directory;
pub(crate) mod flight;
mod login;
pub(crate) mod recent;
pub(crate) mod rows;
mod sessions;
mod store;
#[cfg(test)]
mod tests;
mod trail;

use tillgate_core::{connection::Flight, time::UnixTime};

use crate::{
    config::Config,
    message::{Message, Reply},
    problem::Problem,
};
pub(crate) use connection::alarm;
pub(crate) use directory::{announcement, note_announced};
use rows::Rows;
use trail::Who;

/// What a call comes to.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The reply. Without one the caller waits for the flight and calls again.
    pub(crate) reply: Option<Reply>,
    /// Start a flight for this message.
    pub(crate) launch: bool,
    /// Tell the directory.
    pub(crate) announce: Option<Message>,
}

impl Outcome {
    fn reply(reply: Reply) -> Self {
        Self {
            reply: Some(reply),
            ..Self::default()
        }
    }

    /// Wait for the flight, which is started if none is under way.
    fn wait(flight: Flight) -> Self {
        Self {
            launch: flight == Flight::None,
            ..Self::default()
        }
    }
}

impl From<Result<Reply, Problem>> for Outcome {
    fn from(result: Result<Reply, Problem>) -> Self {
        Self::reply(result.unwrap_or_else(Reply::Problem))
    }
}

/// A message on its way through an object.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    /// The object's storage.
    pub(crate) rows: &'a dyn Rows,
    /// The configuration.
    pub(crate) config: &'a Config,
    /// When it arrived.
    pub(crate) now: UnixTime,
}

/// How whoever sent a message stands to the object's one exchange.
#[derive(Clone, Copy)]
pub(crate) struct Waiting {
    /// Whether it is under way.
    pub(crate) flight: Flight,
    /// Whether the sender has already waited for it, and asks again.
    pub(crate) waited: bool,
}

/// Decides about a message.
pub(crate) fn call(call: Call<'_>, waiting: Waiting, message: &Message) -> Outcome {
    match message {
        Message::Token {
            name,
            session,
            rejected,
            ..
        } => {
            let who = Who::of(message);
            let (session, rejected) = (session.as_deref(), rejected.as_deref());
            connection::token(call, waiting, name, who, session, rejected)
        }
        Message::Refresh { name, .. } => connection::refresh(call, waiting, name, Who::of(message)),
        Message::Status(name) => connection::status(call, name).into(),
        Message::Forget { name, .. } => connection::forget(call, name, Who::of(message)),
        Message::Audit { before, .. } => Outcome::reply(trail::read(call.rows, *before)),
        Message::Redeem { .. } => Outcome::wait(waiting.flight),
        Message::Session { name, session } => connection::session(call, name, session).into(),
        Message::EndSession { name, session } => {
            connection::end_session(call, name, session).into()
        }
        Message::Consume { until } => Outcome::reply(login::consume(call, *until)),
        Message::Admit(_) => Outcome::reply(breaker::admit(call)),
        Message::Report { name, error } => breaker::report(call, name, *error).into(),
        Message::Register(name) => Outcome::reply(directory::register(call.rows, name)),
        Message::Unregister(name) => Outcome::reply(directory::unregister(call.rows, name)),
        Message::List { after, limit } => {
            Outcome::reply(directory::list(call.rows, after.as_ref(), *limit))
        }
    }
}

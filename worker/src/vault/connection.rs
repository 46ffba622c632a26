//! What the vault of one connection answers. When to exchange is the core's decision; this reads, asks it, and writes.

use tillgate_core::{
    connection::{Connection, Flight, Renewal, State, Step, Ticket},
    platform::App,
    time::UnixTime,
};

use super::{
    Call, Outcome, Waiting, directory,
    directory::NAME,
    login,
    sessions::Sessions,
    store::Store,
    trail::{self, Entry, What, Who},
};
use crate::{
    message::{Hidden, Message, Name, Reply, SessionReply, StatusReply, TokenReply},
    problem::{Code, Problem},
};

/// A token for a caller.
pub(super) fn token(
    call: Call<'_>,
    waiting: Waiting,
    name: &Name,
    who: Who<'_>,
    session: Option<&str>,
    rejected: Option<&str>,
) -> Outcome {
    try_token(call, waiting, name, session, rejected)
        .unwrap_or_else(|problem| refused(call, waiting, What::Token, who, problem))
}

/// Refuses, and notes it; an exchange that was waited for is noted as such.
fn refused(
    call: Call<'_>,
    waiting: Waiting,
    what: What,
    who: Who<'_>,
    problem: Problem,
) -> Outcome {
    if !waiting.waited {
        trail::refused(call.rows, call.now, what, who, problem.code);
    }
    Outcome::reply(Reply::Problem(problem))
}

fn try_token(
    call: Call<'_>,
    waiting: Waiting,
    name: &Name,
    session: Option<&str>,
    rejected: Option<&str>,
) -> Result<Outcome, Problem> {
    let store = Store::open(call, name)?;
    if let Some(session) = session {
        Sessions::load(&store, call.now)?.find(session)?;
    }
    let mut connection = store.load_or_new()?;
    let rejected = rejected.filter(|_| !waiting.waited).and_then(Ticket::parse);
    if rejected.is_some_and(|ticket| connection.reject(ticket, call.now)) {
        store.save(&connection)?;
    }
    let Waiting { flight, waited } = waiting;
    let step = connection.step(call.now, store.subject.app.app.renewal(), flight);
    match step {
        // Whoever saw a 401 waits for the proof that tells whether the merchant has to log in again.
        Step::UseAndRefresh if rejected.is_some() => Ok(Outcome::wait(flight)),
        Step::Use if rejected == Some(connection.ticket()) && flight == Flight::UnderWay => {
            Ok(Outcome::wait(flight))
        }
        Step::Use | Step::UseAndRefresh => {
            let reply = token_reply(&store, &mut connection, name, call.now, waited)?;
            Ok(Outcome {
                launch: step == Step::UseAndRefresh,
                ..Outcome::reply(reply)
            })
        }
        Step::Exchange => Ok(Outcome::wait(flight)),
        Step::Wait { .. } | Step::LoginRequired => Err(no_token(step, call.now)),
    }
}

fn token_reply(
    store: &Store<'_>,
    connection: &mut Connection,
    name: &Name,
    now: UnixTime,
    exchanged: bool,
) -> Result<Reply, Problem> {
    if connection.mark_used() {
        store.save(connection)?;
    }
    let (token, refresh_at) = connection
        .token(now)
        .zip(connection.refresh_at())
        .ok_or_else(gone)?;
    let text = token
        .access_token()
        .expose("the worker asks for the token to use it");
    Ok(Reply::Token(TokenReply {
        name: name.clone(),
        access_token: Hidden(text.to_owned().into()),
        obtained_at: token.obtained_at(),
        expires_at: token.expires_at(),
        refresh_at,
        ticket: connection.ticket().to_string(),
        exchanged,
    }))
}

fn gone() -> Problem {
    Problem::new(Code::Internal, "The token ended while it was read.")
}

/// The problem of a step that gives no token.
fn no_token(step: Step, now: UnixTime) -> Problem {
    match step {
        Step::Wait { error, until } => Problem::of_exchange(error, Some(now.until(until).max(1))),
        _ => Problem::new(
            Code::LoginRequired,
            "No merchant has logged in for this account, or the login has ended.",
        ),
    }
}

/// A new exchange now; on platforms where only a login brings a token, a new proof of the one that is held.
pub(super) fn refresh(call: Call<'_>, waiting: Waiting, name: &Name, who: Who<'_>) -> Outcome {
    try_refresh(call, waiting, name)
        .unwrap_or_else(|problem| refused(call, waiting, What::Refresh, who, problem))
}

fn try_refresh(call: Call<'_>, waiting: Waiting, name: &Name) -> Result<Outcome, Problem> {
    let store = Store::open(call, name)?;
    let connection = store.load_or_new()?;
    connection
        .may_force(call.now)
        .map_err(|step| no_token(step, call.now))?;
    if waiting.waited {
        return match connection.last_error() {
            Some(error) => Err(Problem::of_exchange(error, Some(1))),
            None => {
                let status = readable(&connection, name, &store.subject.app.app, call.now);
                Ok(Outcome::reply(Reply::Status(status)))
            }
        };
    }
    let step = connection.step(call.now, store.subject.app.app.renewal(), waiting.flight);
    if step == Step::LoginRequired {
        return Err(no_token(step, call.now));
    }
    Ok(Outcome::wait(waiting.flight))
}

/// What an administrator may know. A connection whose rows cannot be read is failing, and says why.
pub(super) fn status(call: Call<'_>, name: &Name) -> Result<Reply, Problem> {
    let store = Store::open(call, name)?;
    let app = &store.subject.app.app;
    let status = match store.load_or_new() {
        Ok(connection) => readable(&connection, name, app, call.now),
        Err(problem) => StatusReply {
            state: State::Failing.as_str().to_owned(),
            last_error: Some(problem.code.as_str().to_owned()),
            ..StatusReply::empty(name, app.platform())
        },
    };
    Ok(Reply::Status(status))
}

fn readable(connection: &Connection, name: &Name, app: &App, now: UnixTime) -> StatusReply {
    let (refreshed_at, expires_at) = connection.lifetime().unzip();
    let ends_within_days = connection
        .ends_within_days(now)
        .filter(|_| app.renewal() == Renewal::Login);
    let state = match connection.state(now) {
        State::Fresh if ends_within_days.is_some() => State::Stale,
        state => state,
    };
    let last_error = connection.last_error().map(Code::from);
    StatusReply {
        state: state.as_str().to_owned(),
        expires_at,
        refreshed_at,
        exchanges: connection.exchanges(),
        last_error: last_error.map(|code| code.as_str().to_owned()),
        ends_within_days,
        ..StatusReply::empty(name, app.platform())
    }
}

/// Forgets everything, the connection's key with it, except for the trail, which tells who did so. What a backup from
/// before still opens is in `STORAGE.md`.
pub(super) fn forget(call: Call<'_>, name: &Name, who: Who<'_>) -> Outcome {
    let entry = call.rows.get(NAME).map(|_| Entry {
        what: What::Forget,
        who,
        problem: None,
        token: trail::held_token(call, name),
    });
    call.rows.clear();
    if let Some(entry) = entry {
        entry.append(call.rows, call.now);
    }
    Outcome {
        announce: Some(Message::Unregister(name.clone())),
        ..Outcome::reply(Reply::Done)
    }
}

/// A session, if it is alive.
pub(super) fn session(call: Call<'_>, name: &Name, id: &str) -> Result<Reply, Problem> {
    let store = Store::open(call, name)?;
    let session: SessionReply = Sessions::load(&store, call.now)?.find(id)?.clone();
    Ok(Reply::Session(session))
}

/// Ends a session.
pub(super) fn end_session(call: Call<'_>, name: &Name, id: &str) -> Result<Reply, Problem> {
    let store = Store::open(call, name)?;
    let sessions = Sessions::load(&store, call.now)?;
    let employee_id = sessions.find(id)?.employee_id.clone();
    sessions.end(&store, id)?;
    let entry = Entry {
        what: What::Logout,
        who: Who::Session(employee_id.as_deref()),
        problem: None,
        token: None,
    };
    entry.append(call.rows, call.now);
    Ok(Reply::Done)
}

/// What to do when the object is woken: forget a used-up login, or renew a token that is in use. Returns the message
/// that a flight is to be started for.
pub(crate) fn alarm(call: Call<'_>, flight: Flight) -> Option<Message> {
    if login::expire(call.rows) {
        return None;
    }
    let name = directory::stored_name(call.rows)?;
    let store = Store::open(call, &name).ok()?;
    let connection = store.load().ok()??;
    let step = connection.step(call.now, store.subject.app.app.renewal(), flight);
    match step {
        Step::UseAndRefresh => Some(Message::Token {
            name,
            caller: None,
            session: None,
            rejected: None,
        }),
        _ => {
            let due = connection.deadline().filter(|at| *at > call.now);
            call.rows.set_alarm(due);
            None
        }
    }
}

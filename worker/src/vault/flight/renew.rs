//! Renewing what a connection holds: by another exchange, or, where only a login brings a token, by proving the one that
//! is held.

use tillgate_core::{
    clover::{self, MerchantId, ProofError},
    connection::{Connection, Ticket},
    exchange::{Exchange, ExchangeError},
    platform::Party,
    time::UnixTime,
    token::TokenSet,
};

use super::{
    super::{
        Call, breaker,
        store::Store,
        trail::{Entry, What, Who},
    },
    Peers, exchange_once, prove,
};
use crate::{
    message::{Message, Name, Reply},
    problem::{Code, Problem},
    random,
};

/// Who wants it.
#[derive(Clone, Copy)]
pub(super) enum Wish<'a> {
    /// A caller or an alarm: only while the app's breaker admits it.
    WhenAllowed(Who<'a>),
    /// An administrator.
    Now(Who<'a>),
}

impl<'a> Wish<'a> {
    /// What the trail says of it, if it is done by doing `what`.
    fn entry(self, what: What, problem: Option<Code>, token: Option<String>) -> Entry<'a> {
        let (what, who) = match self {
            Self::WhenAllowed(who) => (what, who),
            Self::Now(who) => (What::Refresh, who),
        };
        Entry {
            what,
            who,
            problem,
            token,
        }
    }
}

pub(super) async fn renew(
    call: Call<'_>,
    name: &Name,
    wish: Wish<'_>,
    survived: bool,
    peers: &impl Peers,
) -> Result<Option<Reply>, Problem> {
    let store = Store::open(call, name)?;
    match &store.subject.party {
        Party::Clover(app, merchant_id) => {
            prove_again(&store, wish, survived, app, merchant_id, peers).await?
        }
        party => {
            if let Some(exchange) = party.exchange() {
                exchange_again(&store, name, wish, survived, exchange, peers).await?;
            }
        }
    }
    Ok(None)
}

async fn prove_again(
    store: &Store<'_>,
    wish: Wish<'_>,
    survived: bool,
    app: &clover::App,
    merchant_id: &MerchantId,
    peers: &impl Peers,
) -> Result<(), Problem> {
    let stored = store.load()?;
    let held = stored.as_ref().and_then(|stored| stored.token(peers.now()));
    let Some(token) = held.map(|held| held.access_token().clone()) else {
        return Ok(());
    };
    let (ticket, _) = begin(store, stored, survived, peers.now())?;
    let result = match prove(app, merchant_id, &token, peers).await {
        Ok(()) => Ok(true),
        Err(ProofError::NotProved) => Ok(false),
        Err(ProofError::Unknown(error)) => Err(error),
    };
    let problem = match result {
        Ok(true) => None,
        Ok(false) => Some(Code::LoginRequired),
        Err(error) => Some(error.into()),
    };
    let entry = wish.entry(What::Proof, problem, store.fingerprint(&token));
    let jitter = random::number()?;
    finish(store, &entry, peers.now(), |connection| {
        connection.prove(ticket, result, peers.now(), jitter);
    })
}

async fn exchange_again(
    store: &Store<'_>,
    name: &Name,
    wish: Wish<'_>,
    survived: bool,
    exchange: Exchange,
    peers: &impl Peers,
) -> Result<(), Problem> {
    let mut stored = store.load()?;
    let admission = admission(store, name, wish, peers).await?;
    if let Admission::Asked(_) = admission {
        let decided_for = stored.as_ref().map(Connection::ticket);
        stored = store.load()?;
        if stored.as_ref().map(Connection::ticket) != decided_for {
            // Forgotten meanwhile: nothing is begun for it. Who still waits for a token asks again.
            return Ok(());
        }
    }
    let watching = match admission {
        Admission::Asked(Some(Reply::Blocked(blocked))) if matches!(wish, Wish::WhenAllowed(_)) => {
            let mut connection = store.or_new(stored)?;
            connection.postpone(blocked.error, blocked.until);
            return store.save(&connection);
        }
        Admission::Asked(Some(Reply::Blocked(_))) => true,
        Admission::Asked(Some(Reply::Admitted { watching })) => watching,
        // A breaker that does not answer stops nobody.
        Admission::Unasked | Admission::Asked(_) => false,
    };
    let (ticket, awaited) = begin(store, stored, survived, peers.now())?;
    let result = exchange_once(exchange, peers).await;
    let error = result.as_ref().err().copied();
    let token = result.as_ref().ok().map(TokenSet::access_token);
    let fingerprint = token.and_then(|token| store.fingerprint(token));
    let entry = wish.entry(What::Exchange, error.map(Code::from), fingerprint);
    let jitter = random::number()?;
    finish(store, &entry, peers.now(), |connection| {
        if connection.settle(ticket, result, peers.now(), jitter) && awaited {
            connection.mark_used();
        }
    })?;
    if watching || error.is_some() {
        tell(store, name, error, peers).await?;
    }
    Ok(())
}

/// What the app's breaker says.
enum Admission {
    /// It would not stop this exchange, and has just said that it is at rest.
    Unasked,
    /// Its reply, if it has replied.
    Asked(Option<Reply>),
}

async fn admission(
    store: &Store<'_>,
    name: &Name,
    wish: Wish<'_>,
    peers: &impl Peers,
) -> Result<Admission, Problem> {
    let ask = breaker::ask(store, Message::Admit(name.clone()))?;
    let recent = store.recent();
    if matches!(wish, Wish::Now(_)) && recent.rests(&ask.object, peers.now()) {
        return Ok(Admission::Unasked);
    }
    let object = ask.object.clone();
    let reply = peers.ask(ask).await;
    let rests = matches!(reply, Some(Reply::Admitted { watching: false }));
    recent.note_breaker(&object, rests, peers.now());
    Ok(Admission::Asked(reply))
}

async fn tell(
    store: &Store<'_>,
    name: &Name,
    error: Option<ExchangeError>,
    peers: &impl Peers,
) -> Result<(), Problem> {
    let report = Message::Report {
        name: name.clone(),
        error,
    };
    let ask = breaker::ask(store, report)?;
    store.recent().note_breaker(&ask.object, false, peers.now());
    peers.ask(ask).await;
    Ok(())
}

/// Notes the attempt before the request leaves, so that one that kills its object is not repeated for ever. An object that
/// has survived one spares itself the write, once there is something stored that its answer can be added to. Gives the
/// ticket of what is held, and whether callers wait, because that is no token they could use meanwhile.
fn begin(
    store: &Store<'_>,
    stored: Option<Connection>,
    survived: bool,
    now: UnixTime,
) -> Result<(Ticket, bool), Problem> {
    let spared = survived && stored.is_some();
    let mut connection = store.or_new(stored)?;
    let ticket = connection.begin(now);
    if !spared {
        store.save(&connection)?;
    }
    Ok((ticket, connection.token(now).is_none()))
}

/// Notes an attempt whose flight was cut off, where [`begin`] has not. Nothing is noted where nothing is stored.
///
/// # Errors
/// As [`Store::load`].
pub(super) fn note_cut(call: Call<'_>, name: &Name) -> Result<(), Problem> {
    let store = Store::open(call, name)?;
    let Some(mut connection) = store.load()? else {
        return Ok(());
    };
    connection.begin(call.now);
    store.save(&connection)
}

/// Changes what is stored now, which may no longer be what was stored before. What was forgotten stays forgotten.
fn finish(
    store: &Store<'_>,
    entry: &Entry<'_>,
    now: UnixTime,
    change: impl FnOnce(&mut Connection),
) -> Result<(), Problem> {
    let Some(mut connection) = store.load()? else {
        return Ok(());
    };
    change(&mut connection);
    store.save(&connection)?;
    store.note(entry, now);
    Ok(())
}

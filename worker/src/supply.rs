//! Getting a token for a call: from this isolate's memory, or else from the connection's vault.

use std::{cell::RefCell, rc::Rc};

use tillgate_core::{platform::Party, secret::AccessToken};

use crate::{
    cache::{MAX_AGE, Supply},
    callers::Subject,
    handle::Context,
    message::{self, Message, Name, Reply, TokenReply},
    problem::{Code, Problem},
    step::{Failed, Step},
};

/// Where a token came from, as `Server-Timing` tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// This isolate's memory.
    Memory,
    /// The vault had it.
    Vault,
    /// The vault got it from the platform while the caller waited.
    Exchange,
}

impl Source {
    /// The `Server-Timing` header that says so.
    pub(crate) fn server_timing(self) -> (&'static str, &'static str) {
        let source = match self {
            Self::Memory => "token;desc=\"memory\"",
            Self::Vault => "token;desc=\"vault\"",
            Self::Exchange => "token;desc=\"exchange\"",
        };
        ("server-timing", source)
    }
}

/// A token, or what has to be done first.
pub(crate) enum Obtained {
    /// The token.
    Supply(Rc<Supply>, Source),
    /// Do this and come back.
    First(Step),
}

/// Gets the token for a connection; `session` is a session id that has to be alive.
///
/// # Errors
/// The problem that the vault answered.
pub(crate) fn obtain(
    context: &Context<'_>,
    subject: &Subject<'_>,
    session: Option<&str>,
) -> Result<Obtained, Problem> {
    match context.event.replies.first() {
        Some(reply) => receive(context, subject, session, reply)
            .map(|(supply, source)| Obtained::Supply(supply, source)),
        None if context.event.failed == Some(Failed::Vault) => Err(vault_failed()),
        None => {
            let cached = context.cache.borrow().get(
                &subject.app.name,
                &subject.account,
                session,
                context.incoming.now,
            );
            Ok(match cached {
                Some(supply) => Obtained::Supply(supply, Source::Memory),
                None => Obtained::First(ask_vault(subject, session, None)),
            })
        }
    }
}

/// Asks the vault for the token, telling it which one was rejected.
pub(crate) fn ask_vault(
    subject: &Subject<'_>,
    session: Option<&str>,
    rejected: Option<&str>,
) -> Step {
    let message = Message::Token {
        name: name(subject),
        caller: subject.caller.map(str::to_owned),
        session: session.map(str::to_owned),
        rejected: rejected.map(str::to_owned),
    };
    Step::Ask(vec![message::ask(subject.key(), &message)])
}

/// The connection's name in a message.
pub(crate) fn name(subject: &Subject<'_>) -> Name {
    Name {
        app: subject.app.name.clone(),
        account: subject.account.clone().into_owned(),
    }
}

/// The problem of a vault that did not answer.
pub(crate) fn vault_failed() -> Problem {
    Problem::new(
        Code::Internal,
        "The vault of this connection did not answer.",
    )
    .retry_after(1)
}

/// Takes a token out of a vault's reply and keeps a copy.
pub(crate) fn receive(
    context: &Context<'_>,
    subject: &Subject<'_>,
    session: Option<&str>,
    reply: &Reply,
) -> Result<(Rc<Supply>, Source), Problem> {
    let token = match reply {
        Reply::Token(token) => token,
        Reply::Problem(problem) => return Err(with_login(context, subject, problem.clone())),
        _ => return Err(vault_failed()),
    };
    let supply = Rc::new(supply(&subject.party, token, context).ok_or_else(vault_failed)?);
    let now = context.incoming.now;
    context
        .cache
        .borrow_mut()
        .put(&subject.app.name, &subject.account, &supply, session, now);
    Ok((
        supply,
        if token.exchanged {
            Source::Exchange
        } else {
            Source::Vault
        },
    ))
}

fn supply(party: &Party<'_>, reply: &TokenReply, context: &Context<'_>) -> Option<Supply> {
    let access_token = AccessToken::parse(&reply.access_token.0)?;
    let good_until = context
        .incoming
        .now
        .plus(MAX_AGE)
        .min(reply.refresh_at)
        .min(reply.expires_at);
    Some(Supply {
        headers: party.token_headers(&access_token).into(),
        access_token,
        expires_at: reply.expires_at,
        ticket: reply.ticket.clone(),
        good_until,
        answer: RefCell::default(),
    })
}

/// Adds to a vault's problem whom it is about, and where a merchant logs in.
pub(crate) fn with_login(
    context: &Context<'_>,
    subject: &Subject<'_>,
    problem: Problem,
) -> Problem {
    let problem = problem.about(&subject.app.name, &subject.account);
    if problem.code != Code::LoginRequired {
        return problem;
    }
    problem.login_url(context.login_url(&subject.app.name, &subject.account))
}

//! `GET /session` and `POST /logout`: what a merchant's browser asks about its own session.

use crate::{
    callers::Subject,
    cookies::Cookie,
    handle::Context,
    message::{self, Message, Reply},
    problem::{Code, Problem},
    router::Place,
    session::{self, Session},
    step::{Answer, Failed, Step},
    supply::{self, name},
};

/// Tells who is logged in.
///
/// # Errors
/// `unauthenticated` without a session that is alive.
pub(crate) fn session(context: &Context<'_>) -> Result<Step, Problem> {
    let session = Session::of(context.incoming, context.config)?;
    let subject = subject(context, &session)?;
    let message = Message::Session {
        name: name(&subject),
        session: session.id.clone(),
    };
    match reply(context)? {
        None => Ok(Step::Ask(vec![message::ask(subject.key(), &message)])),
        Some(Reply::Session(reply)) => Ok(Step::Answer(Answer::json(
            200,
            session::describe(&session, reply),
        ))),
        Some(Reply::Problem(problem)) => Err(problem.clone()),
        Some(_) => Err(supply::vault_failed()),
    }
}

/// Ends the session, at its vault and in the browser.
///
/// # Errors
/// `unauthenticated` without a session.
pub(crate) fn logout(context: &Context<'_>) -> Result<Step, Problem> {
    let session = Session::of(context.incoming, context.config)?;
    let subject = subject(context, &session)?;
    let message = Message::EndSession {
        name: name(&subject),
        session: session.id.clone(),
    };
    match reply(context)? {
        None => Ok(Step::Ask(vec![message::ask(subject.key(), &message)])),
        Some(Reply::Done) => {
            context
                .cache
                .borrow_mut()
                .forget(&subject.app.name, &subject.account);
            let (name, value) = Cookie::session(context.incoming).clear();
            Ok(Step::Answer(Answer::new(204).header(name, value)))
        }
        Some(Reply::Problem(problem)) => Err(problem.clone()),
        Some(_) => Err(supply::vault_failed()),
    }
}

fn reply<'a>(context: &'a Context<'_>) -> Result<Option<&'a Reply>, Problem> {
    match context.event.failed {
        Some(Failed::Vault) => Err(supply::vault_failed()),
        _ => Ok(context.event.replies.first()),
    }
}

/// The session's connection. An app that is no longer configured ends its sessions.
fn subject<'a>(context: &'a Context<'_>, session: &'a Session) -> Result<Subject<'a>, Problem> {
    let place = Place {
        app: &session.app,
        account: &session.account,
    };
    Subject::of_session(context.config, session, place).map_err(|_| {
        Problem::new(
            Code::Unauthenticated,
            "The session's app is no longer configured. Log in again.",
        )
    })
}

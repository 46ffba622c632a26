//! What an administrator does: look at connections, force an exchange, forget.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use tillgate_core::json::{self, Object};

use crate::{
    callers::{Can, Principal, Subject},
    config::Caller,
    handle::Context,
    message::{self, DIRECTORY, Message, Name, Reply, StatusReply},
    problem::{Code, Problem},
    router::Place,
    step::{Answer, Ask, Failed, Step},
    supply::{self, name},
};

/// Most connections on one page of `GET /connections`: each costs one subrequest, of which a worker has 1,000.
const PAGE: usize = 100;
/// How many names the directory is asked for after a page of it that held none for the caller; whole pages.
const MANY: usize = 10 * PAGE;

/// `POST /refresh/{app}/{account}`.
///
/// # Errors
/// Why there is no new token; the one that was stored stays.
pub(crate) fn refresh(context: &Context<'_>, place: Place<'_>) -> Result<Step, Problem> {
    one(context, place, &|name, caller| Message::Refresh {
        name,
        caller,
    })
}

/// `DELETE /token/{app}/{account}`.
///
/// # Errors
/// Why it was not forgotten.
pub(crate) fn forget(context: &Context<'_>, place: Place<'_>) -> Result<Step, Problem> {
    one(context, place, &|name, caller| Message::Forget {
        name,
        caller,
    })
}

/// `GET /connections/{app}/{account}`.
///
/// # Errors
/// Why it cannot be told.
pub(crate) fn connection(context: &Context<'_>, place: Place<'_>) -> Result<Step, Problem> {
    one(context, place, &|name, _| Message::Status(name))
}

/// `GET /connections/{app}/{account}/audit`: the newest entries of the trail first, and a link to those before them.
///
/// # Errors
/// Why it cannot be told.
pub(crate) fn audit(context: &Context<'_>, place: Place<'_>) -> Result<Step, Problem> {
    let before = context.incoming.url.parameter("before")?;
    let before = before.map_or(Ok(u32::MAX), |number| number.parse());
    let before = before.map_err(|_| {
        let detail = "The parameter before is the sequence number of an entry.";
        Problem::new(Code::BadRequest, detail)
    })?;
    one(context, place, &|name, _| Message::Audit { name, before })
}

fn one(
    context: &Context<'_>,
    place: Place<'_>,
    message: &dyn Fn(Name, String) -> Message,
) -> Result<Step, Problem> {
    let caller = Principal::caller(context, Can::Admin)?;
    let subject = Subject::of_caller(context.config, caller, place)?;
    match context.event.replies.first() {
        None if context.event.failed == Some(Failed::Vault) => Err(supply::vault_failed()),
        None => Ok(Step::Ask(vec![message::ask(
            subject.key(),
            &message(name(&subject), caller.name.clone()),
        )])),
        Some(reply) => {
            context
                .cache
                .borrow_mut()
                .forget(&subject.app.name, &subject.account);
            answer(context, &subject, reply)
        }
    }
}

fn answer(context: &Context<'_>, subject: &Subject<'_>, reply: &Reply) -> Result<Step, Problem> {
    match reply {
        Reply::Status(status) => Ok(Step::Answer(Answer::json(200, written(status)))),
        Reply::Trail { entries, next } => Ok(Step::Answer(page_of_trail(
            context, subject, entries, *next,
        ))),
        Reply::Done => Ok(Step::Answer(Answer::new(204))),
        Reply::Problem(problem) => Err(supply::with_login(context, subject, problem.clone())),
        _ => Err(supply::vault_failed()),
    }
}

fn page_of_trail(
    context: &Context<'_>,
    subject: &Subject<'_>,
    entries: &str,
    next: Option<u64>,
) -> Answer {
    let answer = Answer::json(200, entries.to_owned());
    let (app, account) = (&subject.app.name, &subject.account);
    match next {
        None => answer,
        Some(before) => next_page(
            context,
            answer,
            &format!("/{app}/{account}/audit?before={before}"),
        ),
    }
}

/// The answer with a link to the page after it (RFC 8288).
fn next_page(context: &Context<'_>, answer: Answer, below: &str) -> Answer {
    let base = &context.config.base_path;
    answer.header("link", format!("<{base}/connections{below}>; rel=\"next\""))
}

/// `GET /connections`: first the directory is asked for names, then every vault for its state, so that what is told is
/// never older than the question. More than one page is linked with `Link: …; rel="next"` (RFC 8288).
///
/// # Errors
/// Why it cannot be told.
pub(crate) fn connections(context: &Context<'_>) -> Result<Step, Problem> {
    let caller = Principal::caller(context, Can::Admin)?;
    let after = after(context)?;
    match context.event.replies.first() {
        None if context.event.failed == Some(Failed::Vault) => Err(supply::vault_failed()),
        None => Ok(Step::Ask(vec![ask_directory(after, PAGE)])),
        Some(Reply::Names { names }) => ask_vaults(context, caller, names, after.as_ref()),
        Some(_) => page(context),
    }
}

fn ask_directory(after: Option<Name>, names: usize) -> Ask {
    let limit = u32::try_from(names).unwrap_or(u32::MAX);
    message::ask(DIRECTORY.to_owned(), &Message::List { after, limit })
}

/// The cursor: `?after={app}/{account}`.
fn after(context: &Context<'_>) -> Result<Option<Name>, Problem> {
    let after = context.incoming.url.parameter("after")?;
    let read = |text: String| {
        let (app, account) = text.split_once('/')?;
        Some(Name {
            app: app.to_owned(),
            account: account.to_owned(),
        })
    };
    match after.map(read) {
        None => Ok(None),
        Some(Some(name)) => Ok(Some(name)),
        Some(None) => Err(Problem::new(
            Code::BadRequest,
            "The parameter after is {app}/{account}.",
        )),
    }
}

/// The configured accounts and those of the directory, in one order. If the directory may have more, the page goes no further
/// than it does, and it is asked beside the vaults: for nothing, which marks that there is another page, or, if none of
/// these is for the caller, for those behind them.
fn ask_vaults(
    context: &Context<'_>,
    caller: &Caller,
    stored: &[Name],
    after: Option<&Name>,
) -> Result<Step, Problem> {
    let configured = context.config.apps.values().flat_map(|app| {
        app.accounts.listed().map(|account| Name {
            app: app.name.clone(),
            account: account.to_owned(),
        })
    });
    let last = stored.last().filter(|_| stored.len().is_multiple_of(PAGE));
    let mut names: Vec<Name> = Vec::new();
    for name in configured.chain(stored.iter().cloned()) {
        if Some(&name) > after
            && last.is_none_or(|last| name <= *last)
            && let Err(place) = names.binary_search(&name)
        {
            names.insert(place, name);
        }
    }
    let mut asks: Vec<Ask> = names
        .iter()
        .filter(|name| caller.may(&name.app, &name.account))
        .filter_map(|name| Subject::find(context.config, &name.app, Cow::Borrowed(&name.account)))
        .map(|subject| message::ask(subject.key(), &Message::Status(name(&subject))))
        .take(PAGE)
        .collect();
    let behind = if asks.is_empty() { MANY } else { 0 };
    asks.extend(last.map(|last| ask_directory(Some(last.clone()), behind)));
    if asks.is_empty() {
        page(context)
    } else {
        Ok(Step::Ask(asks))
    }
}

fn page(context: &Context<'_>) -> Result<Step, Problem> {
    let mut states = Vec::new();
    for reply in &context.event.replies {
        if let Reply::Status(status) = reply {
            states.push(status);
        }
    }
    let full =
        states.len() >= PAGE || matches!(context.event.replies.last(), Some(Reply::Names { .. }));
    let list = json::list(&states, |state| written(state));
    let answer = Answer::json(200, list);
    Ok(Step::Answer(match states.last().filter(|_| full) {
        None => answer,
        Some(last) => next_page(
            context,
            answer,
            &format!("?after={}/{}", last.app, last.account),
        ),
    }))
}

fn written(status: &StatusReply) -> String {
    status.write(&mut Object::new()).finish()
}

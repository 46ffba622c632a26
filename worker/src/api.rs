//! `/api/{app}/{account}/{path…}`: judge, get the token, forward, and once more if the token was rejected.

use std::{borrow::Cow, rc::Rc};

use tillgate_core::gate::{self, Authorized, Method, Query, TargetPath};

use crate::{
    cache::Supply,
    callers::{Can, Principal, Subject},
    handle::Context,
    message::Reply,
    problem::{Code, Problem},
    router::Place,
    step::{Failed, Forward, Step, USUAL_HEADERS},
    supply::{self, Obtained, Source},
};

/// Headers on every answer of a platform's API that is passed on: it is rendered nowhere, whatever it is.
const ANSWER_HEADERS: [(&str, &str); 3] = [
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("content-security-policy", "default-src 'none'; sandbox"),
];

/// Decides a forwarded call.
///
/// # Errors
/// Every reason not to forward it, as a problem.
pub(crate) fn api(context: &Context<'_>, place: Place<'_>, path: &str) -> Result<Step, Problem> {
    let principal = Principal::of(context)?;
    let (subject, session) = match &principal {
        Principal::Caller(caller) => {
            caller.check(Can::Api)?;
            (Subject::of_caller(context.config, caller, place)?, None)
        }
        Principal::Session(session) => (
            Subject::of_session(context.config, session, place)?,
            Some(session.id.as_str()),
        ),
    };
    let about = |problem: Problem| problem.about(&subject.app.name, &subject.account);
    if let Some(failed) = context
        .event
        .failed
        .filter(|failed| *failed != Failed::Vault)
    {
        return Err(about(failure(failed, subject.app.max_body_bytes)));
    }
    let authorized = authorize(context, &subject, path).map_err(about)?;
    check_body(context, subject.app.max_body_bytes).map_err(about)?;
    if let Some(rejected) = &context.event.rejected {
        return after_rejection(context, &subject, session, authorized, rejected);
    }
    match supply::obtain(context, &subject, session)? {
        Obtained::First(step) => Ok(step),
        Obtained::Supply(supply, source) => forward(context, &subject, authorized, supply, source),
    }
}

fn authorize<'a>(
    context: &'a Context<'_>,
    subject: &'a Subject<'_>,
    path: &'a str,
) -> Result<Authorized<'a>, Problem> {
    let method = Method::parse(context.incoming.method);
    let method = method.ok_or_else(|| {
        Problem::new(Code::BadRequest, "The method is not one that is forwarded.")
    })?;
    let path = TargetPath::parse(path)
        .map_err(|error| Problem::new(Code::BadRequest, format!("Below the account, {error}.")))?;
    let refusal = || {
        let detail = format!(
            "No rule in \"allow\" of this app lets {} of this path pass.",
            context.incoming.method
        );
        Problem::new(Code::PathNotAllowed, detail)
    };
    gate::authorize(&subject.app.allow, method, &subject.account, path).ok_or_else(refusal)
}

fn check_body(context: &Context<'_>, most: u64) -> Result<(), Problem> {
    let length = context.incoming.headers.get("content-length");
    let length = length.as_deref();
    let without_meaning = matches!(context.incoming.method, "GET" | "HEAD");
    match length.map(str::parse::<u64>) {
        Some(Ok(length)) if length > most => Err(failure(Failed::BodyTooLarge, most)),
        Some(Err(_)) => Err(Problem::new(
            Code::BadRequest,
            "Content-Length is not a number.",
        )),
        // It would have no meaning (RFC 9110 §9.3.1, §9.3.2), and the runtime cannot send it.
        _ if without_meaning && has_body(context, length) => Err(Problem::new(
            Code::BadRequest,
            "A GET or HEAD request has no body.",
        )),
        _ => Ok(()),
    }
}

fn has_body(context: &Context<'_>, length: Option<&str>) -> bool {
    let chunked = || context.incoming.headers.get("transfer-encoding").is_some();
    length.is_some_and(|length| length != "0") || chunked()
}

/// Whether the request may be sent once more: a body can be sent once only, and GET and HEAD have none.
fn is_repeatable(context: &Context<'_>, method: Method) -> bool {
    let without_body = || {
        let length = || context.incoming.headers.get("content-length");
        matches!(method, Method::Get | Method::Head) || !has_body(context, length().as_deref())
    };
    method.is_repeatable() && without_body()
}

fn forward(
    context: &Context<'_>,
    subject: &Subject<'_>,
    authorized: Authorized<'_>,
    supply: Rc<Supply>,
    source: Source,
) -> Result<Step, Problem> {
    let query = Query::parse(context.incoming.url.query.unwrap_or_default())
        .map_err(|error| Problem::new(Code::BadRequest, format!("Below the account, {error}.")))?;
    let target = authorized.target(query);
    let mut answer_headers = Vec::with_capacity(USUAL_HEADERS);
    for (name, value) in ANSWER_HEADERS.iter().chain([&source.server_timing()]) {
        answer_headers.push((*name, Cow::Borrowed(*value)));
    }
    Ok(Step::Forward(Box::new(Forward {
        url: target.url(subject.app.app.api()),
        supply,
        answer_headers,
        repeatable: is_repeatable(context, target.method()),
        max_body_bytes: subject.app.max_body_bytes,
    })))
}

/// The platform answered 401: the vault decides whether that costs the token, and with a new one a request that is safe
/// to repeat is sent once more. Otherwise the 401 is the caller's answer.
fn after_rejection(
    context: &Context<'_>,
    subject: &Subject<'_>,
    session: Option<&str>,
    authorized: Authorized<'_>,
    rejected: &str,
) -> Result<Step, Problem> {
    let Some(reply) = context.event.replies.first() else {
        if context.event.failed.is_some() {
            return Ok(Step::Pass);
        }
        let (app, account) = (&subject.app.name, &subject.account);
        let held = context
            .cache
            .borrow()
            .get(app, account, session, context.incoming.now);
        return match held {
            // A late 401 for an older token: this isolate has a newer one already.
            Some(supply) if supply.ticket != rejected => {
                once_more(context, subject, authorized, supply, Source::Memory)
            }
            _ => {
                context.cache.borrow_mut().forget(app, account);
                Ok(supply::ask_vault(subject, session, Some(rejected)))
            }
        };
    };
    match reply {
        Reply::Problem(problem) if problem.code == Code::LoginRequired => {
            Err(supply::with_login(context, subject, problem.clone()))
        }
        Reply::Token(token) if token.ticket != rejected => {
            let (supply, source) = supply::receive(context, subject, session, reply)?;
            once_more(context, subject, authorized, supply, source)
        }
        _ => Ok(Step::Pass),
    }
}

/// Sends the request again if that is safe; otherwise the 401 is the caller's answer.
fn once_more(
    context: &Context<'_>,
    subject: &Subject<'_>,
    authorized: Authorized<'_>,
    supply: Rc<Supply>,
    source: Source,
) -> Result<Step, Problem> {
    let step = forward(context, subject, authorized, supply, source)?;
    let repeatable = matches!(&step, Step::Forward(forward) if forward.repeatable);
    Ok(if repeatable { step } else { Step::Pass })
}

fn failure(failed: Failed, most: u64) -> Problem {
    match failed {
        Failed::Network => Problem::new(
            Code::PlatformUnavailable,
            "The platform cannot be reached. Whether it acted on the request is not known.",
        )
        .retry_after(1),
        Failed::Timeout => Problem::new(
            Code::PlatformTimeout,
            "The platform did not answer in time. Whether it acted on the request is not known.",
        ),
        Failed::BodyTooLarge => Problem::new(
            Code::BodyTooLarge,
            format!("A body has at most {most} bytes for this app."),
        ),
        Failed::Refused => Problem::new(
            Code::PlatformAnswerInvalid,
            "The platform answered with a redirect, which is not followed, or with an unknown status.",
        ),
        Failed::Echo => Problem::new(
            Code::PlatformAnswerInvalid,
            "The platform's answer repeated its token and was held back.",
        ),
        Failed::Vault => supply::vault_failed(),
    }
}

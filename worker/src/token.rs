//! `POST /token/{app}/{account}`: the token for a back-end, with everything it needs to call the platform by itself.

use tillgate_core::json::Object;

use crate::{
    cache::Supply,
    callers::{Can, Principal, Subject},
    handle::Context,
    problem::Problem,
    router::Place,
    step::{Answer, Step},
    supply::{self, Obtained},
};

/// Answers with the token.
///
/// # Errors
/// Why the caller may not have it, or why there is none.
pub(crate) fn token(context: &Context<'_>, place: Place<'_>) -> Result<Step, Problem> {
    let caller = Principal::caller(context, Can::Token)?;
    let subject = Subject::of_caller(context.config, caller, place)?;
    match supply::obtain(context, &subject, None)? {
        Obtained::First(step) => Ok(step),
        Obtained::Supply(supply, source) => {
            let (name, value) = source.server_timing();
            let answer = supply.answer(context.incoming.now, || body(context, &subject, &supply));
            Ok(Step::Answer(Answer::json(200, answer).header(name, value)))
        }
    }
}

fn body(context: &Context<'_>, subject: &Subject<'_>, supply: &Supply) -> String {
    let headers = supply
        .headers
        .value()
        .expose("a caller with `token` gets the headers to send");
    let mut json = Object::new();
    for (name, value) in headers {
        json.text(name, value);
    }
    let headers = json.finish();
    let access_token = supply
        .access_token
        .expose("a caller with `token` gets the token");
    json.text("access_token", access_token)
        .text("token_type", "Bearer")
        .whole("expires_in", context.incoming.now.until(supply.expires_at))
        .time("expires_at", supply.expires_at)
        .json("headers", &headers)
        .text("base_url", subject.app.app.api().as_str())
        .finish()
}

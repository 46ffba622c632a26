//! One request, decided: what comes in, which route it is, and what every answer carries.

use std::cell::{OnceCell, RefCell};

use tillgate_core::json::Object;

use crate::{
    admin, api,
    cache::Cache,
    callers::Can,
    config::{Caller, Callers, Config, Invalid},
    cors::{self, Page},
    incoming::Incoming,
    jwt::{self, Ring},
    login, logout,
    problem::{Code, Problem},
    router::Route,
    step::{Answer, Event, HeaderList, Limited, Step},
    token,
};

/// The version that `/health` tells.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The longest period that Cloudflare's rate limits have, in seconds.
const RATE_LIMIT_PERIOD: u64 = 60;
/// All routes as OpenAPI 3.1, as `GET /openapi.json` tells them.
const OPENAPI: &str = include_str!(concat!(env!("OUT_DIR"), "/openapi.json"));

/// Everything that deciding about a request needs.
pub(crate) struct Context<'a> {
    /// The configuration.
    pub(crate) config: &'a Config,
    /// This isolate's copies of tokens.
    pub(crate) cache: &'a RefCell<Cache>,
    /// This isolate's copies of issuers' keys.
    pub(crate) ring: &'a RefCell<Ring>,
    /// The request.
    pub(crate) incoming: &'a Incoming<'a>,
    /// What became of the step before.
    pub(crate) event: &'a Event,
    /// The caller whose JWT was found good.
    pub(crate) caller: OnceCell<Caller>,
}

impl Context<'_> {
    /// The URL of a route of this worker.
    pub(crate) fn own_url(&self, path: &str) -> String {
        format!(
            "{}{}{path}",
            self.incoming.url.origin, self.config.base_path
        )
    }

    /// Where a merchant logs in.
    pub(crate) fn login_url(&self, app: &str, merchant_id: &str) -> String {
        self.own_url(&format!("/login/{app}?merchant_id={merchant_id}"))
    }
}

/// Decides what to do next about a request.
pub(crate) fn handle(
    config: &Result<Config, Invalid>,
    cache: &RefCell<Cache>,
    ring: &RefCell<Ring>,
    incoming: &Incoming<'_>,
    event: &Event,
) -> Step {
    let step = match config {
        Ok(config) => configured(&Context {
            config,
            cache,
            ring,
            incoming,
            event,
            caller: OnceCell::new(),
        }),
        Err(invalid) => unconfigured(invalid, incoming),
    };
    step.map_answers(&complete)
}

/// Refuses a request that cannot even be read.
pub(crate) fn unreadable(problem: &Problem, request_id: &str) -> Step {
    Step::Answer(complete(problem.answer(request_id)))
}

/// Adds what every answer of the worker's own carries.
fn complete(answer: Answer) -> Answer {
    answer
        .header("cache-control", "no-store")
        .header("x-content-type-options", "nosniff")
}

fn configured(context: &Context<'_>) -> Step {
    let incoming = context.incoming;
    let route = Route::parse(&context.config.base_path, incoming.url.path);
    // A browser that comes back from Clover is no page calling; some send `Origin: null` then.
    if let Some(route @ (Route::Login(_) | Route::Callback(_))) = route {
        return decide(context, route);
    }
    match (Page::of(incoming, context.config), route) {
        // Anyone may ask; whether a page may read the answer is another question, which a missing header answers.
        (Err(_), Some(route @ (Route::Health | Route::OpenApi))) => {
            with_headers(decide(context, route), Page::Own.headers())
        }
        (Err(problem), _) => with_headers(refuse(incoming, &problem), Page::Own.headers()),
        (Ok(page), _) => {
            let step = match route {
                _ if cors::is_preflight(incoming) => Step::Answer(cors::preflight()),
                Some(route) => decide(context, route),
                None => refuse(incoming, &no_route()),
            };
            with_headers(step, page.headers())
        }
    }
}

fn no_route() -> Problem {
    Problem::new(Code::NotFound, "There is no such route. See /openapi.json.")
}

fn decide(context: &Context<'_>, route: Route<'_>) -> Step {
    let first = route.check_method(context.incoming.method).and_then(|()| {
        let callers = route.has_callers().then(|| jwt::identify(context));
        callers.unwrap_or(Ok(None))
    });
    let decided = first.and_then(|first| first.map_or_else(|| act(context, route), Ok));
    decided.unwrap_or_else(|problem| turn_away(context, &problem))
}

/// Refuses. Keys that are not known are counted for the address that sends them; whoever has a key that is known never gets
/// here, whatever else came from that address.
fn turn_away(context: &Context<'_>, problem: &Problem) -> Step {
    let incoming = context.incoming;
    let header = |name| incoming.headers.get(name);
    // A JWT cannot be guessed, and one that has ended is nothing unusual.
    let is_key = |text: String| !jwt::is_meant(&context.config.callers, &text);
    let guess =
        problem.code == Code::Unauthenticated && header("authorization").is_some_and(is_key);
    match guess.then(|| header("cf-connecting-ip")).flatten() {
        None => refuse(incoming, problem),
        Some(address) => Step::Limit(Box::new(Limited {
            address,
            within: problem.answer(incoming.request_id),
            beyond: too_many().answer(incoming.request_id),
        })),
    }
}

fn too_many() -> Problem {
    let detail = "Too many keys that are not known came from this address. Try again after retry_after seconds.";
    Problem::new(Code::RateLimited, detail).retry_after(RATE_LIMIT_PERIOD)
}

/// What the route does.
fn act(context: &Context<'_>, route: Route<'_>) -> Result<Step, Problem> {
    match route {
        Route::Health => Ok(Step::Answer(health("ok"))),
        Route::OpenApi => Ok(Step::Answer(Answer::json(200, OPENAPI.to_owned()))),
        Route::Api(place, path) => api::api(context, place, path),
        Route::Token(place) if context.incoming.method == "DELETE" => admin::forget(context, place),
        Route::Token(place) => token::token(context, place),
        Route::Refresh(place) => admin::refresh(context, place),
        Route::Connections => admin::connections(context),
        Route::Connection(place) => admin::connection(context, place),
        Route::Audit(place) => admin::audit(context, place),
        Route::Login(app) => login::login(context, app),
        Route::Callback(app) => Ok(login::callback(context, app)),
        Route::Session => logout::session(context),
        Route::Logout => logout::logout(context),
    }
}

/// Until the configuration is mended only `/health` works, and only an administrator learns why.
fn unconfigured(invalid: &Invalid, incoming: &Incoming<'_>) -> Step {
    let route = Route::parse(&invalid.base_path, incoming.url.path);
    if route == Some(Route::Health) && matches!(incoming.method, "GET" | "HEAD") {
        return Step::Answer(self::health("config_invalid"));
    }
    let mistakes = is_admin(&invalid.callers, incoming).then_some(invalid.mistakes.as_slice());
    let detail = "The configuration has mistakes. The log names them, and so does this answer to an administrator's key.";
    refuse(
        incoming,
        &Problem::new(Code::ConfigInvalid, detail).errors(mistakes.unwrap_or_default()),
    )
}

fn is_admin(callers: &Callers, incoming: &Incoming<'_>) -> bool {
    let authorization = incoming.headers.get("authorization").unwrap_or_default();
    let key = authorization.split_once(' ').map(|(_, key)| key);
    key.and_then(|key| callers.find(key))
        .is_some_and(|caller| caller.check(Can::Admin).is_ok())
}

fn health(status: &str) -> Answer {
    let json = Object::new()
        .text("status", status)
        .text("version", VERSION)
        .finish();
    Answer::json(200, json)
}

fn refuse(incoming: &Incoming<'_>, problem: &Problem) -> Step {
    Step::Answer(problem.answer(incoming.request_id))
}

fn with_headers(step: Step, headers: HeaderList) -> Step {
    match step {
        Step::Forward(mut forward) => {
            forward.answer_headers.extend(headers);
            Step::Forward(forward)
        }
        other => other.map_answers(&|mut answer| {
            answer.headers.extend(headers.iter().cloned());
            answer
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_str};

    use super::*;

    #[test]
    fn what_is_told_of_the_routes_is_what_the_file_says_without_its_line_breaks() {
        let told: Value = from_str(OPENAPI).unwrap();
        let written: Value = from_str(include_str!("../openapi.json")).unwrap();
        assert_eq!(told, written);
        assert!(!OPENAPI.contains('\n'));
    }
}

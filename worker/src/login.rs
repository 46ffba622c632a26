//! `/login/{app}` and `/callback/{app}`: a merchant's way to Clover and back.
//!
//! What a login has to remember is sealed into a cookie of the browser that begins it, so a forged callback costs
//! neither storage nor a request. Whether a state was used before is known to an object that is named after it.

use std::borrow::Cow;

use tillgate_core::{
    authorization::{
        AUTHORIZATION_LIFETIME, Authorization, Callback, CallbackError, CallbackQuery,
    },
    clover::{self, MerchantId},
    form,
    json::{Json, Object},
    platform::App,
    time::MINUTE,
};
use zeroize::Zeroizing;

use crate::{
    callers::Subject,
    config::ConfiguredApp,
    cookies::Cookie,
    handle::Context,
    message::{self, Message, Reply, SessionReply},
    page::{self, Ways},
    problem::{Code, Problem},
    random,
    return_to::ReturnTo,
    session::Session,
    step::{Answer, Failed, Step},
    supply::{self, name},
};

/// Separates login cookies from everything else that is sealed.
const PURPOSE: &str = "login";
/// How long a launch without state is remembered, in seconds: a second one within it is an endless bounce.
const LAUNCH_MEMORY: u64 = 2 * MINUTE;

/// What the login cookie says.
struct Remembered {
    app: String,
    authorization: Authorization,
}

impl Remembered {
    fn write(&self) -> String {
        Object::new()
            .text("app", &self.app)
            .json("authorization", &self.authorization.to_record())
            .finish()
    }

    fn read(json: &[u8]) -> Option<Self> {
        let json = Json::parse(json)?;
        let app = json.text("app")?;
        Some(Self {
            authorization: Authorization::from_record(json.get("authorization")?)?,
            app: app.to_owned(),
        })
    }
}

/// Sends a merchant to Clover.
///
/// # Errors
/// `not_found` for an app without logins, `bad_request` for a `return_to` or `merchant_id` that cannot be.
pub(crate) fn login(context: &Context<'_>, app: &str) -> Result<Step, Problem> {
    let (app, clover) = clover_app(context, app)?;
    let return_to = context.incoming.url.parameter("return_to")?;
    let return_to = ReturnTo::parse(return_to.as_deref(), context.config)?;
    let merchant_id = context.incoming.url.parameter("merchant_id")?;
    let merchant_id = merchant_id
        .map(|text| MerchantId::parse(&text).ok_or_else(bad_merchant))
        .transpose()?;
    begin(context, app, clover, &return_to, merchant_id.as_ref()).map(Step::Answer)
}

fn bad_merchant() -> Problem {
    Problem::new(
        Code::BadRequest,
        "merchant_id is a merchant id of letters and digits.",
    )
}

fn clover_app<'a>(
    context: &'a Context<'_>,
    name: &str,
) -> Result<(&'a ConfiguredApp, &'a clover::App), Problem> {
    let missing = || {
        Problem::new(
            Code::NotFound,
            "There is no app of this name that merchants log in to.",
        )
    };
    let app = context.config.apps.get(name).ok_or_else(missing)?;
    match &app.app {
        App::Clover(clover) => Ok((app, clover)),
        App::Clopos(_) | App::Clearline(_) => Err(missing()),
    }
}

fn begin(
    context: &Context<'_>,
    app: &ConfiguredApp,
    clover: &clover::App,
    return_to: &ReturnTo,
    merchant_id: Option<&MerchantId>,
) -> Result<Answer, Problem> {
    let now = context.incoming.now;
    let (url, authorization) = clover::authorize(
        clover,
        random::bytes()?,
        now,
        return_to.as_str(),
        merchant_id,
    );
    let internal = || Problem::new(Code::Internal, "The login could not be sealed.");
    let cookie = Cookie::login(context.incoming, authorization.state()).ok_or_else(internal)?;
    let remembered = Remembered {
        app: app.name.clone(),
        authorization,
    };
    let sealed = context
        .config
        .seal_keys
        .seal_text(PURPOSE, remembered.write().as_bytes(), random::bytes()?)
        .map_err(|_| internal())?;
    let (name, value) = cookie.set(&sealed, AUTHORIZATION_LIFETIME);
    Ok(Answer::new(302)
        .header("location", url)
        .header("referrer-policy", "no-referrer")
        .header(name, value))
}

/// Takes a merchant back from Clover. Whatever goes wrong is shown as a page, since a person is looking.
pub(crate) fn callback(context: &Context<'_>, app: &str) -> Step {
    decide(context, app).unwrap_or_else(|problem| {
        let ways = clover_app(context, app).map(|(app, _)| ways(context, app));
        let request_id = context.incoming.request_id;
        Step::Answer(page::failure(
            &problem,
            &ways.unwrap_or_default(),
            request_id,
        ))
    })
}

/// Where the merchant may go on: the same login and the place it would have ended at, as far as this browser still
/// remembers them.
fn ways(context: &Context<'_>, app: &ConfiguredApp) -> Ways {
    let mut login = context.own_url(&format!("/login/{}", app.name));
    let query = CallbackQuery::parse(context.incoming.url.query.unwrap_or_default()).ok();
    let state = query.and_then(|query| query.state().map(str::to_owned));
    let authorization = state.and_then(|state| remembered(context, app, &state));
    let back = authorization.map(|authorization| authorization.return_to().to_owned());
    if let Some(back) = &back {
        let mut query = String::new();
        form::append(&mut query, "return_to", back);
        login = format!("{login}?{query}");
    }
    Ways {
        login: Some(login),
        back,
    }
}

fn decide(context: &Context<'_>, app: &str) -> Result<Step, Problem> {
    let (app, clover) = clover_app(context, app)?;
    let text = context.incoming.url.query.unwrap_or_default();
    let query = CallbackQuery::parse(text).map_err(callback_problem)?;
    if query.is_launch() {
        return launch(context, app, clover, &query).map(Step::Answer);
    }
    let state = query.state().map(str::to_owned).unwrap_or_default();
    let authorization = remembered(context, app, &state)
        .ok_or_else(|| callback_problem(CallbackError::StateMismatch))?;
    let callback = authorization
        .accept(clover, query, context.incoming.now)
        .map_err(callback_problem)?;
    let subject = subject(context, app, &callback)?;
    if context.event.failed == Some(Failed::Vault) {
        return Err(supply::vault_failed());
    }
    match context.event.replies.first() {
        None => {
            let until = authorization.expires_at();
            Ok(Step::Ask(vec![message::ask(
                message::login_object(&state),
                &Message::Consume { until },
            )]))
        }
        Some(Reply::Consumed { first: true }) => {
            let query = Zeroizing::new(text.to_owned());
            let redeem = Message::Redeem {
                name: name(&subject),
                authorization,
                query,
            };
            Ok(Step::Ask(vec![message::ask(subject.key(), &redeem)]))
        }
        Some(Reply::Consumed { first: false }) => Err(Problem::new(
            Code::StateInvalid,
            "This login was already used. Start it again.",
        )),
        Some(Reply::Session(reply)) => {
            arrive(context, &subject, &authorization, reply).map(Step::Answer)
        }
        Some(Reply::Problem(problem)) => Err(problem.clone()),
        Some(_) => Err(supply::vault_failed()),
    }
}

/// The login that this browser began with this state, for this app.
fn remembered(context: &Context<'_>, app: &ConfiguredApp, state: &str) -> Option<Authorization> {
    let cookie = Cookie::login(context.incoming, state)?.read(context.incoming)?;
    let json = context.config.seal_keys.open_text(PURPOSE, &cookie).ok()?;
    let remembered = Remembered::read(&json)?;
    (remembered.app == app.name).then_some(remembered.authorization)
}

fn subject<'a>(
    context: &'a Context<'_>,
    app: &ConfiguredApp,
    callback: &Callback,
) -> Result<Subject<'a>, Problem> {
    let account = Cow::Owned(callback.merchant_id().as_str().to_owned());
    Subject::find(context.config, &app.name, account).ok_or_else(|| {
        Problem::new(
            Code::CallbackInvalid,
            "This merchant is not one that this app works for.",
        )
    })
}

/// Clover's dashboard and App Market send merchants here with a code and without state. That code is never redeemed:
/// a fresh login begins instead, once.
fn launch(
    context: &Context<'_>,
    app: &ConfiguredApp,
    clover: &clover::App,
    query: &CallbackQuery,
) -> Result<Answer, Problem> {
    let memory = Cookie::launch(context.incoming);
    if memory.read(context.incoming).is_some() {
        let detail = "Clover sent this browser back without the state of its login, twice. Start the login from our page.";
        return Err(Problem::new(Code::StateInvalid, detail));
    }
    let return_to = ReturnTo::parse(None, context.config)?;
    let answer = begin(context, app, clover, &return_to, query.merchant_id())?;
    let (name, value) = memory.set("1", LAUNCH_MEMORY);
    Ok(answer.header(name, value))
}

fn arrive(
    context: &Context<'_>,
    subject: &Subject<'_>,
    authorization: &Authorization,
    reply: &SessionReply,
) -> Result<Answer, Problem> {
    let session = Session::begun(&subject.app.name, &subject.account, reply);
    let cookies = [
        Some(session.set_cookie(context.incoming, context.config)?),
        Cookie::login(context.incoming, authorization.state()).map(|cookie| cookie.clear()),
        Some(Cookie::launch(context.incoming).clear()),
    ];
    context
        .cache
        .borrow_mut()
        .forget(&subject.app.name, &subject.account);
    let answer = Answer::new(303)
        .header("location", authorization.return_to().to_owned())
        .header("referrer-policy", "no-referrer");
    Ok(cookies
        .into_iter()
        .flatten()
        .fold(answer, |answer, (name, value)| answer.header(name, value)))
}

/// The problem of a callback that is not believed.
fn callback_problem(error: CallbackError) -> Problem {
    let (code, detail) = match error {
        CallbackError::StateMissing | CallbackError::StateMismatch => (
            Code::StateInvalid,
            "This login was not started in this browser, or its cookie is gone. Start it again from the page you came from.",
        ),
        CallbackError::Expired => (
            Code::StateInvalid,
            "The login took longer than ten minutes. Start it again.",
        ),
        CallbackError::ClientMismatch => (
            Code::CallbackInvalid,
            "The callback belongs to another app. Start the login again.",
        ),
        CallbackError::Denied => (
            Code::CallbackInvalid,
            "Clover did not authorize the login, for instance because it was cancelled.",
        ),
        CallbackError::CodeMissing | CallbackError::MerchantMissing => (
            Code::CallbackInvalid,
            "Clover's answer is incomplete. Start the login again.",
        ),
        CallbackError::Repeated | CallbackError::Malformed => (
            Code::CallbackInvalid,
            "The callback cannot be read. Start the login again.",
        ),
    };
    Problem::new(code, detail)
}

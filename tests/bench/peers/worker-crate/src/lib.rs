//! The router and the fetch of the crate `worker` (workers-rs), as its documentation writes them. It checks no keys.

use std::cell::RefCell;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use worker::{
    Context, Date, Env, Fetch, Headers, Method, Request, RequestInit, Response, Result,
    RouteContext, Router, event,
};

#[derive(Clone)]
struct Token {
    access_token: String,
    expires_at: u64,
}

thread_local! {
    static TOKEN: RefCell<Option<Token>> = const { RefCell::new(None) };
}

#[derive(Deserialize)]
struct TokenResponse {
    access_token: String,
    expires_in: u64,
}

#[derive(Serialize)]
struct TokenAnswer<'a> {
    access_token: &'a str,
    token_type: &'a str,
    expires_in: u64,
    expires_at: u64,
}

#[derive(Serialize)]
struct State<'a> {
    state: &'a str,
    expires_at: u64,
}

fn now() -> u64 {
    Date::now().as_millis() / 1000
}

async fn exchange(env: &Env) -> Result<Token> {
    let (id, secret) = (env.var("CLIENT_ID")?, env.var("CLIENT_SECRET")?);
    let headers = Headers::new();
    let basic = STANDARD.encode(format!("{id}:{secret}"));
    headers.set("authorization", &format!("Basic {basic}"))?;
    headers.set("content-type", "application/x-www-form-urlencoded")?;
    let mut init = RequestInit::new();
    init.with_method(Method::Post)
        .with_headers(headers)
        .with_body(Some(
            "grant_type=client_credentials&scope=pos_integration".into(),
        ));
    let url = format!("{}/connect/token", env.var("UPSTREAM")?);
    let mut response = Fetch::Request(Request::new_with_init(&url, &init)?)
        .send()
        .await?;
    let answer: TokenResponse = response.json().await?;
    let token = Token {
        access_token: answer.access_token,
        expires_at: now() + answer.expires_in,
    };
    TOKEN.set(Some(token.clone()));
    Ok(token)
}

async fn current(env: &Env) -> Result<Token> {
    let held = TOKEN.with_borrow(|held| held.clone().filter(|token| token.expires_at > now()));
    match held {
        Some(token) => Ok(token),
        None => exchange(env).await,
    }
}

async fn token(_: Request, context: RouteContext<()>) -> Result<Response> {
    let token = current(&context.env).await?;
    let mut response = Response::from_json(&TokenAnswer {
        access_token: &token.access_token,
        token_type: "Bearer",
        expires_in: token.expires_at - now(),
        expires_at: token.expires_at,
    })?;
    response.headers_mut().set("cache-control", "no-store")?;
    Ok(response)
}

async fn forward(request: Request, context: RouteContext<()>) -> Result<Response> {
    let token = current(&context.env).await?;
    let headers = Headers::new();
    headers.set("authorization", &format!("Bearer {}", token.access_token))?;
    if let Some(content_type) = request.headers().get("content-type")? {
        headers.set("content-type", &content_type)?;
    }
    let mut init = RequestInit::new();
    init.with_method(request.method())
        .with_headers(headers)
        .with_body(request.inner().body().map(Into::into));
    let rest = context.param("path").map_or("", String::as_str);
    let url = format!("{}/{rest}", context.env.var("UPSTREAM")?);
    Fetch::Request(Request::new_with_init(&url, &init)?)
        .send()
        .await
}

async fn refresh(_: Request, context: RouteContext<()>) -> Result<Response> {
    let Token { expires_at, .. } = exchange(&context.env).await?;
    Response::from_json(&State {
        state: "fresh",
        expires_at,
    })
}

#[event(fetch)]
async fn fetch(request: Request, env: Env, _: Context) -> Result<Response> {
    Router::new()
        .post_async("/token/:app/:account", token)
        .on_async("/api/:app/:account/*path", forward)
        .post_async("/refresh/:app/:account", refresh)
        .run(request, env)
        .await
}

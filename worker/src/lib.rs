//! The edge worker: keeps client secrets, obtains and renews tokens, and forwards API calls with the token injected.
//!
//! Deciding is synchronous and in Rust. Waiting and sending are in `worker/*.js`, which carries out each `step::Step` and
//! each turn of a flight and decides nothing itself. What a platform says and what a token's life is stands in
//! `tillgate_core`. Only `runtime` knows JavaScript; everything else compiles and is tested natively as well.
//!
//! | question | module |
//! |---|---|
//! | What did the operator configure? | `config` |
//! | What is read of a request? | `incoming`, `return_to` |
//! | Where does a request go, what do all answers carry? | `handle`, `router`, `cors`, `problem` |
//! | Who calls, about which connection? | `callers`, `jwt`, `session`, `cookies` |
//! | What does each route do? | `api`, `token`, `admin`, `login` with its `page`, `logout` |
//! | What is the JavaScript side told to do? | `step`, and `runtime` for the boundary |
//! | Which decisions are given again, which values cross the boundary once? | `decisions`, `lasting` |
//! | Where does a token come from? | `supply`, `cache`, `vault` |
//! | What do worker and vault say to each other? | `message` |
//! | What is stored, and how? | `vault`, `seal`, and `STORAGE.md` |
#![forbid(unsafe_code)]
#![cfg_attr(
    not(target_arch = "wasm32"),
    expect(
        dead_code,
        unused_imports,
        reason = "without `runtime` nothing calls in; the tests do"
    )
)]

mod admin;
mod api;
#[cfg(test)]
mod browsers;
mod cache;
mod callers;
mod config;
mod cookies;
mod cors;
mod decisions;
#[cfg(test)]
mod example;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod handle;
#[cfg(test)]
mod hot_path;
mod incoming;
mod jwt;
mod lasting;
mod login;
mod logout;
mod message;
mod page;
mod problem;
mod random;
mod return_to;
mod router;
#[cfg(target_arch = "wasm32")]
pub mod runtime;
mod seal;
mod session;
mod step;
mod supply;
mod token;
mod vault;

//! What Clopos, Clearline and Clover say about tokens, and what a token's life is.
//!
//! Everything here is a value or a function of values. There is no network, no clock, no randomness, no storage and
//! no JavaScript: requests come out as [`http::Request`], answers go in as [`http::Response`], the time and random
//! numbers are arguments. Whoever holds a socket, a disk and a clock drives it; in this repository that is `worker`.
//!
//! Not in here: HTTP routes, callers, configuration, sealing (the worker), and anything for a browser. The browser
//! package cannot be linked with this crate: both carry the same `links` key and Cargo refuses the pair.
//!
//! | question | module |
//! |---|---|
//! | What does a platform's token request look like, what does its answer mean? | [`clopos`], [`clearline`], [`clover`] through [`exchange`] |
//! | When does a token end, in which headers is it sent? | [`token`], [`platform`] |
//! | What is never shown? | [`secret`] |
//! | May this token still be used, must a new one be had, is it time to wait? | [`connection`] |
//! | May any connection of this app ask its platform? | [`breaker`] |
//! | Does this callback belong to that login? | [`authorization`] |
//! | Which addresses may be configured? | [`endpoint`] |
//! | May this request pass to the platform, and as what? | [`gate`] |
//! | How are JSON and forms read and written, how is a text looked for? | [`json`], [`form`], [`text`] |

pub mod authorization;
pub mod breaker;
pub mod clearline;
pub mod clopos;
pub mod clover;
pub mod connection;
pub mod endpoint;
pub mod exchange;
pub mod form;
pub mod gate;
pub mod http;
pub mod json;
pub mod platform;
mod rfc6749;
pub mod secret;
pub mod text;
pub mod time;
pub mod token;

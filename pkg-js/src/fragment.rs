//! Reads Clover's answer from the two ends of a page's URL, and says what of the URL may stay. Pure: the page's
//! address bar and storage are not touched here.
//!
//! Documented form: `…?&merchant_id=M&client_id=C&employee_id=E#access_token=T`. Whether `state` comes in the query
//! or in the fragment is not documented, so either is read. Every ambiguity is a refusal.

use crate::form::{self, Pair};
use crate::pending::Pending;
use alloc::string::String;
use alloc::vec::Vec;
use zeroize::Zeroizing;

/// The longest token that is taken: 4 KiB, a hundred times a Clover token.
const TOKEN_MAX_BYTES: usize = 4096;

const TOKEN: &str = "access_token";

/// What a page's URL says.
#[derive(Debug)]
pub(crate) enum Reading {
    /// The URL is the page's own: nothing in it comes from an authorization server.
    Unrelated,
    /// An answer, and the query and fragment (with their `?` and `#`) that are left without it.
    Answer {
        /// What may stand in the address bar.
        kept: String,
        /// What the answer is worth.
        verdict: Result<Grant, Refusal>,
    },
}

/// A token, and what Clover says of it. Only the token is proof of anything: the ids come from the URL, and one that
/// is absent there is empty.
pub(crate) struct Grant {
    /// Wiped when dropped.
    pub(crate) access_token: Zeroizing<String>,
    /// The merchant that the token is said to act for.
    pub(crate) merchant_id: String,
    /// The employee who logged in.
    pub(crate) employee_id: String,
    /// The app that the token is said to belong to.
    pub(crate) client_id: String,
}

impl core::fmt::Debug for Grant {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Grant(…)")
    }
}

/// Why an answer gives no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The answer carries no state: a launch from Clover's dashboard, or a forged link.
    StateAbsent,
    /// This tab began no login, or its answer was taken already.
    NothingPending,
    /// The answer is to another login than the one that this tab began.
    StateMismatch,
    /// The token belongs to another app.
    ClientMismatch,
    /// Clover answered with an error.
    AccessDenied,
    /// The answer can be read in more than one way, or in none.
    Malformed(Defect),
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    /// There is no token, though the state is ours.
    TokenAbsent,
    /// There is more than one token.
    TokenTwice,
    /// The token is in the query, where servers and proxies have seen it.
    TokenInQuery,
    /// The token hides inside another parameter or a route.
    TokenMisplaced,
    /// The token is not 1 to 4096 visible ASCII characters.
    TokenInvalid,
    /// There are both a token and an error.
    TokenAndError,
    /// A parameter has two different values, or one that is not visible ASCII.
    ParameterAmbiguous,
}

impl From<Defect> for Refusal {
    fn from(defect: Defect) -> Self {
        Self::Malformed(defect)
    }
}

impl Refusal {
    /// The `code` of the error that a page gets.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::StateAbsent | Self::NothingPending => "state_missing",
            Self::StateMismatch => "state_mismatch",
            Self::ClientMismatch => "client_mismatch",
            Self::AccessDenied => "access_denied",
            Self::Malformed(_) => "malformed",
        }
    }

    /// What happened and what to do. Nothing of the answer itself is in it.
    pub(crate) fn message(self) -> &'static str {
        match self {
            Self::StateAbsent => {
                "The answer carries no state, as after a launch from Clover's dashboard. Start a new login."
            }
            Self::NothingPending => {
                "This tab waits for no answer: the login was begun elsewhere, or answered before. Start a new login."
            }
            Self::StateMismatch => {
                "The answer is to another login than the one this tab began. Start a new login."
            }
            Self::ClientMismatch => {
                "The answer is for another app than the one that was asked for."
            }
            Self::AccessDenied => "Clover answered the login with an error: no access was given.",
            Self::Malformed(defect) => defect.message(),
        }
    }
}

impl Defect {
    fn message(self) -> &'static str {
        match self {
            Self::TokenAbsent => {
                "The answer carries no access_token. May the app use the response type \"token\" at Clover?"
            }
            Self::TokenTwice => "The answer carries more than one access_token.",
            Self::TokenInQuery => "The answer carries an access_token in its query.",
            Self::TokenMisplaced => "The answer carries an access_token inside something else.",
            Self::TokenInvalid => {
                "The answer's access_token is not 1 to 4096 visible ASCII characters."
            }
            Self::TokenAndError => "The answer carries both an access_token and an error.",
            Self::ParameterAmbiguous => {
                "A parameter of the answer stands twice with different values, or is not visible ASCII."
            }
        }
    }
}

/// Reads a page's query and fragment, as `location.search` and `location.hash` give them.
///
/// `pending` is the login that waits for an answer, `client_id` the app that the page expects besides, or empty.
pub(crate) fn read(
    query: &str,
    fragment: &str,
    pending: Option<&Pending>,
    client_id: &str,
) -> Reading {
    let url = PageUrl::new(
        query.strip_prefix(['?']).unwrap_or(query),
        fragment.strip_prefix(['#']).unwrap_or(fragment),
    );
    if !url.is_answer(pending) {
        return Reading::Unrelated;
    }
    Reading::Answer {
        kept: url.kept(),
        verdict: url.verdict(pending, client_id),
    }
}

/// What a parameter is to an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Token,
    State,
    MerchantId,
    EmployeeId,
    ClientId,
    Error,
    /// Part of an answer, and of no use here: it goes with the rest.
    Detail,
    /// Something of the page's in which a token hides.
    Misplaced,
    /// The page's own.
    Own,
}

/// The parameters of an authorization response (RFC 6749, section 4.2.2) and Clover's own beside them.
const ROLES: [(&str, Role); 9] = [
    (TOKEN, Role::Token),
    ("state", Role::State),
    ("merchant_id", Role::MerchantId),
    ("employee_id", Role::EmployeeId),
    ("client_id", Role::ClientId),
    ("error", Role::Error),
    ("error_description", Role::Detail),
    ("error_uri", Role::Detail),
    ("code", Role::Detail),
];

struct Parameter<'a> {
    pair: Pair<'a>,
    role: Role,
    in_query: bool,
}

struct PageUrl<'a> {
    parameters: Vec<Parameter<'a>>,
    fragment: &'a str,
}

impl<'a> PageUrl<'a> {
    fn new(query: &'a str, fragment: &'a str) -> Self {
        let mut parameters = Vec::new();
        for (part, in_query) in [(query, true), (fragment, false)] {
            parameters.extend(form::pairs(part).map(|pair| Parameter {
                pair,
                role: role(pair),
                in_query,
            }));
        }
        Self {
            parameters,
            fragment,
        }
    }

    fn with(&self, role: Role) -> impl Iterator<Item = &Parameter<'a>> {
        self.parameters
            .iter()
            .filter(move |parameter| parameter.role == role)
    }

    fn has(&self, role: Role) -> bool {
        self.with(role).next().is_some()
    }

    /// A state alone is an answer only if it is ours: a page may use the name for something else.
    fn is_answer(&self, pending: Option<&Pending>) -> bool {
        let ours = |login: &Pending| {
            self.with(Role::State)
                .any(|parameter| parameter.pair.value().as_ref() == Some(&login.state))
        };
        self.has(Role::Token)
            || self.has(Role::Misplaced)
            || self.has(Role::Error)
            || pending.is_some_and(ours)
    }

    /// The page's own part of the URL: its query without the answer's parameters, and its fragment, unless the
    /// answer is in it.
    fn kept(&self) -> String {
        let mut kept = String::new();
        let mut fragment = self.fragment;
        for parameter in &self.parameters {
            if parameter.role != Role::Own && !parameter.in_query {
                fragment = "";
            }
            if parameter.role == Role::Own && parameter.in_query {
                kept.push(if kept.is_empty() { '?' } else { '&' });
                kept.push_str(parameter.pair.raw);
            }
        }
        if !fragment.is_empty() {
            kept.push('#');
            kept.push_str(fragment);
        }
        kept
    }

    fn verdict(&self, pending: Option<&Pending>, client_id: &str) -> Result<Grant, Refusal> {
        let token = self.token()?;
        let state = self.single(Role::State)?;
        if self.has(Role::Error) {
            return Err(match token {
                Some(_) => Defect::TokenAndError.into(),
                None => Refusal::AccessDenied,
            });
        }
        let grant = Grant {
            access_token: token.ok_or(Defect::TokenAbsent)?,
            merchant_id: self.single(Role::MerchantId)?,
            employee_id: self.single(Role::EmployeeId)?,
            client_id: self.single(Role::ClientId)?,
        };
        let pending = check_state(&state, pending)?;
        check_client(&grant.client_id, &pending.client_id, client_id)?;
        Ok(grant)
    }

    fn token(&self) -> Result<Option<Zeroizing<String>>, Defect> {
        if self.has(Role::Misplaced) {
            return Err(Defect::TokenMisplaced);
        }
        let mut tokens = self.with(Role::Token);
        let Some(token) = tokens.next() else {
            return Ok(None);
        };
        // The query's parameters come first.
        if token.in_query {
            return Err(Defect::TokenInQuery);
        }
        if tokens.next().is_some() {
            return Err(Defect::TokenTwice);
        }
        token_text(token.pair).map(Some)
    }

    /// A parameter that may stand in the query, in the fragment, or in both with the same value; empty if absent.
    fn single(&self, role: Role) -> Result<String, Defect> {
        let mut values = self.with(role).map(|parameter| parameter.pair.value());
        let Some(first) = values.next() else {
            return Ok(String::new());
        };
        if values.any(|other| other != first) {
            return Err(Defect::ParameterAmbiguous);
        }
        first.ok_or(Defect::ParameterAmbiguous)
    }
}

fn role(pair: Pair<'_>) -> Role {
    let of_answer = ROLES.iter().find(|(name, _)| pair.is_named(name));
    match of_answer {
        Some(&(_, role)) => role,
        None if hides_token(pair.raw) => Role::Misplaced,
        None => Role::Own,
    }
}

/// Whether a token stands where the grammar sees none: behind a route (`#/in?access_token=…`), a second `#`, or the
/// remains of `&amp;`. Hash routers and careless servers make such URLs; none of them is Clover's answer.
fn hides_token(raw: &str) -> bool {
    raw.split(['?', '#', '/', '!', ';'])
        .any(|piece| piece.contains(['=']) && form::pair(piece).is_named(TOKEN))
}

fn token_text(pair: Pair<'_>) -> Result<Zeroizing<String>, Defect> {
    let token = Zeroizing::new(pair.value().ok_or(Defect::TokenInvalid)?);
    if !(1..=TOKEN_MAX_BYTES).contains(&token.len()) {
        return Err(Defect::TokenInvalid);
    }
    Ok(token)
}

fn check_state<'p>(state: &str, pending: Option<&'p Pending>) -> Result<&'p Pending, Refusal> {
    if state.is_empty() {
        return Err(Refusal::StateAbsent);
    }
    let pending = pending.ok_or(Refusal::NothingPending)?;
    if state != pending.state {
        return Err(Refusal::StateMismatch);
    }
    Ok(pending)
}

/// An answer without a client id passes: the state already ties it to the login that was begun.
fn check_client(answered: &str, begun: &str, expected: &str) -> Result<(), Refusal> {
    let differs = |id: &str| !id.is_empty() && id != begun;
    if differs(answered) || differs(expected) {
        return Err(Refusal::ClientMismatch);
    }
    Ok(())
}

#[cfg(test)]
mod tests;

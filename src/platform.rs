//! The one place that tells the platforms apart. They are an enum and not a trait, since they differ in shape: Clopos has
//! no redirect, Clover has no refresh.

use core::fmt;

use zeroize::Zeroizing;

use crate::{
    clearline, clopos, clover,
    connection::Renewal,
    endpoint::ApiBase,
    exchange::Exchange,
    json,
    secret::{AccessToken, ClientSecret},
};

/// The account of a platform whose tokens act for the app alone.
pub const MAIN_ACCOUNT: &str = "main";

/// One registration at one platform.
#[derive(Clone, Debug)]
pub enum App {
    /// Clopos v1 or v2.
    Clopos(clopos::App),
    /// Clearline.
    Clearline(clearline::App),
    /// Clover v1.
    Clover(clover::App),
}

impl App {
    /// The platform's name as configuration writes it.
    pub fn platform(&self) -> &'static str {
        match self {
            Self::Clopos(_) => "clopos",
            Self::Clearline(_) => "clearline",
            Self::Clover(_) => "clover",
        }
    }

    /// What API paths are appended to.
    pub fn api(&self) -> &ApiBase {
        match self {
            Self::Clopos(app) => &app.api,
            Self::Clearline(app) => &app.api,
            Self::Clover(app) => &app.api,
        }
    }

    /// The app's client secret.
    pub fn client_secret(&self) -> &ClientSecret {
        match self {
            Self::Clopos(app) => &app.client_secret,
            Self::Clearline(app) => &app.client_secret,
            Self::Clover(app) => &app.client_secret,
        }
    }

    /// How a token of this platform is renewed.
    pub fn renewal(&self) -> Renewal {
        match self {
            Self::Clopos(_) | Self::Clearline(_) => Renewal::Exchange,
            Self::Clover(_) => Renewal::Login,
        }
    }

    /// What an account of this platform looks like, for messages.
    pub fn account_form(&self) -> &'static str {
        match self {
            Self::Clopos(clopos::App {
                version: clopos::Version::V1,
                ..
            }) => "{brand}.{venue_id}, for example openapitest.1",
            Self::Clopos(_) => "{brand} or {brand}.{venue_id}, for example openapitest",
            Self::Clearline(_) => MAIN_ACCOUNT,
            Self::Clover(_) => "a merchant id of letters and digits",
        }
    }

    /// The app with one of its accounts; `None` if the text has not the form of this platform's accounts.
    pub fn account(&self, text: &str) -> Option<Party<'_>> {
        match self {
            Self::Clopos(app) => clopos::Account::parse(&app.version, text)
                .map(|account| Party::Clopos(app, account)),
            Self::Clearline(app) => (text == MAIN_ACCOUNT).then_some(Party::Clearline(app)),
            Self::Clover(app) => {
                clover::MerchantId::parse(text).map(|merchant_id| Party::Clover(app, merchant_id))
            }
        }
    }
}

/// An app with one account that fits it: what a connection is about.
#[derive(Clone, Debug)]
pub enum Party<'a> {
    /// A brand, mostly with a venue.
    Clopos(&'a clopos::App, clopos::Account),
    /// The app itself.
    Clearline(&'a clearline::App),
    /// A merchant.
    Clover(&'a clover::App, clover::MerchantId),
}

impl Party<'_> {
    /// The token request, on platforms where one can be made without a person.
    pub fn exchange(&self) -> Option<Exchange> {
        match self {
            Self::Clopos(app, account) => Some(clopos::authenticate(app, account)),
            Self::Clearline(app) => Some(clearline::client_credentials(app)),
            Self::Clover(..) => None,
        }
    }

    /// The headers that carry the token on an API call: exactly those that the platform documents.
    pub fn token_headers(&self, token: &AccessToken) -> TokenHeaders {
        let token =
            token.expose("this is what the token is for: it goes into the headers of an API call");
        let mut headers = TokenHeaders(Vec::new());
        match self {
            Self::Clopos(app, account) => {
                headers.add("x-token", token.to_owned());
                for (name, value) in clopos::account_headers(app, account) {
                    if let Some(value) = value {
                        headers.add(name, value.to_owned());
                    }
                }
            }
            Self::Clearline(_) | Self::Clover(..) => {
                headers.add("authorization", format!("Bearer {token}"));
            }
        }
        headers
    }

    /// Everything that shapes the token, as one text without ambiguity: two parties with the same key have the same
    /// token, and a change of client id, endpoint or integrator makes another key. `app` and `account` are the names
    /// that the operator and the platform gave.
    pub fn key(&self, app: &str, account: &str) -> String {
        match self {
            Self::Clopos(clopos, _) => {
                let (version, integrator_id) = match &clopos.version {
                    clopos::Version::V1 => ("1", None),
                    clopos::Version::V2 { integrator_id } => ("2", Some(integrator_id.as_str())),
                };
                json::texts(&[
                    Some(app),
                    Some(account),
                    Some("clopos"),
                    Some(version),
                    Some(&clopos.client_id),
                    Some(clopos.token_endpoint.as_str()),
                    Some(clopos.api.as_str()),
                    integrator_id,
                    clopos.stage.as_deref(),
                ])
            }
            Self::Clearline(clearline) => json::texts(&[
                Some(app),
                Some(account),
                Some("clearline"),
                Some(&clearline.client_id),
                Some(clearline.token_endpoint.as_str()),
                Some(clearline.api.as_str()),
            ]),
            Self::Clover(clover, _) => json::texts(&[
                Some(app),
                Some(account),
                Some("clover"),
                Some(&clover.client_id),
                Some(clover.token_endpoint.as_str()),
                Some(clover.api.as_str()),
            ]),
        }
    }
}

/// Header names in lower case with the values that carry a token. `Debug` shows the names alone.
#[derive(Clone)]
pub struct TokenHeaders(Vec<(&'static str, Zeroizing<String>)>);

impl TokenHeaders {
    fn add(&mut self, name: &'static str, value: String) {
        self.0.push((name, Zeroizing::new(value)));
    }

    /// The headers. `reason` says why they have to be opened.
    pub fn expose(&self, reason: &'static str) -> impl Iterator<Item = (&'static str, &str)> {
        let _ = reason;
        self.0.iter().map(|(name, value)| (*name, value.as_str()))
    }
}

impl fmt::Debug for TokenHeaders {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

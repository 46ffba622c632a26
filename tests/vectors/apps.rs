//! The apps that the data files describe.

use serde::Deserialize;
use tillgate_core::{
    clearline, clopos, clover,
    endpoint::{ApiBase, Endpoint},
    platform::App,
    secret::ClientSecret,
};

/// An app as a data file writes it; a case may override any part of its file's app.
#[derive(Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AppData {
    platform: Option<String>,
    version: Option<u32>,
    pub(crate) client_id: Option<String>,
    client_secret: Option<String>,
    integrator_id: Option<String>,
    stage: Option<String>,
    basic: Option<String>,
    token_request: Option<String>,
    redirect_uri: Option<String>,
    authorize: Option<String>,
    token: Option<String>,
    api: Option<String>,
}

impl AppData {
    /// This app with what `over` says instead.
    pub(crate) fn with(&self, over: &Self) -> Self {
        let pick = |over: &Option<String>, own: &Option<String>| over.clone().or(own.clone());
        Self {
            platform: pick(&over.platform, &self.platform),
            version: over.version.or(self.version),
            client_id: pick(&over.client_id, &self.client_id),
            client_secret: pick(&over.client_secret, &self.client_secret),
            integrator_id: pick(&over.integrator_id, &self.integrator_id),
            stage: pick(&over.stage, &self.stage),
            basic: pick(&over.basic, &self.basic),
            token_request: pick(&over.token_request, &self.token_request),
            redirect_uri: pick(&over.redirect_uri, &self.redirect_uri),
            authorize: pick(&over.authorize, &self.authorize),
            token: pick(&over.token, &self.token),
            api: pick(&over.api, &self.api),
        }
    }

    pub(crate) fn app(&self) -> App {
        match self.platform.as_deref() {
            Some("clopos") => App::Clopos(self.clopos()),
            Some("clearline") => App::Clearline(self.clearline()),
            Some("clover") => App::Clover(self.clover()),
            other => panic!("no such platform: {other:?}"),
        }
    }

    fn clopos(&self) -> clopos::App {
        let version = match self.version {
            Some(1) => clopos::Version::V1,
            Some(2) => clopos::Version::V2 {
                integrator_id: self.integrator_id.clone().unwrap(),
            },
            other => panic!("no such version: {other:?}"),
        };
        clopos::App {
            client_id: self.client_id.clone().unwrap(),
            client_secret: secret(&self.client_secret),
            version,
            token_endpoint: endpoint(&self.token),
            api: api(&self.api),
            stage: self.stage.clone(),
        }
    }

    fn clearline(&self) -> clearline::App {
        let basic = match self.basic.as_deref() {
            None => clearline::BasicEncoding::Form,
            Some("raw") => clearline::BasicEncoding::Raw,
            other => panic!("no such encoding: {other:?}"),
        };
        clearline::App {
            client_id: self.client_id.clone().unwrap(),
            client_secret: secret(&self.client_secret),
            token_endpoint: endpoint(&self.token),
            api: api(&self.api),
            basic,
        }
    }

    pub(crate) fn clover(&self) -> clover::App {
        let token_request = match self.token_request.as_deref() {
            None => clover::TokenRequest::Query,
            Some("json") => clover::TokenRequest::Json,
            other => panic!("no such token request: {other:?}"),
        };
        clover::App {
            client_id: self.client_id.clone().unwrap(),
            client_secret: secret(&self.client_secret),
            authorize_endpoint: endpoint(&self.authorize),
            token_endpoint: endpoint(&self.token),
            api: api(&self.api),
            redirect_uri: endpoint(&self.redirect_uri),
            token_request,
        }
    }
}

fn secret(text: &Option<String>) -> ClientSecret {
    ClientSecret::parse(text.as_deref().unwrap()).unwrap()
}

fn endpoint(text: &Option<String>) -> Endpoint {
    Endpoint::parse(text.as_deref().unwrap()).unwrap()
}

fn api(text: &Option<String>) -> ApiBase {
    ApiBase::parse(text.as_deref().unwrap()).unwrap()
}

//! Clover's callback: only the query that answers the login counts, by a second reading of the same query.

use tillgate_core::{
    authorization::{AUTHORIZATION_LIFETIME, Authorization, CallbackQuery},
    clover::{self, App, TokenRequest},
    endpoint::{ApiBase, Endpoint},
    secret::ClientSecret,
    time::UnixTime,
};

/// When the login began.
pub(crate) const NOW: UnixTime = UnixTime::from_seconds(1_795_600_000);
const CLIENT_ID: &str = "TILLGATEDEMO1";

/// An app at Clover.
pub(crate) fn app() -> App {
    let endpoint =
        |path| Endpoint::parse(&format!("https://clover.example/{path}")).expect("an address");
    App {
        client_id: CLIENT_ID.into(),
        client_secret: ClientSecret::parse("secret-of-clover").expect("a secret"),
        authorize_endpoint: endpoint("oauth/authorize"),
        token_endpoint: endpoint("oauth/token"),
        api: ApiBase::parse("https://clover.example").expect("an address"),
        redirect_uri: Endpoint::parse("https://gate.example/callback/till").expect("an address"),
        token_request: TokenRequest::Query,
    }
}

/// A login whose state is 43 times `A`, which a fuzzer can write.
pub(crate) fn login() -> Authorization {
    clover::authorize(&app(), [0; 32], NOW, "/after", None).1
}

/// What Clover sends back to it.
pub(crate) fn genuine_query() -> String {
    let state = login().state().to_owned();
    format!("merchant_id=MERCHANT00001&client_id={CLIENT_ID}&code=code-1&state={state}")
}

/// A callback's query.
pub fn query(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let Ok(query) = CallbackQuery::parse(text) else {
        return;
    };
    let pairs: Vec<(String, String)> = form_urlencoded::parse(data).into_owned().collect();
    let values = |name: &str| -> Vec<&str> {
        let pairs = pairs.iter().filter(|(key, _)| key == name);
        pairs.map(|(_, value)| value.as_str()).collect()
    };
    for name in ["state", "code", "client_id", "merchant_id"] {
        assert!(values(name).len() <= 1, "{name} is there twice");
    }
    let login = login();
    let is_genuine = values("state") == [login.state()]
        && values("client_id") == [CLIENT_ID]
        && values("code").len() == 1
        && values("merchant_id").len() == 1
        && values("error").is_empty();
    let claimed = query.merchant_id().map(|id| id.as_str().to_owned());
    assert_eq!(claimed.as_deref(), values("merchant_id").first().copied());
    let late = CallbackQuery::parse(text).expect("the same query");
    let accepted = login.clone().accept(&app(), query, NOW);
    assert_eq!(accepted.is_ok(), is_genuine, "{accepted:?}");
    let end = NOW.plus(AUTHORIZATION_LIFETIME);
    assert!(
        login.accept(&app(), late, end).is_err(),
        "a login that is over"
    );
}

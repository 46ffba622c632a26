//! What must hold of the browser package's reader of Clover's answers and its writer of login URLs, for every input.

#![expect(dead_code, reason = "what only the page needs is compiled in as well")]

extern crate alloc;

/// What stands there, as it stands there; the modules find each other by the names imported below.
#[path = "../../../../pkg-js/src"]
mod page {
    pub(crate) mod authorize;
    pub(crate) mod form;
    pub(crate) mod fragment;
    pub(crate) mod pending;
}

use page::{authorize, form, fragment, pending};

use authorize::LoginOptions;
use fragment::{Grant, Reading, read};
use pending::Pending;
use url::Url;

const STATE: &str = "0101010101010101010101010101010101010101010101010101010101010101";

fn parts<const N: usize>(data: &[u8]) -> Option<[&str; N]> {
    let text = str::from_utf8(data).ok()?;
    text.splitn(N, '\n').collect::<Vec<_>>().try_into().ok()
}

fn pairs(text: &str, mark: char) -> Vec<(String, String)> {
    let text = text.strip_prefix(mark).unwrap_or(text);
    form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

/// `query ⏎ fragment`, as a page sees them: a token is taken only where the form standard's parser finds one, once, in the
/// fragment, with our state; and nothing of an answer stays in the address bar.
pub fn answer(data: &[u8]) {
    // What a browser gives as the query ends before the fragment.
    let Some([query, hash]) = parts(data).filter(|[query, _]: &[&str; 2]| !query.contains('#'))
    else {
        return;
    };
    let pending = Pending::new("TILLGATEDEMO1", [1; 32]);
    assert_eq!(pending.state, STATE);
    assert!(matches!(
        read("", "", Some(&pending), ""),
        Reading::Unrelated
    ));
    let begun = read(query, hash, Some(&pending), "");
    let forged = read(query, hash, None, "");
    let (in_query, in_fragment) = (pairs(query, '?'), pairs(hash, '#'));
    match begun {
        Reading::Unrelated => {
            let named = |(name, _): &(String, String)| name == "access_token";
            assert!(
                !in_query.iter().chain(&in_fragment).any(named),
                "a token stays in the URL"
            );
        }
        Reading::Answer { kept, verdict } => {
            assert_kept(&kept);
            if let Ok(grant) = verdict {
                assert_grant(&grant, &in_query, &in_fragment);
            }
        }
    }
    if let Reading::Answer { verdict, .. } = forged {
        assert!(verdict.is_err(), "a token without a login");
    }
}

fn assert_grant(grant: &Grant, query: &[(String, String)], fragment: &[(String, String)]) {
    let values = |pairs: &[(String, String)], name: &str| -> Vec<String> {
        let pairs = pairs.iter().filter(|(key, _)| key == name);
        pairs.map(|(_, value)| value.clone()).collect()
    };
    assert_eq!(
        values(fragment, "access_token"),
        [grant.access_token.to_string()]
    );
    assert!(values(query, "access_token").is_empty());
    assert!(values(query, "error").is_empty() && values(fragment, "error").is_empty());
    for (name, taken) in [
        ("state", STATE),
        ("merchant_id", &grant.merchant_id),
        ("employee_id", &grant.employee_id),
        ("client_id", &grant.client_id),
    ] {
        let all = [values(query, name), values(fragment, name)].concat();
        assert!(
            all.iter().all(|value| value == taken),
            "{name} has another value"
        );
        assert!(
            !all.is_empty() || taken.is_empty(),
            "{name} is not in the URL"
        );
    }
    assert!(
        grant
            .access_token
            .bytes()
            .all(|byte| byte.is_ascii_graphic())
    );
    assert!(grant.client_id.is_empty() || grant.client_id == "TILLGATEDEMO1");
}

/// What stays is the page's own: read again, it is no answer, and a URL takes it.
fn assert_kept(kept: &str) {
    let (query, hash) = match kept.find('#') {
        Some(at) => kept.split_at(at),
        None => (kept, ""),
    };
    assert!(
        matches!(read(query, hash, None, ""), Reading::Unrelated),
        "{kept}"
    );
    assert!(kept.is_empty() || kept.starts_with(['?', '#']), "{kept}");
}

/// `clientId ⏎ region ⏎ authorizeUrl ⏎ redirectUri ⏎ merchantId`: a URL that is made is one for a URL parser too, leads to a
/// safe place, and holds each parameter once, as it was given.
pub fn login(data: &[u8]) {
    let Some([client_id, region, authorize_url, redirect_uri, merchant_id]) = parts(data) else {
        return;
    };
    let options = LoginOptions {
        client_id,
        region,
        authorize_url,
        redirect_uri,
        merchant_id,
    };
    let Ok((text, pending)) = authorize::authorization_url(&options, &[1; 32]) else {
        return;
    };
    assert_eq!(Pending::from_record(&pending.record()), Some(pending));
    let Ok(url) = Url::parse(&text) else {
        // A host that is none, of the developer's own writing: the browser goes nowhere.
        assert!(!authorize_url.is_empty(), "{text}");
        return;
    };
    let host = url.host_str().unwrap_or_default();
    let loopback = host == "localhost"
        || host.ends_with(".localhost")
        || host.starts_with("127.")
        || host == "[::1]";
    assert!(
        url.scheme() == "https" || (url.scheme() == "http" && loopback),
        "{text}"
    );
    assert_eq!(url.fragment(), None, "{text}");
    let last = |name: &str| {
        let values: Vec<_> = url.query_pairs().filter(|(key, _)| key == name).collect();
        values
            .last()
            .map(|(_, value)| value.to_string())
            .unwrap_or_default()
    };
    assert_eq!(last("state"), STATE);
    assert_eq!(last("client_id"), client_id);
    assert_eq!(last("redirect_uri"), redirect_uri);
    assert_eq!(last("response_type"), "token");
}

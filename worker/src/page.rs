//! The small pages that a merchant sees when a login goes wrong: plain, friendly, without scripts.

use tillgate_core::text;

use crate::{
    problem::{Code, Problem},
    step::Answer,
};

/// The page as a whole; `{…}` are filled in.
const TEMPLATE: &str = include_str!("page.html");
/// The SHA-256 of the page's style in base64, which is all that its policy lets a browser apply. A test keeps it right.
const STYLE_HASH: &str = "r1J7D766EeQImd8Pv2HFP3l23hR37lOorHmIY1dcztY=";

/// Where a merchant may go from a failed login.
#[derive(Default)]
pub(crate) struct Ways {
    /// To try again.
    pub(crate) login: Option<String>,
    /// To leave it: where the login would have ended.
    pub(crate) back: Option<String>,
}

/// The page for a failed callback.
pub(crate) fn failure(problem: &Problem, ways: &Ways, request_id: &str) -> Answer {
    let (code, status, _) = problem.code.facts();
    let login = link(&ways.login, "class=\"button\" ", "Log in again");
    let back = link(&ways.back, "", "Back to the shop");
    let title = heading(problem.code);
    let body = filled([
        ("{title}", title),
        ("{title}", title),
        ("{detail}", &escape(explanation(problem))),
        ("{login}", &login),
        ("{back}", &back),
        ("{code}", code),
        ("{request_id}", &escape(request_id)),
    ]);
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let answer = Answer::new(status)
        .header("content-type", "text/html; charset=utf-8")
        .header("tillgate-error", code)
        .header("content-security-policy", policy)
        .header("referrer-policy", "no-referrer")
        .body(body);
    match problem.retry_after {
        Some(seconds) => answer.header("retry-after", seconds.to_string()),
        None => answer,
    }
}

fn link(url: &Option<String>, attribute: &str, text: &str) -> String {
    let Some(url) = url else { return String::new() };
    format!("<a {attribute}href=\"{}\">{text}</a>", escape(url))
}

/// What a merchant reads first.
const fn heading(code: Code) -> &'static str {
    match code {
        Code::StateInvalid => "Let’s start that login again",
        Code::MerchantNotProved => "We could not confirm this merchant",
        Code::CallbackInvalid => "The login was not completed",
        Code::NotFound => "There is nothing to log in to here",
        Code::RateLimited | Code::PlatformUnavailable | Code::PlatformTimeout => {
            "Clover is not answering right now"
        }
        _ => "Something is wrong on our side",
    }
}

/// What a merchant reads next: where a problem's own words are for whoever runs the shop, others that say what to do here.
fn explanation(problem: &Problem) -> &str {
    match problem.code {
        Code::RateLimited | Code::PlatformUnavailable | Code::PlatformTimeout => {
            "You were not logged in, and nothing was changed. Wait a minute, then try again."
        }
        Code::CredentialsRejected | Code::AccessDenied | Code::ConfigInvalid => {
            "Clover does not let this shop log anybody in at the moment. Whoever runs the shop has to mend that."
        }
        Code::PlatformAnswerInvalid | Code::Internal => "You were not logged in. Try again.",
        _ => &problem.detail,
    }
}

/// The page with these texts in the places of these marks, which stand in this order in it.
fn filled(texts: [(&str, &str); 7]) -> String {
    let mut page = String::new();
    let mut rest = TEMPLATE;
    for (mark, text) in texts {
        let (before, after) = text::split_once(rest, mark).unwrap_or((rest, ""));
        page.push_str(before);
        page.push_str(text);
        rest = after;
    }
    page.push_str(rest);
    page
}

fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use base64ct::{Base64, Encoding};
    use sha2::{Digest, Sha256};
    use tillgate_core::exchange::{ExchangeError, Reach};

    use super::*;

    #[test]
    fn the_policy_allows_exactly_the_pages_own_style() {
        let (_, rest) = TEMPLATE.split_once("<style>").unwrap();
        let (style, _) = rest.split_once("</style>").unwrap();
        assert_eq!(Base64::encode_string(&Sha256::digest(style)), STYLE_HASH);
    }

    #[test]
    fn a_merchant_is_not_told_what_only_an_operator_can_do() {
        let problem = Problem::of_exchange(ExchangeError::CredentialsRejected(Reach::App), None);
        assert!(problem.detail.contains("client_id"));
        assert!(
            !failure(&problem, &Ways::default(), "")
                .body
                .as_str()
                .contains("client_id")
        );
    }

    #[test]
    fn nothing_that_is_filled_in_becomes_markup() {
        let problem = Problem::new(Code::CallbackInvalid, "<script>alert('1')</script>&\"");
        let ways = Ways {
            login: Some("/login/\"><b>".to_owned()),
            back: Some("/\"><u>".to_owned()),
        };
        let page = failure(&problem, &ways, "<i>");
        assert!(
            !page.body.as_str().contains("<script")
                && !page.body.as_str().contains("<b>")
                && !page.body.as_str().contains("<u>")
                && !page.body.as_str().contains("<i>")
        );
    }
}

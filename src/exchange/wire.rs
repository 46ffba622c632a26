//! A failed exchange as it is stored and told: its error as a word, beside what that error knows.

use super::{AnswerFault, ExchangeError, Reach};
use crate::{
    http::RetryAfter,
    json::{Json, Object},
};

/// Faults without a value, by their words.
const FAULTS: [(&str, AnswerFault); 7] = [
    ("redirect", AnswerFault::Redirect),
    ("not_json", AnswerFault::NotJson),
    ("too_large", AnswerFault::TooLarge),
    ("too_deep", AnswerFault::TooDeep),
    ("no_token", AnswerFault::NoToken),
    ("token_type", AnswerFault::TokenType),
    ("lifetime", AnswerFault::Lifetime),
];
const APP: &str = "app";
const CONNECTION: &str = "connection";

impl ExchangeError {
    /// Adds the error's keys.
    pub fn write(self, json: &mut Object) -> &mut Object {
        match self {
            Self::CredentialsRejected(reach) => json
                .text("error", "credentials_rejected")
                .text("reach", reach_word(reach)),
            Self::AccessDenied(reach) => json
                .text("error", "access_denied")
                .text("reach", reach_word(reach)),
            Self::CodeRejected => json.text("error", "code_rejected"),
            Self::RateLimited(wait) => json
                .text("error", "rate_limited")
                .optional_whole("retry_after", wait.map(RetryAfter::seconds)),
            Self::Unavailable(wait) => json
                .text("error", "unavailable")
                .optional_whole("retry_after", wait.map(RetryAfter::seconds)),
            Self::TimedOut => json.text("error", "timed_out"),
            Self::AnswerInvalid(AnswerFault::Status(status)) => json
                .text("error", "answer_invalid")
                .whole("status", status.into()),
            Self::AnswerInvalid(fault) => {
                let word = FAULTS.iter().find(|(_, other)| *other == fault);
                json.text("error", "answer_invalid")
                    .optional_text("fault", word.map(|(word, _)| *word))
            }
        }
    }

    /// The error that [`ExchangeError::write`] wrote. One that only a newer version knows counts as an outage, which
    /// every version waits out; `None` if there is no error at all.
    pub fn read(json: &Json) -> Option<Self> {
        let word = json.text("error")?;
        Some(read_known(word, json).unwrap_or(Self::Unavailable(None)))
    }
}

fn read_known(word: &str, json: &Json) -> Option<ExchangeError> {
    let wait = json.whole("retry_after").map(RetryAfter::clamped);
    Some(match word {
        "credentials_rejected" => ExchangeError::CredentialsRejected(read_reach(json)?),
        "access_denied" => ExchangeError::AccessDenied(read_reach(json)?),
        "code_rejected" => ExchangeError::CodeRejected,
        "rate_limited" => ExchangeError::RateLimited(wait),
        "unavailable" => ExchangeError::Unavailable(wait),
        "timed_out" => ExchangeError::TimedOut,
        "answer_invalid" => ExchangeError::AnswerInvalid(read_fault(json)?),
        _ => return None,
    })
}

fn read_fault(json: &Json) -> Option<AnswerFault> {
    if let Some(status) = json.whole("status") {
        return status.try_into().ok().map(AnswerFault::Status);
    }
    let word = json.text("fault")?;
    FAULTS
        .iter()
        .find(|(other, _)| *other == word)
        .map(|(_, fault)| *fault)
}

const fn reach_word(reach: Reach) -> &'static str {
    match reach {
        Reach::Connection => CONNECTION,
        Reach::App => APP,
    }
}

fn read_reach(json: &Json) -> Option<Reach> {
    match json.text("reach")? {
        CONNECTION => Some(Reach::Connection),
        APP => Some(Reach::App),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(text: &str) -> Option<ExchangeError> {
        ExchangeError::read(&Json::parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn every_error_comes_back_as_it_was() {
        let wait = Some(RetryAfter::clamped(30));
        let faults = FAULTS.map(|(_, fault)| ExchangeError::AnswerInvalid(fault));
        let others = [
            ExchangeError::CredentialsRejected(Reach::App),
            ExchangeError::CredentialsRejected(Reach::Connection),
            ExchangeError::AccessDenied(Reach::App),
            ExchangeError::CodeRejected,
            ExchangeError::RateLimited(wait),
            ExchangeError::RateLimited(None),
            ExchangeError::Unavailable(wait),
            ExchangeError::Unavailable(None),
            ExchangeError::TimedOut,
            ExchangeError::AnswerInvalid(AnswerFault::Status(418)),
        ];
        for error in faults.into_iter().chain(others) {
            let text = error.write(&mut Object::new()).finish();
            assert_eq!(back(&text), Some(error), "{text}");
        }
    }

    #[test]
    fn an_error_of_a_newer_version_is_waited_out_like_an_outage() {
        assert_eq!(
            back("{\"error\":\"tomorrow\"}"),
            Some(ExchangeError::Unavailable(None))
        );
        assert_eq!(back("{}"), None);
    }
}

//! The stored form of a failure: its error as a word, beside what that error knows.

use super::count;
use crate::{
    connection::Failure,
    exchange::{AnswerFault, ExchangeError, Reach},
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

pub(super) fn write(failure: &Failure) -> String {
    let mut json = Object::new();
    match failure.error {
        ExchangeError::CredentialsRejected(reach) => json
            .text("error", "credentials_rejected")
            .text("reach", reach_word(reach)),
        ExchangeError::AccessDenied(reach) => json
            .text("error", "access_denied")
            .text("reach", reach_word(reach)),
        ExchangeError::CodeRejected => json.text("error", "code_rejected"),
        ExchangeError::RateLimited(wait) => json
            .text("error", "rate_limited")
            .optional_whole("retry_after", wait.map(RetryAfter::seconds)),
        ExchangeError::Unavailable(wait) => json
            .text("error", "unavailable")
            .optional_whole("retry_after", wait.map(RetryAfter::seconds)),
        ExchangeError::TimedOut => json.text("error", "timed_out"),
        ExchangeError::AnswerInvalid(AnswerFault::Status(status)) => json
            .text("error", "answer_invalid")
            .whole("status", status.into()),
        ExchangeError::AnswerInvalid(fault) => {
            let word = FAULTS.iter().find(|(_, other)| *other == fault);
            json.text("error", "answer_invalid")
                .optional_text("fault", word.map(|(word, _)| *word))
        }
    }
    .whole("count", failure.count.into())
    .time("next_attempt_at", failure.next_attempt_at)
    .finish()
}

pub(super) fn read(json: &Json) -> Option<Failure> {
    Some(Failure {
        error: read_error(json)?,
        count: count(json, "count")?,
        next_attempt_at: json.time("next_attempt_at")?,
    })
}

fn read_error(json: &Json) -> Option<ExchangeError> {
    let wait = json.whole("retry_after").map(RetryAfter::clamped);
    Some(match json.text("error")? {
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
    use crate::time::UnixTime;

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
            let failure = Failure {
                error,
                count: 3,
                next_attempt_at: UnixTime::from_seconds(7),
            };
            let json = Json::parse(write(&failure).as_bytes()).unwrap();
            let back = read(&json).unwrap();
            assert_eq!(
                (back.error, back.count, back.next_attempt_at),
                (error, 3, failure.next_attempt_at)
            );
        }
    }
}

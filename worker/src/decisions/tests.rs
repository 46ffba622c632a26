//! Decisions that are given again are the ones that would be made: single questions, and whole days of isolates that keep
//! decisions and of isolates that keep none.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "an overflow panics in a test"
)]

use allocation_counter::measure;
use proptest::{
    collection::vec,
    prelude::*,
    sample::{Index, select},
};

use super::*;
use crate::{
    example::{Isolate, KEY_SHA256, NOW, REQUEST_ID, token_came},
    incoming::{Incoming, Url},
    step::{Event, Step},
};

/// The key of `example`, as it is sent.
const BEARER: &str = "Bearer key-0123456789abcdefghijklmnopqrstuvwxyz";
const TOKEN: &str = "https://gate.example/token/pos/main";
const CALL: &str = "https://gate.example/api/pos/main/pos/7/transaction";

struct NoOthers;

impl Headers for NoOthers {
    fn get(&self, _: &'static str) -> Option<String> {
        None
    }
}

const fn question() -> Question<'static> {
    Question {
        method: "POST",
        url: TOKEN,
        authorization: None,
        origin: None,
        content_length: None,
        transfer_encoding: None,
    }
}

/// Asks for a decision that is a number, and tells whether it had to be made.
fn ask(decisions: &mut Decisions<u32>, question: &Question<'_>, now: UnixTime) -> bool {
    let mut made = false;
    decisions.decide(question, &NoOthers, now, |_| {
        made = true;
        (7, true)
    });
    made
}

#[test]
fn a_decision_is_given_again_to_the_same_question_in_the_same_second() {
    let mut decisions = Decisions::new();
    assert!(ask(&mut decisions, &question(), NOW));
    assert!(!ask(&mut decisions, &question(), NOW));
}

#[test]
fn a_decision_is_made_anew_in_the_next_second_and_for_a_clock_that_went_back() {
    let mut decisions = Decisions::new();
    for now in [NOW, NOW.plus(1), NOW] {
        assert!(ask(&mut decisions, &question(), now));
    }
}

#[test]
fn a_decision_is_made_anew_after_something_was_learnt() {
    let mut decisions = Decisions::new();
    ask(&mut decisions, &question(), NOW);
    decisions.forget();
    assert!(ask(&mut decisions, &question(), NOW));
}

#[test]
fn a_decision_that_is_not_for_everyone_is_not_given_again() {
    let mut decisions = Decisions::new();
    decisions.decide(&question(), &NoOthers, NOW, |_| (7, false));
    assert!(ask(&mut decisions, &question(), NOW));
}

#[test]
fn a_decision_that_looked_at_another_header_is_not_given_again() {
    for (name, again) in [
        ("cookie", false),
        ("x-tillgate", false),
        ("authorization", true),
        ("transfer-encoding", true),
    ] {
        let mut decisions = Decisions::new();
        decisions.decide(&question(), &NoOthers, NOW, |headers| {
            headers.get(name);
            (7, true)
        });
        assert_eq!(ask(&mut decisions, &question(), NOW), !again, "{name}");
    }
}

#[test]
fn questions_that_differ_in_one_thing_are_different_questions() {
    let some = |text: &str| Some(text.to_owned());
    let questions = [
        question(),
        Question {
            method: "POS",
            url: "Thttps://gate.example/token/pos/main",
            ..question()
        },
        Question {
            method: "GET",
            ..question()
        },
        Question {
            url: CALL,
            ..question()
        },
        Question {
            authorization: some(""),
            ..question()
        },
        Question {
            authorization: some("1"),
            ..question()
        },
        Question {
            origin: some("1"),
            ..question()
        },
        Question {
            content_length: some("1"),
            ..question()
        },
        Question {
            transfer_encoding: some("1"),
            ..question()
        },
        Question {
            authorization: some("1"),
            origin: some("1"),
            ..question()
        },
        Question {
            authorization: some("11"),
            ..question()
        },
    ];
    let mut decisions = Decisions::<()>::new();
    for (index, question) in questions.iter().enumerate() {
        let fingerprint = decisions.fingerprint(question);
        let known = questions
            .iter()
            .position(|other| decisions.fingerprint(other) == fingerprint);
        assert_eq!(known, Some(index));
    }
}

#[test]
fn an_isolate_has_fingerprints_of_its_own() {
    let of_one = Decisions::<()>::new().fingerprint(&question());
    assert!(of_one.is_some());
    assert!(of_one != Decisions::<()>::new().fingerprint(&question()));
}

#[test]
fn thousands_of_questions_are_answered_and_no_more_kept_than_there_are_places() {
    let mut decisions = Decisions::new();
    for number in 0..5000_u32 {
        let url = format!("{CALL}?{number}");
        let question = Question {
            url: &url,
            ..question()
        };
        let decision = decisions.decide(&question, &NoOthers, NOW, |_| (number, true));
        assert_eq!(decision, number);
        assert!(!ask(&mut decisions, &question, NOW));
    }
    assert_eq!(decisions.kept.len(), PLACES);
}

#[test]
fn a_decision_that_is_given_again_allocates_nothing() {
    let mut decisions = Decisions::new();
    let question = Question {
        authorization: Some(BEARER.to_owned()),
        ..question()
    };
    ask(&mut decisions, &question, NOW);
    let counted = measure(|| assert!(!ask(&mut decisions, &question, NOW)));
    assert_eq!(counted.count_total, 0);
}

/// A day of an isolate that keeps its decisions, or keeps none.
struct Day {
    isolate: Isolate,
    kept: Option<Decisions<String>>,
    /// How many decisions were made.
    made: usize,
}

impl Day {
    fn new(kept: Option<Decisions<String>>) -> Self {
        let app = r#"{"platform":"clearline","environment":"test","client_id":"pos","allow":["GET,POST /pos/*/transaction"]}"#;
        let caller =
            format!(r#"{{"key_sha256":"{KEY_SHA256}","apps":["*"],"can":["api","token"]}}"#);
        let isolate = Isolate::new(&format!(
            r#"{{"apps":{{"pos":{app},"bar":{app}}},"origins":["https://shop.example"],"callers":{{"office":{caller}}}}}"#
        ));
        assert!(isolate.config.is_ok(), "{:?}", isolate.config);
        Self {
            isolate,
            kept,
            made: 0,
        }
    }

    /// What is decided, as text.
    fn decide(&mut self, question: &Question<'_>, now: UnixTime, event: Option<&str>) -> String {
        let read = event.map_or_else(Event::default, |event| Event::read(event).unwrap());
        let (isolate, made) = (&self.isolate, &mut self.made);
        let make = |headers: &dyn Headers| {
            *made += 1;
            let incoming = Incoming {
                method: question.method,
                url: Url::split(question.url).unwrap(),
                headers,
                now,
                request_id: REQUEST_ID,
            };
            let step = isolate.decide(&incoming, &read);
            (told(&step), event.is_none() && step.is_for_everyone())
        };
        let Some(kept) = &mut self.kept else {
            return Decisions::new().decide(question, &NoOthers, now, make);
        };
        if event.is_some() {
            kept.forget();
        }
        kept.decide(question, &NoOthers, now, make)
    }
}

/// A step as text, with what is secret in it.
fn told(step: &Step) -> String {
    match step {
        Step::Answer(answer) => format!(
            "{} {:?} {}",
            answer.status,
            answer.headers,
            answer.body.as_str()
        ),
        // Its copy of the token knows the last answer of `/token` as well, which is nothing of this call's.
        Step::Forward(forward) => format!(
            "Forward {} {} {} {:?} {} {}",
            forward.url,
            forward.supply.ticket,
            forward.supply.access_token.expose("this is a test"),
            forward.answer_headers,
            forward.repeatable,
            forward.max_body_bytes
        ),
        other => format!("{other:?}"),
    }
}

/// The day of an isolate that has a token, and what is asked with the key.
fn busy() -> (Day, impl Fn(&'static str) -> Question<'static>) {
    let mut day = Day::new(Some(Decisions::new()));
    let ask = |url| Question {
        url,
        authorization: Some(BEARER.to_owned()),
        ..question()
    };
    let event = token_came("pos", "t1", 1, NOW);
    day.decide(&ask(TOKEN), NOW, Some(&event));
    (day, ask)
}

#[test]
fn a_call_is_decided_once_in_a_second_and_a_token_that_is_answered_twice() {
    for url in [CALL, TOKEN] {
        let (mut day, ask) = busy();
        let before = day.made;
        for _ in 0..5 {
            day.decide(&ask(url), NOW, None);
        }
        assert_eq!(day.made - before, 1, "{url}");
    }
}

#[test]
fn what_is_refused_is_decided_each_time() {
    let (mut day, ask) = busy();
    let before = day.made;
    for _ in 0..3 {
        let refused = day.decide(&ask("https://gate.example/token/pos/other"), NOW, None);
        assert!(refused.starts_with("404"), "{refused}");
    }
    assert_eq!(day.made - before, 3);
}

/// One thing that happens: a request, some seconds after the last one; and what becomes of it.
#[derive(Clone, Debug)]
struct Happening {
    later: u64,
    method: &'static str,
    url: &'static str,
    headers: [Option<&'static str>; 4],
    rejected: bool,
}

fn happening() -> impl Strategy<Value = Happening> {
    let header = |values: &'static [Option<&'static str>]| select(values);
    let headers = (
        any::<Index>().prop_map(|index| {
            // Mostly the key that is known.
            let values = [Some(BEARER); 6];
            let others = [
                None,
                Some("Bearer key-0123456789abcdefghijklmnopqrstuvwxyy"),
            ];
            *index.get(&[values.as_slice(), &others].concat())
        }),
        header(&[
            None,
            None,
            None,
            Some(""),
            Some("https://shop.example"),
            Some("https://evil.example"),
        ]),
        header(&[
            None,
            None,
            Some("0"),
            Some("10"),
            Some("99999999999"),
            Some("x"),
        ]),
        header(&[None, None, None, Some("chunked")]),
    );
    (
        prop_oneof![8 => Just(0_u64), 2 => Just(1), 1 => Just(61), 1 => Just(3600)],
        select(&["POST", "POST", "GET", "DELETE", "OPTIONS"][..]),
        select(
            &[
                TOKEN,
                TOKEN,
                CALL,
                CALL,
                "https://gate.example/token/bar/main",
                "https://gate.example/api/pos/main/pos/7/transaction?a=b",
                "https://gate.example/api/pos/main/other",
                "https://shop.example/token/pos/main",
            ][..],
        ),
        headers,
        prop::bool::weighted(0.2),
    )
        .prop_map(
            |(later, method, url, (authorization, origin, length, coding), rejected)| Happening {
                later,
                method,
                url,
                headers: [authorization, origin, length, coding],
                rejected,
            },
        )
}

proptest! {
    #[test]
    fn an_isolate_that_keeps_decisions_says_what_one_says_that_keeps_none(happenings in vec(happening(), 1..80)) {
        let mut days = [Day::new(None), Day::new(Some(Decisions::new()))];
        let (mut now, mut ticket) = (NOW, 0);
        for Happening { later, method, url, headers, rejected } in happenings {
            now = now.plus(later);
            let [authorization, origin, content_length, transfer_encoding] = headers.map(|text| text.map(str::to_owned));
            let question = Question { method, url, authorization, origin, content_length, transfer_encoding };
            let mut event = None;
            // Asked, a token comes; sent, it may be rejected, and then another comes.
            for _ in 0..4 {
                let [without, with] = days.each_mut().map(|day| day.decide(&question, now, event.as_deref()));
                prop_assert_eq!(&without, &with);
                let held = ticket;
                event = if without.starts_with("Ask") {
                    ticket += 1;
                    let app = if url.contains("/bar/") { "bar" } else { "pos" };
                    let came = token_came(app, &format!("t{ticket}"), ticket, now);
                    Some(match event {
                        None => came,
                        Some(_) => came.replacen('{', &format!(r#"{{"rejected":"{held}","#), 1),
                    })
                } else if rejected && event.is_none() && without.starts_with("Forward") {
                    Some(format!(r#"{{"rejected":"{held}"}}"#))
                } else {
                    break;
                };
            }
        }
        let [without, with] = days.map(|day| day.made);
        prop_assert!(with <= without);
    }
}

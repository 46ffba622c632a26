//! What the two most frequent decisions cost, counted and not timed: a cached token and a forwarded call allocate no more
//! than is recorded here, however many apps there are. A bound that is passed is mended, or raised with a reason.

use allocation_counter::measure;

use crate::{
    example::{Isolate, KEY, KEY_SHA256, NOW, token_came},
    incoming::Headers,
    step::{Event, Step},
};

/// Most allocations for a cached token: its caller's header, and the lists of its own headers as they grow.
const CACHED_TOKEN: u64 = 4;
/// Most allocations for a forwarded call: the same, headers about its body, the query, the URL and the step.
const FORWARDED_CALL: u64 = 9;

struct Table;

impl Headers for Table {
    fn get(&self, name: &'static str) -> Option<String> {
        match name {
            "authorization" => Some(format!("Bearer {KEY}")),
            "content-length" => Some("1000".to_owned()),
            _ => None,
        }
    }
}

/// An isolate that holds a token for each of its apps.
struct Worker(Isolate);

impl Worker {
    fn with_apps(apps: usize) -> Self {
        let worker = Self(Isolate::new(&configuration(apps)));
        for index in 0..apps {
            let token = token_came(&format!("app-{index}"), &"t".repeat(900), 1, NOW);
            let event = Event::read(&token).unwrap();
            let step = worker.decide(&format!("/token/app-{index}/main"), &event);
            assert!(matches!(step, Step::Answer(answer) if answer.status == 200));
        }
        worker
    }

    fn decide(&self, path: &str, event: &Event) -> Step {
        self.0.asked("POST", path, &Table, event)
    }

    /// Allocations for the decision about a request, beyond those for the URL, which comes from outside.
    fn allocations(&self, path: &str) -> u64 {
        let nothing = Event::default();
        self.decide(path, &nothing);
        let counted = measure(|| drop(self.decide(path, &nothing)));
        counted.count_total.saturating_sub(1)
    }
}

fn configuration(apps: usize) -> String {
    let app = r#"{"platform":"clearline","environment":"test","client_id":"pos","allow":["POST /pos/*/transaction"]}"#;
    let list: Vec<_> = (0..apps)
        .map(|index| format!(r#""app-{index}":{app}"#))
        .collect();
    let caller = format!(r#"{{"key_sha256":"{KEY_SHA256}","apps":["*"],"can":["api","token"]}}"#);
    format!(
        r#"{{"apps":{{{}}},"callers":{{"office":{caller}}}}}"#,
        list.join(",")
    )
}

#[test]
fn a_cached_token_allocates_no_more_than_is_recorded() {
    let allocations = Worker::with_apps(1).allocations("/token/app-0/main");
    assert!(allocations <= CACHED_TOKEN, "{allocations}");
}

#[test]
fn a_forwarded_call_allocates_no_more_than_is_recorded() {
    let allocations = Worker::with_apps(1).allocations("/api/app-0/main/pos/7/transaction?a=b");
    assert!(allocations <= FORWARDED_CALL, "{allocations}");
}

#[test]
fn what_is_allocated_does_not_depend_on_the_number_of_apps() {
    let (one, many) = (Worker::with_apps(1), Worker::with_apps(1000));
    for path in ["/token/app-0/main", "/api/app-0/main/pos/7/transaction"] {
        assert_eq!(one.allocations(path), many.allocations(path), "{path}");
    }
}

#[test]
fn a_token_that_was_asked_for_twice_in_a_second_is_not_written_out_again() {
    let worker = Worker::with_apps(1);
    let nothing = Event::default();
    let path = "/token/app-0/main";
    drop(worker.decide(path, &nothing));
    let counted = measure(|| drop(worker.decide(path, &nothing)));
    assert!(
        counted.bytes_total < 900,
        "{} bytes for an answer that was made before",
        counted.bytes_total
    );
}

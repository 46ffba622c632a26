//! What the two most frequent decisions cost, counted and not timed: a cached token and a forwarded call allocate no more
//! than is recorded here, however many apps there are. A bound that is passed is mended, or raised with a reason.

use std::cell::RefCell;

use allocation_counter::measure;

use crate::{
    cache::Cache,
    config::{Config, Invalid, Secrets, Sources},
    example::{KEY, KEY_SHA256, NOW},
    handle::handle,
    incoming::{Headers, Incoming, Url},
    jwt::Ring,
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

/// A worker that holds a token for each of its apps.
struct Worker {
    config: Result<Config, Invalid>,
    cache: RefCell<Cache>,
    ring: RefCell<Ring>,
}

impl Worker {
    fn with_apps(apps: usize) -> Self {
        let worker = Self {
            config: configuration(apps),
            cache: RefCell::default(),
            ring: RefCell::default(),
        };
        for index in 0..apps {
            let step = worker.decide(&format!("/token/app-{index}/main"), &reply(index));
            assert!(matches!(step, Step::Answer(answer) if answer.status == 200));
        }
        worker
    }

    fn decide(&self, path: &str, event: &Event) -> Step {
        let url = format!("https://gate.example{path}");
        let incoming = Incoming {
            method: "POST",
            url: Url::split(&url).unwrap(),
            headers: &Table,
            now: NOW,
            request_id: "9186319d-9859-42aa-ae5f-2e9e71340964",
        };
        handle(&self.config, &self.cache, &self.ring, &incoming, event)
    }

    /// Allocations for the decision about a request, beyond those for the URL, which comes from outside.
    fn allocations(&self, path: &str) -> u64 {
        let nothing = Event::default();
        self.decide(path, &nothing);
        let counted = measure(|| drop(self.decide(path, &nothing)));
        counted.count_total.saturating_sub(1)
    }
}

fn configuration(apps: usize) -> Result<Config, Invalid> {
    let app = r#"{"platform":"clearline","environment":"test","client_id":"pos","allow":["POST /pos/*/transaction"]}"#;
    let list: Vec<_> = (0..apps)
        .map(|index| format!(r#""app-{index}":{app}"#))
        .collect();
    let caller = format!(r#"{{"key_sha256":"{KEY_SHA256}","apps":["*"],"can":["api","token"]}}"#);
    let mut sources = Sources::default();
    let text = format!(
        r#"{{"apps":{{{}}},"callers":{{"office":{caller}}}}}"#,
        list.join(",")
    );
    sources.add("TILLGATE", text);
    let mut secrets = Secrets::default();
    for index in 0..apps {
        let name = format!("APP_{index}_CLIENT_SECRET");
        secrets.add(&name, "wvP2zkQ9t4".to_owned());
    }
    let seal_key = "k1:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
    secrets.add("TILLGATE_SEAL_KEYS", seal_key.to_owned());
    Config::read(&sources, &secrets)
}

/// What the vault of an app answers.
fn reply(app: usize) -> Event {
    let token = "t".repeat(900);
    let now = NOW.as_seconds();
    let [refresh_at, expires_at] = [3000, 3600].map(|later| NOW.plus(later).as_seconds());
    let reply = format!(
        r#"{{"reply":"token","app":"app-{app}","account":"main","access_token":"{token}","obtained_at":{now},"expires_at":{expires_at},"refresh_at":{refresh_at},"ticket":"1","exchanged":true}}"#
    );
    Event::read(&format!(r#"{{"replies":[{reply}]}}"#)).unwrap()
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

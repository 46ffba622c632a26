//! What the words in a caller's list `can` let through, without a vault.

use crate::{
    example::{Isolate, KEY_SHA256, Keyed},
    step::{Event, Step},
};

/// A request of each kind, and the word that it takes.
const REQUESTS: [(&str, &str, &str); 6] = [
    ("GET", "/api/pos/main/pos/7/status", "api"),
    ("POST", "/token/pos/main", "token"),
    ("GET", "/connections", "admin"),
    ("GET", "/connections/pos/main/audit", "admin"),
    ("DELETE", "/token/pos/main", "admin"),
    ("POST", "/refresh/pos/main", "admin"),
];

/// A worker with one caller, whose list holds one word.
fn worker(can: &str) -> Isolate {
    Isolate::new(&format!(
        r#"{{"apps":{{"pos":{{"platform":"clearline","environment":"test","client_id":"pos",
              "allow":["GET /pos/*/status"]}}}},
            "callers":{{"shop":{{"key_sha256":"{KEY_SHA256}","apps":["pos"],"can":["{can}"]}}}}}}"#
    ))
}

fn is_forbidden(worker: &Isolate, method: &str, path: &str) -> bool {
    match worker.asked(method, path, &Keyed, &Event::default()) {
        Step::Answer(answer) => {
            assert_eq!(answer.status, 403, "{method} {path}");
            true
        }
        _ => false,
    }
}

#[test]
fn a_caller_may_do_what_its_list_holds_and_nothing_else() {
    for can in ["api", "token", "admin"] {
        let worker = worker(can);
        for (method, path, word) in REQUESTS {
            let refused = is_forbidden(&worker, method, path);
            assert_eq!(refused, word != can, "{method} {path} with {can}");
        }
    }
}

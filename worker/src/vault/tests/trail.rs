//! The audit trail: what is noted, by whom, and what is not.

use tillgate_core::connection::Flight;

use super::{
    super::{alarm, flight::Peers},
    world::{TOKEN, WRONG_BRAND, World, named},
};
use crate::{
    example::CLIENT_SECRET,
    message::{Message, Reply},
};

impl World {
    /// A page of the trail, and where the next one begins.
    fn page(&self, brand: &str, before: u32) -> (Vec<serde_json::Value>, Option<u64>) {
        let message = Message::Audit {
            name: named(brand),
            before,
        };
        match self.ask_object(&self.object(brand), &message) {
            Reply::Trail { entries, next } => (serde_json::from_str(&entries).unwrap(), next),
            _ => panic!("it is no page"),
        }
    }

    fn trail(&self, brand: &str) -> Vec<serde_json::Value> {
        let (mut seen, mut before) = (Vec::new(), Some(u64::from(u32::MAX)));
        while let Some(at) = before {
            let (page, next) = self.page(brand, u32::try_from(at).unwrap());
            assert!(page.len() <= 100);
            seen.extend(page);
            before = next;
        }
        seen
    }

    /// What was done, by whom, how it ended, oldest first.
    fn told(&self, brand: &str) -> Vec<String> {
        let words = |entry: &serde_json::Value| {
            let word = |key: &str| entry[key].as_str().unwrap_or("-").to_owned();
            [word("what"), word("by"), word("caller"), word("outcome")].join(" ")
        };
        self.trail(brand).iter().rev().map(words).collect()
    }
}

#[test]
fn exchanges_refreshes_and_the_forgetting_are_told_with_who_asked_for_them() {
    let world = World::new(TOKEN);
    world.token("one");
    world.refresh("one");
    world.forget("one");
    world.token("one");
    assert_eq!(
        world.told("one"),
        [
            "exchange caller office ok",
            "refresh caller office ok",
            "forget caller office ok",
            "exchange caller office ok",
        ]
    );
    let trail = world.trail("one");
    assert_eq!(trail[0]["at"], world.now().as_seconds());
    let sequences: Vec<_> = trail.iter().map(|entry| &entry["sequence"]).collect();
    assert_eq!(sequences, [4, 3, 2, 1]);
}

#[test]
fn what_an_alarm_renews_was_done_by_the_alarm() {
    let world = World::new(TOKEN);
    world.token("one");
    world.wait(3400);
    let object = world.object("one");
    let message = alarm(world.call(&object), Flight::None).unwrap();
    assert!(world.fly(&object, &message, false, &world).is_none());
    assert_eq!(world.told("one").last().unwrap(), "exchange alarm - ok");
}

#[test]
fn a_token_that_is_held_is_handed_out_without_a_word() {
    let world = World::new(TOKEN);
    world.token("one");
    let object = world.object("one");
    let before = world.rows(&object).rows.borrow().clone();
    for _ in 0..100 {
        world.token("one");
    }
    assert_eq!(world.told("one").len(), 1);
    assert_eq!(*world.rows(&object).rows.borrow(), before);
}

#[test]
fn one_token_has_one_fingerprint_until_its_connection_is_forgotten_and_another_elsewhere() {
    let world = World::new(TOKEN);
    world.token("one");
    world.refresh("one");
    world.token("two");
    world.forget("one");
    world.token("one");
    let of = |brand| {
        let trail = world.trail(brand);
        let tokens = trail.iter().rev().map(|entry| entry["token"].to_string());
        tokens.collect::<Vec<_>>()
    };
    let one = of("one");
    assert_eq!(one[0].len(), r#""0123456789abcdef""#.len());
    assert!(one[0] == one[1] && one[1] == one[2], "{one:?}");
    assert_ne!(one[3], one[0], "the key of the fingerprints was forgotten");
    assert!(!of("two").contains(&one[0]));
}

#[test]
fn an_exchange_that_failed_and_what_was_refused_after_it_are_told_with_their_problem() {
    let world = World::new(WRONG_BRAND);
    world.token("one");
    world.token("one");
    let rejected = "credentials_rejected";
    assert_eq!(
        world.told("one"),
        [
            format!("exchange caller office {rejected}"),
            format!("token caller office {rejected}")
        ]
    );
}

#[test]
fn a_storm_of_refusals_is_six_entries_a_minute_and_pushes_out_nothing_else() {
    let world = World::new(TOKEN);
    world.refresh("one");
    world.forget("one");
    world.platform.set(WRONG_BRAND);
    world.token("one");
    let refusals = |world: &World| {
        let told = world.told("one");
        told.iter().filter(|told| told.starts_with("token")).count()
    };
    for _ in 0..120 {
        for _ in 0..5 {
            world.token("one");
        }
        world.wait(1);
    }
    assert!(
        (11..=12).contains(&refusals(&world)),
        "{}",
        refusals(&world)
    );
    for _ in 0..200 {
        world.wait(10);
        world.token("one");
    }
    assert_eq!(refusals(&world), 200);
    let told = world.told("one");
    assert_eq!(
        told[..2],
        ["refresh caller office ok", "forget caller office ok"]
    );
    assert!(told.len() <= 200 * 2 + 2, "{}", told.len());
}

#[test]
fn of_each_kind_the_latest_two_hundred_are_kept() {
    let world = World::new(TOKEN);
    world.token("one");
    for _ in 0..300 {
        world.refresh("one");
    }
    let trail = world.trail("one");
    assert_eq!(trail.len(), 201);
    assert_eq!(
        (&trail[0]["sequence"], &trail[199]["sequence"]),
        (&301.into(), &102.into())
    );
    assert_eq!(trail[200]["what"], "exchange");
}

#[test]
fn pages_follow_one_another_without_a_gap() {
    let world = World::new(TOKEN);
    for _ in 0..150 {
        world.refresh("one");
    }
    let (first, next) = world.page("one", u32::MAX);
    assert_eq!((first.len(), next), (100, Some(51)));
    let trail = world.trail("one");
    let sequences: Vec<_> = trail
        .iter()
        .map(|entry| entry["sequence"].as_u64())
        .collect();
    assert_eq!(sequences, (1..=150).rev().map(Some).collect::<Vec<_>>());
}

#[test]
fn accounts_that_store_nothing_have_no_trail_whatever_is_asked_for_them() {
    let world = World::new(TOKEN);
    world.forget("nobody");
    assert!(world.trail("nobody").is_empty());
    assert!(world.rows(&world.object("nobody")).rows.borrow().is_empty());
}

#[test]
fn nothing_secret_is_in_a_trail() {
    let world = World::new(TOKEN);
    world.token("one");
    world.forget("one");
    world.platform.set(WRONG_BRAND);
    world.token("one");
    let text = format!("{:?}", world.trail("one"));
    for secret in ["oauth_a", CLIENT_SECRET, "k1:"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

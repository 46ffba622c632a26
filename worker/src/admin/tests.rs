//! `GET /connections` where there are more than fit on one page: whoever follows the links is told of every connection
//! that concerns them, once, however many there are that do not.

use tillgate_core::{connection::Flight, json::Json};

use super::*;
use crate::{
    example::{Isolate, KEY_SHA256, Keyed, NOW},
    step::{Body, Event},
    vault::{self, Call, Waiting, rows::memory::Memory},
};

/// A worker with these apps for any account, whose directory knows so many accounts of each, and with an app that has two
/// accounts which were never used. The caller may see the apps in `visible`.
struct World {
    isolate: Isolate,
    directory: Memory,
}

impl World {
    fn new(stored: &[(&str, usize)], visible: &str) -> Self {
        let app = |name: &str, accounts: &str| {
            format!(
                r#""{name}":{{"platform":"clopos","version":2,"client_id":"C","integrator_id":"I","accounts":[{accounts}]}}"#
            )
        };
        let mut apps = vec![app("listed", r#""a","b""#)];
        apps.extend(stored.iter().map(|(name, _)| app(name, r#""*""#)));
        let apps = apps.join(",");
        let office = format!(r#"{{"key_sha256":"{KEY_SHA256}","apps":{visible},"can":["admin"]}}"#);
        let world = Self {
            isolate: Isolate::new(&format!(
                r#"{{"apps":{{{apps}}},"callers":{{"office":{office}}}}}"#
            )),
            directory: Memory::default(),
        };
        for (app, count) in stored {
            for number in 0..*count {
                world.store(app, &number.to_string());
            }
        }
        world
    }

    fn store(&self, app: &str, account: &str) {
        let name = Name {
            app: app.to_owned(),
            account: account.to_owned(),
        };
        self.reply(&message::ask(
            DIRECTORY.to_owned(),
            &Message::Register(name),
        ));
    }

    fn reply(&self, ask: &Ask) -> Reply {
        let unused = Memory::default();
        let call = Call {
            rows: if ask.object == DIRECTORY {
                &self.directory
            } else {
                &unused
            },
            config: self.isolate.config.as_ref().unwrap(),
            now: NOW,
        };
        let waiting = Waiting {
            flight: Flight::None,
            waited: false,
        };
        let message = Message::read(&ask.message).unwrap();
        vault::call(call, waiting, &message).reply.unwrap()
    }

    fn get(&self, target: &str) -> Answer {
        let mut event = Event::default();
        loop {
            match self.isolate.asked("GET", target, &Keyed, &event) {
                Step::Ask(asks) => {
                    event.replies = asks.iter().map(|ask| self.reply(ask)).collect();
                }
                Step::Answer(answer) => return answer,
                other => panic!("{other:?}"),
            }
        }
    }

    /// The connections of all pages, as `{app}/{account}`.
    fn listed(&self) -> Vec<String> {
        let (mut listed, mut target) = (Vec::new(), Some("/connections".to_owned()));
        while let Some(page) = target {
            let answer = self.get(&page);
            let Body::Text(text) = &answer.body else {
                panic!("{:?}", answer.body)
            };
            let json = Json::parse(text.as_bytes()).unwrap();
            let states = json.items().unwrap();
            assert!(states.len() <= PAGE, "{}", states.len());
            listed.extend(states.iter().map(|state| {
                format!(
                    "{}/{}",
                    state.text("app").unwrap(),
                    state.text("account").unwrap()
                )
            }));
            let link = answer.headers.iter().find(|(name, _)| *name == "link");
            target = link.map(|(_, link)| {
                let link = link.strip_prefix('<').unwrap();
                link.strip_suffix(">; rel=\"next\"").unwrap().to_owned()
            });
        }
        listed
    }
}

fn assert_all_once(stored: &[(&str, usize)]) {
    let mut listed = World::new(stored, r#"["*"]"#).listed();
    let count = listed.len();
    listed.sort();
    listed.dedup();
    let wanted: usize = stored.iter().map(|(_, count)| count).chain([&2]).sum();
    assert_eq!((listed.len(), count), (wanted, wanted), "{stored:?}");
}

#[test]
fn whoever_may_see_all_connections_is_told_of_each_once() {
    for count in [0, 1, 98, 99, 100, 101, 250] {
        assert_all_once(&[("cafe", count)]);
    }
}

#[test]
fn names_that_are_in_another_order_with_a_slash_behind_are_told_once_as_well() {
    assert_all_once(&[("cafe", 101), ("cafe-2", 5), ("zone", 3)]);
    assert_all_once(&[("cafe", 5), ("cafe-2", 101), ("cafe2", 101)]);
}

#[test]
fn whoever_may_see_few_is_told_of_them_however_many_others_there_are() {
    for others in [99, 100, 101, 1100, 1101, 2500] {
        let world = World::new(&[("cafe", others), ("zone", 2)], r#"["zone"]"#);
        assert_eq!(world.listed(), ["zone/0", "zone/1"], "{others}");
    }
    let world = World::new(&[("cafe", 250), ("zone", 0)], r#"["listed"]"#);
    assert_eq!(world.listed(), ["listed/a", "listed/b"]);
}

#[test]
fn connections_of_apps_that_are_gone_hide_no_other() {
    let world = World::new(&[("zone", 2)], r#"["*"]"#);
    for number in 0..150 {
        world.store("gone", &number.to_string());
    }
    assert_eq!(world.listed(), ["listed/a", "listed/b", "zone/0", "zone/1"]);
}

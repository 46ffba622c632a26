//! An exchange that kills its object: noted before it begins, or by an object that has survived one, when it is cut off.

use std::cell::RefCell;

use tillgate_core::{
    exchange::ExchangeError,
    http::{Request, Response},
    time::UnixTime,
};

use super::{
    super::{flight, flight::Peers, rows::memory::Memory},
    problem,
    world::{TOKEN, World, refresh},
};
use crate::{message::Reply, step::Ask};

/// The world, and what these rows held when the request was sent.
struct Watching<'a>(&'a World, &'static Memory, RefCell<Option<Vec<u8>>>);

impl Peers for Watching<'_> {
    async fn send(&self, request: &Request) -> Result<Response, ExchangeError> {
        let stored = self.1.rows.borrow().get("connection").cloned();
        self.2.replace(stored);
        self.0.send(request).await
    }

    async fn ask(&self, ask: Ask) -> Option<Reply> {
        self.0.ask(ask).await
    }

    fn now(&self) -> UnixTime {
        self.0.now()
    }
}

/// What is stored before a refresh, and when its request is sent.
fn stored_around_sending(world: &World, survived: bool) -> (Option<Vec<u8>>, Option<Vec<u8>>) {
    let object = world.object("kept");
    let rows = world.rows(&object);
    let before = rows.rows.borrow().get("connection").cloned();
    let peers = Watching(world, rows, RefCell::default());
    world.fly(&object, &refresh("kept"), survived, &peers);
    (before, peers.2.into_inner())
}

/// Two exchanges that are cut off.
fn cut_off_twice(world: &World, survived: bool) {
    let object = world.object("kept");
    for _ in 0..2 {
        flight::cut(world.call(&object), &refresh("kept"), survived);
    }
}

#[test]
fn the_first_exchange_of_an_object_is_noted_before_it_is_sent() {
    let world = World::new(TOKEN);
    world.token("kept");
    let (before, at_sending) = stored_around_sending(&world, false);
    assert_ne!(before, at_sending);
}

#[test]
fn an_object_that_has_survived_one_writes_only_its_end() {
    let world = World::new(TOKEN);
    world.token("kept");
    let (before, at_sending) = stored_around_sending(&world, true);
    assert_eq!(before, at_sending);
    assert_eq!(world.exchanges.get(), 2);
}

#[test]
fn where_nothing_is_stored_yet_an_exchange_is_noted_all_the_same() {
    let world = World::new(TOKEN);
    let (before, at_sending) = stored_around_sending(&world, true);
    assert!(before.is_none() && at_sending.is_some());
}

#[test]
fn exchanges_that_are_cut_off_are_counted_whoever_notes_them() {
    let world = World::new(TOKEN);
    world.token("kept");
    world.wait(4000);
    cut_off_twice(&world, true);
    assert_eq!(problem(&world.token("kept")), "platform_unavailable");
    assert_eq!(world.exchanges.get(), 1);
}

#[test]
fn an_exchange_that_was_noted_when_it_began_is_not_counted_twice() {
    let world = World::new(TOKEN);
    world.token("kept");
    world.wait(4000);
    cut_off_twice(&world, false);
    assert!(matches!(world.token("kept"), Reply::Token(_)));
}

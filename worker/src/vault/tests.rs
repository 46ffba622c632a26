//! Vaults, breakers and the directory as they work together, with rows in memory and a platform that is a function.

mod survival;
mod trail;
mod world;

use tillgate_core::{
    exchange::ExchangeError,
    http::{Request, Response},
    time::UnixTime,
};

use self::world::{TOKEN, WRONG_BRAND, WRONG_INTEGRATOR, World, refresh};
use super::flight::Peers;
use crate::{example::CLIENT_SECRET, message::Reply, step::Ask};

/// The world, but an administrator has this brand forgotten whenever another object is asked.
struct Forgetting<'a>(&'a World, &'static str);

impl Peers for Forgetting<'_> {
    async fn send(&self, request: &Request) -> Result<Response, ExchangeError> {
        self.0.send(request).await
    }

    async fn ask(&self, ask: Ask) -> Option<Reply> {
        self.0.forget(self.1);
        self.0.ask(ask).await
    }

    fn now(&self) -> UnixTime {
        self.0.now()
    }
}

fn problem(reply: &Reply) -> &'static str {
    match reply {
        Reply::Problem(problem) => problem.code.as_str(),
        _ => "none",
    }
}

#[test]
fn a_fault_of_the_whole_app_is_one_exchange_for_five_hundred_brands() {
    let world = World::new(WRONG_INTEGRATOR);
    for brand in 0..500 {
        assert_eq!(
            problem(&world.token(&format!("brand{brand}"))),
            "credentials_rejected"
        );
    }
    assert_eq!(world.exchanges.get(), 1);
}

#[test]
fn a_fault_of_one_brand_leaves_the_others_alone() {
    let world = World::new(WRONG_BRAND);
    assert_eq!(problem(&world.token("closed")), "credentials_rejected");
    world.platform.set(TOKEN);
    assert!(matches!(world.token("open"), Reply::Token(_)));
}

#[test]
fn when_the_apps_fault_is_mended_every_brand_is_served_again() {
    let world = World::new(WRONG_INTEGRATOR);
    world.token("first");
    world.platform.set(TOKEN);
    assert_eq!(problem(&world.token("second")), "credentials_rejected");
    world.wait(60);
    assert!(matches!(world.token("second"), Reply::Token(_)));
    assert!(matches!(world.token("third"), Reply::Token(_)));
}

#[test]
fn a_brand_that_the_breaker_stopped_knows_how_long_to_wait() {
    let world = World::new(WRONG_INTEGRATOR);
    world.token("first");
    let Reply::Problem(problem) = world.token("second") else {
        panic!("there is no token")
    };
    assert!((1..=38).contains(&problem.retry_after.unwrap()));
}

#[test]
fn a_fault_of_the_app_never_costs_a_token_that_is_still_good() {
    let world = World::new(TOKEN);
    world.token("kept");
    world.platform.set(WRONG_INTEGRATOR);
    world.token("other");
    world.wait(3400);
    assert!(matches!(world.token("kept"), Reply::Token(_)));
}

#[test]
fn an_administrator_gets_through_to_the_platform_all_the_same() {
    let world = World::new(WRONG_INTEGRATOR);
    world.token("first");
    world.platform.set(TOKEN);
    assert!(matches!(world.refresh("second"), Reply::Status(_)));
    assert!(
        matches!(world.token("third"), Reply::Token(_)),
        "a success clears the fault"
    );
}

#[test]
fn what_the_breaker_keeps_tells_nothing_secret() {
    let world = World::new(WRONG_INTEGRATOR);
    world.token("first");
    let objects = world.objects.borrow();
    let (name, rows) = objects
        .iter()
        .find(|(name, _)| name.starts_with("breaker:cafe:"))
        .unwrap();
    let stored = String::from_utf8_lossy(&rows.rows.borrow()["breaker"]).into_owned();
    assert!(!format!("{name}{stored}").contains(CLIENT_SECRET));
}

#[test]
fn a_connection_that_is_forgotten_before_its_renewal_begins_stays_forgotten() {
    let world = World::new(TOKEN);
    world.token("kept");
    // Later than a breaker at rest is taken at its word, so it is asked.
    world.wait(60);
    let object = world.object("kept");
    let peers = Forgetting(&world, "kept");
    assert!(
        world
            .fly(&object, &refresh("kept"), false, &peers)
            .is_none()
    );
    assert_eq!(world.exchanges.get(), 1);
    assert!(world.rows(&object).rows.borrow().is_empty());
}

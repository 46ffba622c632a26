//! Vaults, breakers and the directory as they work together, with rows in memory and a platform that is a function.

mod survival;
mod trail;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    pin::pin,
    task::{Context, Poll, Waker},
};

use tillgate_core::{
    connection::Flight,
    exchange::ExchangeError,
    http::{Request, Response},
    json::Json,
    time::UnixTime,
};

use super::{Call, call, flight, flight::Peers, rows::memory::Memory};
use crate::{
    callers::Subject,
    config::{Config, Secrets, Sources},
    message::{Message, Name, Reply},
    step::Ask,
};

/// What a platform answers, by status and body.
type Answer = (u16, &'static str);

const TOKEN: Answer = (
    200,
    r#"{"success":true,"token":"oauth_a","expires_in":3600}"#,
);
const WRONG_INTEGRATOR: Answer = (400, r#"{"success":false,"error":"Invalid integrator_id"}"#);
const WRONG_BRAND: Answer = (401, r#"{"success":false,"message":"Unauthorized"}"#);

/// All objects of a deployment, one platform and one clock.
struct World {
    config: Config,
    objects: RefCell<BTreeMap<String, &'static Memory>>,
    platform: Cell<Answer>,
    exchanges: Cell<u32>,
    now: Cell<u64>,
}

impl World {
    fn new(platform: Answer) -> Self {
        let mut sources = Sources::default();
        let config = r#"{"apps":{"cafe":{"platform":"clopos","version":2,"client_id":"id","integrator_id":"in",
            "accounts":["*"],"allow":[]}}}"#;
        sources.add("TILLGATE", config.to_owned());
        let mut secrets = Secrets::default();
        secrets.add("CAFE_CLIENT_SECRET", "s3cr3t-of-the-cafe".to_owned());
        secrets.add(
            "TILLGATE_SEAL_KEYS",
            "k1:gGN9sT0oYvQ5m3cR7wXzB1dE4fH6jK8lN2pA9uVbWyI".to_owned(),
        );
        Self {
            config: Config::read(&sources, &secrets).unwrap(),
            objects: RefCell::default(),
            platform: Cell::new(platform),
            exchanges: Cell::new(0),
            now: Cell::new(1_800_000_000),
        }
    }

    fn rows(&self, object: &str) -> &'static Memory {
        let mut objects = self.objects.borrow_mut();
        objects
            .entry(object.to_owned())
            .or_insert_with(|| Box::leak(Box::default()))
    }

    fn call(&self, object: &str, message: &Message, waited: bool) -> super::Outcome {
        let now = UnixTime::from_seconds(self.now.get());
        let rows = self.rows(object);
        call(
            Call {
                rows,
                config: &self.config,
                now,
                flight: Flight::None,
                waited,
                survived: false,
            },
            message,
        )
    }

    /// What an object replies, as `worker/vault.js` goes about it.
    fn ask_object(&self, object: &str, message: &Message) -> Reply {
        let outcome = self.call(object, message, false);
        if let Some(reply) = outcome.reply {
            return reply;
        }
        assert!(outcome.launch);
        let now = UnixTime::from_seconds(self.now.get());
        let rows = self.rows(object);
        let call = Call {
            rows,
            config: &self.config,
            now,
            flight: Flight::UnderWay,
            waited: false,
            survived: false,
        };
        let reply = ready(flight::fly(call, message, self));
        reply.unwrap_or_else(|| self.call(object, message, true).reply.unwrap())
    }

    fn token(&self, brand: &str) -> Reply {
        let name = Name {
            app: "cafe".to_owned(),
            account: brand.to_owned(),
        };
        let object = Subject::find(&self.config, "cafe", brand.into())
            .unwrap()
            .key();
        self.ask_object(
            &object,
            &Message::Token {
                name,
                caller: Some("office".to_owned()),
                session: None,
                rejected: None,
            },
        )
    }
}

impl Peers for World {
    async fn send(&self, _: &Request) -> Result<Response, ExchangeError> {
        self.exchanges.update(|count| count.saturating_add(1));
        let (status, body) = self.platform.get();
        let body = body.as_bytes().to_vec().into();
        Ok(Response {
            status,
            retry_after: None,
            body,
        })
    }

    async fn ask(&self, ask: Ask) -> Option<Reply> {
        let message = Message::read(&ask.message)?;
        let reply = self.ask_object(&ask.object, &message).write();
        Reply::read(&Json::parse(reply.as_bytes())?)
    }

    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(self.now.get())
    }
}

/// The world, but an administrator has this brand forgotten whenever another object is asked.
struct Forgetting<'a>(&'a World, Name, String);

impl Peers for Forgetting<'_> {
    async fn send(&self, request: &Request) -> Result<Response, ExchangeError> {
        self.0.send(request).await
    }

    async fn ask(&self, ask: Ask) -> Option<Reply> {
        let forget = Message::Forget {
            name: self.1.clone(),
            caller: "office".to_owned(),
        };
        self.0.call(&self.2, &forget, false);
        self.0.ask(ask).await
    }

    fn now(&self) -> UnixTime {
        self.0.now()
    }
}

/// The value of a future that never waits for anything.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
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
    world.now.set(world.now.get() + 60);
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
    world.now.set(world.now.get() + 3400);
    assert!(matches!(world.token("kept"), Reply::Token(_)));
}

#[test]
fn an_administrator_gets_through_to_the_platform_all_the_same() {
    let world = World::new(WRONG_INTEGRATOR);
    world.token("first");
    world.platform.set(TOKEN);
    let name = Name {
        app: "cafe".to_owned(),
        account: "second".to_owned(),
    };
    let object = Subject::find(&world.config, "cafe", "second".into())
        .unwrap()
        .key();
    assert!(matches!(
        world.ask_object(
            &object,
            &Message::Refresh {
                name,
                caller: "office".to_owned()
            }
        ),
        Reply::Status(_)
    ));
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
    assert!(!format!("{name}{stored}").contains("s3cr3t"));
}

#[test]
fn a_connection_that_is_forgotten_before_its_renewal_begins_stays_forgotten() {
    let world = World::new(TOKEN);
    world.token("kept");
    // Later than a breaker at rest is taken at its word, so it is asked.
    world.now.set(world.now.get() + 60);
    let name = Name {
        app: "cafe".to_owned(),
        account: "kept".to_owned(),
    };
    let object = Subject::find(&world.config, "cafe", "kept".into())
        .unwrap()
        .key();
    let message = Message::Refresh {
        name: name.clone(),
        caller: "office".to_owned(),
    };
    let call = Call {
        rows: world.rows(&object),
        config: &world.config,
        now: world.now(),
        flight: Flight::UnderWay,
        waited: false,
        survived: false,
    };
    let peers = Forgetting(&world, name, object.clone());
    assert!(ready(flight::fly(call, &message, &peers)).is_none());
    assert_eq!(world.exchanges.get(), 1);
    assert!(world.rows(&object).rows.borrow().is_empty());
}

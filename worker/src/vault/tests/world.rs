//! A deployment in memory: all its objects, one platform that is a function, and one clock.

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

use super::super::{Call, Outcome, Waiting, call, flight, flight::Peers, rows::memory::Memory};
use crate::{
    callers::Subject,
    config::Config,
    example::{NOW, configuration},
    message::{Message, Name, Reply},
    step::Ask,
};

/// What a platform answers, by status and body.
pub(super) type Answer = (u16, &'static str);

pub(super) const TOKEN: Answer = (
    200,
    r#"{"success":true,"token":"oauth_a","expires_in":3600}"#,
);
pub(super) const WRONG_INTEGRATOR: Answer =
    (400, r#"{"success":false,"error":"Invalid integrator_id"}"#);
pub(super) const WRONG_BRAND: Answer = (401, r#"{"success":false,"message":"Unauthorized"}"#);

/// The caller whose messages the tests send.
const OFFICE: &str = "office";

/// A deployment with one app, at which every brand is an account.
pub(super) struct World {
    pub(super) config: Config,
    pub(super) objects: RefCell<BTreeMap<String, &'static Memory>>,
    pub(super) platform: Cell<Answer>,
    /// How many requests the platform has had.
    pub(super) exchanges: Cell<u32>,
    now: Cell<UnixTime>,
}

impl World {
    pub(super) fn new(platform: Answer) -> Self {
        let tillgate = r#"{"apps":{"cafe":{"platform":"clopos","version":2,"client_id":"id","integrator_id":"in",
            "accounts":["*"],"allow":[]}}}"#;
        Self {
            config: configuration(tillgate).unwrap(),
            objects: RefCell::default(),
            platform: Cell::new(platform),
            exchanges: Cell::new(0),
            now: Cell::new(NOW),
        }
    }

    /// Lets so many seconds pass.
    pub(super) fn wait(&self, seconds: u64) {
        self.now.set(self.now.get().plus(seconds));
    }

    /// The name of a brand's vault.
    pub(super) fn object(&self, brand: &str) -> String {
        let subject = Subject::find(&self.config, "cafe", brand.into());
        subject.unwrap().key()
    }

    /// What an object stores.
    pub(super) fn rows(&self, object: &str) -> &'static Memory {
        let mut objects = self.objects.borrow_mut();
        objects
            .entry(object.to_owned())
            .or_insert_with(|| Box::leak(Box::default()))
    }

    /// A message on its way through an object, now.
    pub(super) fn call(&self, object: &str) -> Call<'_> {
        Call {
            rows: self.rows(object),
            config: &self.config,
            now: self.now.get(),
        }
    }

    /// What an object decides about a message while no exchange is under way.
    pub(super) fn decide(&self, object: &str, message: &Message, waited: bool) -> Outcome {
        let flight = Flight::None;
        call(self.call(object), Waiting { flight, waited }, message)
    }

    /// Runs an exchange from its beginning to its end.
    pub(super) fn fly(
        &self,
        object: &str,
        message: &Message,
        survived: bool,
        peers: &impl Peers,
    ) -> Option<Reply> {
        ready(flight::fly(self.call(object), message, survived, peers))
    }

    /// What an object replies, as `worker/vault.js` goes about it.
    pub(super) fn ask_object(&self, object: &str, message: &Message) -> Reply {
        let outcome = self.decide(object, message, false);
        if let Some(reply) = outcome.reply {
            return reply;
        }
        assert!(outcome.launch);
        let reply = self.fly(object, message, false, self);
        reply.unwrap_or_else(|| self.decide(object, message, true).reply.unwrap())
    }

    pub(super) fn token(&self, brand: &str) -> Reply {
        let message = Message::Token {
            name: named(brand),
            caller: Some(OFFICE.to_owned()),
            session: None,
            rejected: None,
        };
        self.ask_object(&self.object(brand), &message)
    }

    pub(super) fn refresh(&self, brand: &str) -> Reply {
        self.ask_object(&self.object(brand), &refresh(brand))
    }

    pub(super) fn forget(&self, brand: &str) {
        let message = Message::Forget {
            name: named(brand),
            caller: OFFICE.to_owned(),
        };
        self.ask_object(&self.object(brand), &message);
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
        self.now.get()
    }
}

/// A brand's connection.
pub(super) fn named(brand: &str) -> Name {
    Name {
        app: "cafe".to_owned(),
        account: brand.to_owned(),
    }
}

/// An administrator's wish for a new exchange.
pub(super) fn refresh(brand: &str) -> Message {
    Message::Refresh {
        name: named(brand),
        caller: OFFICE.to_owned(),
    }
}

/// The value of a future that never waits for anything.
fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("it waits"),
    }
}

//! A flight turn by turn. When it needs an answer from elsewhere the turn ends with the question, and the answer begins
//! the next. Nothing here waits: whoever holds the [`UnderWay`] does, so no promise and no timer lives in this module.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, Waker},
};

use tillgate_core::{
    exchange::ExchangeError,
    http::{Request, Response},
    time::UnixTime,
};

use super::{Peers, fly};
use crate::{
    config::{Config, Invalid},
    message::{Message, Reply},
    step::Ask,
    vault::{Call, rows::Rows},
};

/// How a turn ends.
pub(crate) enum Turn {
    /// Send this to its platform, once.
    Send(Request),
    /// Ask this object.
    Ask(Ask),
    /// The flight is over; a redeemed login has a reply.
    Landed(Option<Reply>),
}

/// What came of a turn's question.
pub(crate) enum Answered {
    /// A platform's answer, or why there is none.
    Sent(Result<Response, ExchangeError>),
    /// An object's reply; `None` if it did not answer.
    Replied(Option<Reply>),
}

/// A flight between two turns.
pub(crate) struct UnderWay {
    mailbox: Rc<Mailbox>,
    flight: Pin<Box<dyn Future<Output = Option<Reply>>>>,
}

impl UnderWay {
    /// A flight for `message`, and how its first turn ends. For `survived` see [`fly`].
    pub(crate) fn begin(
        rows: impl Rows + 'static,
        config: Rc<Result<Config, Invalid>>,
        message: Message,
        survived: bool,
        now: UnixTime,
    ) -> (Self, Turn) {
        let mailbox = Rc::new(Mailbox {
            question: RefCell::default(),
            answer: RefCell::default(),
            now: Cell::new(now),
        });
        let peers = Rc::clone(&mailbox);
        let flight = Box::pin(async move {
            let call = Call {
                rows: &rows,
                config: (*config).as_ref().ok()?,
                now,
            };
            fly(call, &message, survived, peers.as_ref()).await
        });
        let mut under_way = Self { mailbox, flight };
        let turn = under_way.turn();
        (under_way, turn)
    }

    /// Goes on with the answer to the last turn's question.
    pub(crate) fn go_on(&mut self, answered: Answered, now: UnixTime) -> Turn {
        self.mailbox.answer.replace(Some(answered));
        self.mailbox.now.set(now);
        self.turn()
    }

    fn turn(&mut self) -> Turn {
        let mut context = Context::from_waker(Waker::noop());
        match self.flight.as_mut().poll(&mut context) {
            Poll::Ready(reply) => Turn::Landed(reply),
            // It waits for nothing else than an answer, so there is a question.
            Poll::Pending => self.mailbox.question.take().unwrap_or(Turn::Landed(None)),
        }
    }
}

/// Where a flight leaves its question and finds the answer.
struct Mailbox {
    question: RefCell<Option<Turn>>,
    answer: RefCell<Option<Answered>>,
    now: Cell<UnixTime>,
}

impl Mailbox {
    async fn ask(&self, question: Turn) -> Answered {
        self.question.replace(Some(question));
        poll_fn(|_| self.answer.take().map_or(Poll::Pending, Poll::Ready)).await
    }
}

impl Peers for Mailbox {
    async fn send(&self, request: &Request) -> Result<Response, ExchangeError> {
        match self.ask(Turn::Send(request.clone())).await {
            Answered::Sent(result) => result,
            Answered::Replied(_) => Err(ExchangeError::Unavailable(None)),
        }
    }

    async fn ask(&self, ask: Ask) -> Option<Reply> {
        match self.ask(Turn::Ask(ask)).await {
            Answered::Replied(reply) => reply,
            Answered::Sent(_) => None,
        }
    }

    fn now(&self) -> UnixTime {
        self.now.get()
    }
}

//! Runs a seed, and tells a run that broke a promise as a story that is as short as possible.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::{
    moves::{Move, moves},
    oracle::Violation,
    tally::Tally,
    vault::Defect,
    world::World,
};

const PANICKED: &str = "nothing panics";

/// A run that broke a promise.
pub(crate) struct Failure {
    seed: u64,
    defect: Defect,
    moves: Vec<Move>,
    violation: Violation,
}

/// Runs a seed for so many steps.
pub(crate) fn run(seed: u64, steps: usize, defect: Defect) -> Result<Tally, Box<Failure>> {
    let mut moves = moves(seed, steps);
    play(seed, &moves, defect).map_err(|(violation, reached)| {
        moves.truncate(reached);
        Box::new(Failure {
            seed,
            defect,
            moves,
            violation,
        })
    })
}

/// Plays moves; what went wrong comes with how many moves were needed.
fn play(seed: u64, moves: &[Move], defect: Defect) -> Result<Tally, (Violation, usize)> {
    let mut world = World::new(seed, defect);
    let mut reached = 0;
    let played = catch_unwind(AssertUnwindSafe(|| {
        for next in moves {
            reached += 1;
            world.apply(*next)?;
        }
        world.calm_down()
    }));
    let panicked = Violation {
        rule: PANICKED,
        detail: "see above".into(),
    };
    let checked = played.unwrap_or(Err(panicked));
    checked
        .map(|()| world.tally)
        .map_err(|violation| (violation, reached))
}

impl Failure {
    /// The promise that was broken.
    pub(crate) fn rule(&self) -> &'static str {
        self.violation.rule
    }

    /// The shortest run that still breaks the same promise: ever smaller parts are left out, then what is left is made
    /// plainer, until neither helps.
    pub(crate) fn shrink(self) -> Self {
        let mut shorter = self.leave_out();
        loop {
            let before = shorter.moves.len();
            shorter = shorter.make_plain().leave_out();
            if shorter.moves.len() == before {
                return shorter;
            }
        }
    }

    fn leave_out(mut self) -> Self {
        let mut part = self.moves.len().div_ceil(2);
        while part > 0 {
            let mut at = 0;
            while at < self.moves.len() {
                let end = self.moves.len().min(at + part);
                match self.with([&self.moves[..at], &self.moves[end..]].concat()) {
                    Some(failure) => self = failure,
                    None => at += part,
                }
            }
            part /= 2;
        }
        self
    }

    fn make_plain(mut self) -> Self {
        for at in 0..self.moves.len() {
            let mut moves = self.moves.clone();
            let Some(next) = moves.get_mut(at) else { break };
            *next = next.plain();
            self = self.with(moves).unwrap_or(self);
        }
        self
    }

    /// The run with these moves, if it breaks the same promise.
    fn with(&self, mut moves: Vec<Move>) -> Option<Self> {
        let (violation, reached) = play(self.seed, &moves, self.defect).err()?;
        moves.truncate(reached);
        (violation.rule == self.violation.rule).then_some(Self {
            moves,
            violation,
            ..*self
        })
    }

    /// What happened, line by line.
    pub(crate) fn story(&self) -> Vec<String> {
        let mut world = World::new(self.seed, self.defect);
        world.story = Some(Vec::new());
        let _ = catch_unwind(AssertUnwindSafe(|| {
            for next in &self.moves {
                world.apply(*next)?;
            }
            world.calm_down()
        }));
        let Violation { rule, detail } = &self.violation;
        let mut lines = world.story.unwrap_or_default();
        lines.push(format!("broken: {rule} ({detail}), seed {}", self.seed));
        lines
    }
}

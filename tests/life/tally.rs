//! What happened in a run, so that nobody takes one in which nothing did for a proof.

/// How often what happened.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) served: u64,
    pub(crate) waited: u64,
    pub(crate) refused: u64,
    pub(crate) rejected: u64,
    pub(crate) exchanges: u64,
    pub(crate) proofs: u64,
    pub(crate) died: u64,
}

impl Tally {
    /// What happens in one of several runs, on average.
    pub(crate) fn average(tallies: &[Self]) -> Self {
        let runs = u64::try_from(tallies.len()).unwrap();
        let average = |of: fn(&Self) -> u64| tallies.iter().map(of).sum::<u64>() / runs;
        Self {
            served: average(|tally| tally.served),
            waited: average(|tally| tally.waited),
            refused: average(|tally| tally.refused),
            rejected: average(|tally| tally.rejected),
            exchanges: average(|tally| tally.exchanges),
            proofs: average(|tally| tally.proofs),
            died: average(|tally| tally.died),
        }
    }

    /// How often the rarest of it happened.
    pub(crate) fn least(&self) -> u64 {
        let Self {
            served,
            waited,
            refused,
            rejected,
            exchanges,
            proofs,
            died,
        } = *self;
        let all = [served, waited, refused, rejected, exchanges, proofs, died];
        all.into_iter().min().unwrap()
    }
}

//! What can happen next, as plain values: a run is a list of them, so that a failing one can be made shorter.

/// One step of a run. Numbers that pick something are taken modulo how many there are; a move that fits nothing is
/// passed over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Move {
    /// A client calls this isolate. `Forbidden`: the platform's API will answer 401 whatever the token.
    Request { isolate: u8, forbidden: bool },
    /// One call goes on: a message arrives, a reply arrives, the platform's API answers.
    Deliver(u16),
    /// The exchange goes on: the breaker admits it, its request arrives, its answer arrives, those who wait are woken.
    Fly(u8),
    /// Time passes, in seconds.
    Pass(u32),
    /// Time passes until something is due, give or take a second or two.
    PassUntil(Due, i8),
    /// The clocks are set, by so many seconds.
    SetClocks(i32),
    /// From now on the platform answers token requests like this.
    Platform(Mood),
    /// The platform no longer accepts any token that it issued.
    Revoke,
    /// A client goes away.
    Disconnect(u16),
    /// The vault's object is evicted, killed or restarted: what is not stored is gone.
    RestartVault,
    /// The exchange traps, while its object lives on.
    CutFlight,
    /// An isolate is restarted.
    RestartIsolate(u8),
    /// The vault's alarm rings, if it is due.
    Alarm,
    /// An administrator asks for a new exchange.
    Refresh { isolate: u8 },
    /// An administrator has the connection forgotten.
    Forget,
    /// The operator puts another client secret.
    ChangeSecret { right: bool },
    /// Another version of the vault is deployed.
    Deploy(Release),
    /// A merchant logs in (on a platform where only that brings a token).
    LogIn,
}

impl Move {
    /// The same move as plain as it can be, for a story.
    pub(crate) fn plain(self) -> Self {
        match self {
            Self::Request { .. } => Self::Request {
                isolate: 0,
                forbidden: false,
            },
            Self::Deliver(_) => Self::Deliver(0),
            Self::Fly(_) => Self::Fly(0),
            Self::Disconnect(_) => Self::Disconnect(0),
            Self::PassUntil(due, _) => Self::PassUntil(due, 0),
            other => other,
        }
    }
}

/// Something to wait for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Due {
    Renewal,
    End,
    Alarm,
    BackOff,
}

/// How the platform answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    /// With a token of this lifetime in seconds.
    Well { lifetime: u32 },
    /// 400: wrong credentials.
    Rejecting,
    /// 403.
    Denying,
    /// 429, with or without a wait in seconds.
    Limiting(Option<u32>),
    /// 503, with or without a wait in seconds.
    Down(Option<u32>),
    /// Not at all.
    Silent,
    /// It issues a token, and the answer is lost.
    Losing,
    /// With HTML.
    Babbling,
    /// It is down for everybody: the app's breaker lets nobody ask but administrators.
    Tripped,
}

/// Which worker runs the vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Release {
    /// This one.
    Current,
    /// A later one that stores a key which this one does not know.
    Newer,
    /// A later one with another version of record.
    Incompatible,
}

/// A small generator (SplitMix64, Steele et al. 2014): the same numbers for a seed everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end)).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(u32::try_from(from.len()).unwrap()) as usize]
    }

    fn small(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    fn medium(&mut self) -> u16 {
        let [low, high, ..] = self.next().to_le_bytes();
        u16::from_le_bytes([low, high])
    }
}

/// The moves of a seed.
pub(crate) fn moves(seed: u64, steps: usize) -> Vec<Move> {
    let mut random = Random::new(seed);
    (0..steps).map(|_| any_move(&mut random)).collect()
}

fn any_move(random: &mut Random) -> Move {
    let isolate = random.small();
    match random.below(1000) {
        0..140 => Move::Request {
            isolate,
            forbidden: random.below(40) == 0,
        },
        140..590 => Move::Deliver(random.medium()),
        590..780 => Move::Fly(random.small()),
        780..830 => Move::Pass(random.below(4)),
        830..850 => Move::Pass(random.pick(&[5, 15, 30, 59, 60, 61, 300, 900, 3600, 90_000])),
        850..880 => Move::PassUntil(any_due(random), any_offset(random)),
        880..895 => Move::Platform(any_mood(random)),
        895..915 => Move::Alarm,
        915..925 => Move::Disconnect(random.medium()),
        925..935 => Move::RestartVault,
        935..940 => Move::CutFlight,
        940..948 => Move::RestartIsolate(isolate),
        948..954 => Move::Refresh { isolate },
        954..960 => Move::Forget,
        960..965 => Move::Revoke,
        965..969 => Move::ChangeSecret {
            right: random.below(6) > 0,
        },
        969..973 => Move::Deploy(random.pick(&[
            Release::Current,
            Release::Current,
            Release::Current,
            Release::Newer,
            Release::Newer,
            Release::Incompatible,
        ])),
        973..976 => Move::SetClocks(any_jump(random)),
        _ => Move::LogIn,
    }
}

fn any_due(random: &mut Random) -> Due {
    random.pick(&[Due::Renewal, Due::End, Due::Alarm, Due::BackOff])
}

fn any_offset(random: &mut Random) -> i8 {
    random.pick(&[-2, -1, -1, 0, 0, 0, 1, 2])
}

fn any_jump(random: &mut Random) -> i32 {
    random.pick(&[-90_000, -3600, -400, -5, 5, 400, 3600, 90_000])
}

fn any_mood(random: &mut Random) -> Mood {
    match random.below(32) {
        9 => Mood::Tripped,
        0 => Mood::Rejecting,
        1 => Mood::Denying,
        2 => Mood::Limiting(Some(random.pick(&[0, 1, 30, 600, 100_000]))),
        3 => Mood::Limiting(None),
        4 => Mood::Down(Some(random.pick(&[0, 1, 30, 600, 100_000]))),
        5 => Mood::Down(None),
        6 => Mood::Silent,
        7 => Mood::Losing,
        8 => Mood::Babbling,
        _ => Mood::Well {
            lifetime: random.pick(&[0, 60, 120, 600, 3600, 3600, 3600, 7200, 86_400]),
        },
    }
}

//! Points in time as values. Nothing here reads a clock: whoever has one passes [`UnixTime`] in.

/// One minute in seconds.
pub const MINUTE: u64 = 60;
/// One hour in seconds.
pub const HOUR: u64 = 3600;
/// One day in seconds.
pub const DAY: u64 = 86_400;

/// Whole seconds since 1970-01-01T00:00:00Z, the unit of every `expires_at` that the platforms send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixTime(u64);

impl UnixTime {
    /// The time that many seconds after the epoch.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds)
    }

    /// The time of a JavaScript `Date.now()`, rounded down to the second. Values before the epoch count as the epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis / 1000)
    }

    /// Seconds since the epoch.
    pub const fn as_seconds(self) -> u64 {
        self.0
    }

    /// This time, `seconds` later; it stops at the end of the range.
    pub const fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// This time, `seconds` earlier; it stops at the epoch.
    pub const fn minus(self, seconds: u64) -> Self {
        Self(self.0.saturating_sub(seconds))
    }

    /// Seconds from here to `later`; 0 if that is in the past.
    pub const fn until(self, later: Self) -> u64 {
        later.0.saturating_sub(self.0)
    }
}

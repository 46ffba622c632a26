//! Which token is meant: what an exchange sets out to replace, and what a platform's API rejected.

use core::fmt;

/// Which token an exchange set out to replace. Only [`super::Connection::begin`] makes one; a connection that has
/// changed in the meantime does not take the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub(super) epoch: u64,
    pub(super) generation: u64,
}

impl fmt::Display for Ticket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:x}.{:x}", self.epoch, self.generation)
    }
}

impl Ticket {
    /// The ticket that `Display` wrote; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let (epoch, generation) = text.split_once('.')?;
        let number = |hex| u64::from_str_radix(hex, 16).ok();
        Some(Self {
            epoch: number(epoch)?,
            generation: number(generation)?,
        })
    }
}

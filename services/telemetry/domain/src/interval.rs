use std::fmt;

/// An interval outside 1 s to 86,400 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to 86400 seconds, is {0}")]
pub struct InvalidInterval(u32);

/// How often a datastream is expected to bring a reading, in whole seconds: 1 s to a day.
///
/// airRohr boxes send about every 145 s; official stations publish hourly means, 3,600 s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadingInterval(u32);

impl ReadingInterval {
    /// Takes 1 to 86,400 seconds.
    pub const fn from_secs(secs: u32) -> Result<Self, InvalidInterval> {
        match secs {
            1..=86_400 => Ok(Self(secs)),
            _ => Err(InvalidInterval(secs)),
        }
    }

    /// In seconds.
    pub const fn as_secs(self) -> u32 {
        self.0
    }

    /// Whole readings that fit an hour: 24 at 145 s, 1 at 3,600 s, 0 beyond.
    pub const fn readings_per_hour(self) -> u32 {
        3_600 / self.0
    }
}

impl fmt::Display for ReadingInterval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.0)
    }
}

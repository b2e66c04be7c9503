//! The system's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use allmende_kernel::{Clock, Timestamp};

/// Tells the operating system's time, which may go back when it is set. Times before 1970 read as 1970.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_present_is_in_this_century() {
        let now = SystemClock.now();
        assert!(now > Timestamp::from_secs(1_700_000_000) && now < Timestamp::from_secs(4_102_444_800), "{now}");
    }
}

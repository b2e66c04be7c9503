//! Waits that grow with what happened, up to a bound: nobody is locked out for ever, and nothing can be tried or sent
//! without end.

use allmende_kernel::{Duration, Timestamp};

/// Failures that cost nothing: people mistype.
const FREE_FAILURES: u32 = 4;
const FIRST_WAIT_S: i64 = 5;
const LONGEST_WAIT_S: i64 = 15 * 60;

const FIRST_GAP_S: i64 = 60;
const LONGEST_GAP_S: i64 = 24 * 60 * 60;

/// `first`, doubled so many times, at most `longest`; in seconds.
fn doubled(first: i64, times: u32, longest: i64) -> Duration {
    Duration::from_secs(first.saturating_mul(1i64 << times.min(30)).min(longest))
}

/// Failed attempts to sign in since the last one that succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Failures {
    failed: u32,
    last: Option<Timestamp>,
}

impl Failures {
    /// From when on the next attempt is looked at: at once after four failures, then after 5 s, 10 s and so on, up to
    /// a quarter of an hour.
    pub fn open_from(&self) -> Option<Timestamp> {
        let beyond = self.failed.checked_sub(FREE_FAILURES + 1)?;
        Some(self.last? + doubled(FIRST_WAIT_S, beyond, LONGEST_WAIT_S))
    }

    /// Whether an attempt is looked at.
    pub fn admit(&self, at: Timestamp) -> Result<(), Timestamp> {
        match self.open_from() {
            Some(open) if at < open => Err(open),
            _ => Ok(()),
        }
    }

    /// How many failed.
    pub fn failed(&self) -> u32 {
        self.failed
    }

    /// When the last one failed.
    pub fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// After one more failure.
    #[must_use]
    pub fn and_failed(self, at: Timestamp) -> Self {
        Self { failed: self.failed.saturating_add(1), last: Some(at) }
    }
}

/// Codes sent to an address since one was used: the gap between two grows from a minute to a day, so that nobody's
/// mailbox can be filled by somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Issuance {
    sent: u32,
    last: Option<Timestamp>,
}

impl Issuance {
    /// Whether another one may be sent.
    pub fn admits(&self, at: Timestamp) -> bool {
        match (self.sent.checked_sub(1), self.last) {
            (Some(beyond), Some(last)) => at >= last + doubled(FIRST_GAP_S, beyond, LONGEST_GAP_S),
            _ => true,
        }
    }

    /// When the last one was sent.
    pub fn last(&self) -> Option<Timestamp> {
        self.last
    }

    /// After one more.
    #[must_use]
    pub fn and_sent(self, at: Timestamp) -> Self {
        Self { sent: self.sent.saturating_add(1), last: Some(at) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    #[test]
    fn waits_grow_up_to_a_quarter_of_an_hour() {
        let mut failures = Failures::default();
        let mut waits = Vec::new();
        for _ in 0..40 {
            failures = failures.and_failed(at(0));
            waits.push(failures.open_from().map_or(0, |open| open.since(at(0)).as_micros() / 1_000_000));
        }
        assert_eq!(waits[..7], [0, 0, 0, 0, 5, 10, 20]);
        assert!(waits.iter().all(|wait| *wait <= 900));
        assert_eq!(waits[39], 900);
        assert_eq!(failures.admit(at(899)), Err(at(900)));
        assert_eq!(failures.admit(at(900)), Ok(()));
    }

    #[test]
    fn gaps_between_codes_grow_up_to_a_day() {
        let issuance = Issuance::default().and_sent(at(0));
        assert!(!issuance.admits(at(59)) && issuance.admits(at(60)));
        let issuance = issuance.and_sent(at(60));
        assert!(!issuance.admits(at(179)) && issuance.admits(at(180)));
        let many = (0..100).fold(Issuance::default(), |issuance, _| issuance.and_sent(at(0)));
        assert!(!many.admits(at(86_399)) && many.admits(at(86_400)));
    }
}

//! How long to wait before trying again.

use std::time::Duration;

/// The first wait is between nothing and this.
const FIRST: Duration = Duration::from_millis(50);
/// No wait is longer.
const MOST: Duration = Duration::from_secs(2);

/// A random wait before attempt `attempt`, from 1: up to a bound that doubles each time, so that clients which lost their
/// server at the same moment do not all come back at the same moment.
pub fn before(attempt: usize) -> Duration {
    let doublings = attempt.saturating_sub(1).min(16) as u32;
    let bound = FIRST.saturating_mul(1 << doublings).min(MOST);
    rand::random_range(Duration::ZERO..=bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_are_bounded() {
        for attempt in [0, 1, 2, 10, usize::MAX] {
            let longest = (0..1_000).map(|_| before(attempt)).max().unwrap();
            let bound = FIRST * (1 << attempt.saturating_sub(1).min(10));
            assert!(longest <= bound.min(MOST), "{attempt}: {longest:?}");
        }
        let waits: Vec<_> = (0..1_000).map(|_| before(20)).collect();
        assert!(waits.iter().any(|wait| *wait < MOST / 2) && waits.iter().any(|wait| *wait > MOST / 2));
    }
}

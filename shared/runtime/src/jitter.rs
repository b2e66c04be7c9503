use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// A wait between a half of it and one and a half, so that what failed together is not tried together.
pub fn jittered(wait: Duration) -> Duration {
    // Each of these is seeded anew by the system.
    let random = RandomState::new().hash_one(()) as u32;
    wait.mul_f64(0.5 + f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_differ_within_their_bounds() {
        let wait = Duration::from_secs(2);
        let waits: Vec<_> = (0..1_000).map(|_| jittered(wait)).collect();
        assert!(waits.iter().all(|one| (wait / 2..=wait * 3 / 2).contains(one)));
        assert!(waits.iter().any(|one| *one < wait) && waits.iter().any(|one| *one > wait));
    }
}

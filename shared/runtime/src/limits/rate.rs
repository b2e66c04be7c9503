use std::hash::Hash;
use std::num::NonZeroUsize;
use std::time::Duration;

use allmende_kernel::Timestamp;
use lru::LruCache;
use parking_lot::Mutex;

/// Whose buckets are remembered; who was not heard of for longest is forgotten, and begins with a full one.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(50_000).unwrap();

/// A bucket for each caller, which fills at a steady rate.
pub struct Rate<K> {
    per_s: f64,
    burst: f64,
    buckets: Mutex<LruCache<K, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Timestamp,
}

impl<K: Hash + Eq> Rate<K> {
    /// Buckets that hold `burst` and get `per_s` a second; at least one of each.
    pub fn new(per_s: u32, burst: u32) -> Self {
        let buckets = Mutex::new(LruCache::new(REMEMBERED));
        Self { per_s: f64::from(per_s.max(1)), burst: f64::from(burst.max(1)), buckets }
    }

    /// Takes one, or tells how long it is until there is one.
    pub fn take(&self, caller: K, now: Timestamp) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock();
        let before = buckets.get(&caller).copied().unwrap_or(Bucket { left: self.burst, at: now });
        let passed = now.since(before.at).as_micros().max(0) as f64 / 1e6;
        let left = (before.left + passed * self.per_s).min(self.burst);
        let taken = left >= 1.0;
        let left = if taken { left - 1.0 } else { left };
        buckets.put(caller, Bucket { left, at: now });
        if taken { Ok(()) } else { Err(Duration::from_secs_f64((1.0 - left) / self.per_s)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_may_send_a_burst_and_then_at_the_rate() {
        let rate = Rate::new(2, 3);
        let at = Timestamp::from_millis;
        assert!((0..3).all(|_| rate.take("one", at(0)).is_ok()));
        assert_eq!(rate.take("one", at(0)), Err(Duration::from_millis(500)));
        assert_eq!(rate.take("other", at(0)), Ok(()));
        assert!(rate.take("one", at(400)).is_err());
        assert_eq!(rate.take("one", at(500)), Ok(()));
        assert!((0..3).all(|_| rate.take("one", at(60_000)).is_ok()));
        assert!(rate.take("one", at(60_000)).is_err());
        // A clock that is set back gives nothing and takes nothing.
        assert!(rate.take("one", at(0)).is_err());
    }
}

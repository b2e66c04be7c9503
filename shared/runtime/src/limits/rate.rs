use std::hash::Hash;
use std::num::NonZeroUsize;
use std::time::Duration;

use allmende_kernel::Timestamp;
use lru::LruCache;
use parking_lot::Mutex;

use super::Within;
use super::network::WIDER;

/// Whose buckets are remembered; who was not heard of for longest is forgotten, and begins with a full one.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(50_000).unwrap();

/// A bucket for each caller, which fills at a steady rate, and one four times as large for all that the caller is in.
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

impl<K: Within + Hash + Eq> Rate<K> {
    /// Buckets that hold `burst` and get `per_s` a second; at least one of each.
    pub fn new(per_s: u32, burst: u32) -> Self {
        let buckets = Mutex::new(LruCache::new(REMEMBERED));
        Self { per_s: f64::from(per_s.max(1)), burst: f64::from(burst.max(1)), buckets }
    }

    /// Takes one, or tells how long it is until there is one. Who is refused by one bucket takes nothing from the other.
    pub fn take(&self, caller: K, now: Timestamp) -> Result<(), Duration> {
        let counted = [caller.within().map(|around| (around, WIDER as f64)), Some((caller, 1.0))];
        let mut buckets = self.buckets.lock();
        let filled = counted.map(|counted| {
            counted.map(|(caller, times)| (self.filled(buckets.get(&caller).copied(), times, now), caller, times))
        });
        let waits = filled.iter().flatten().map(|(left, _, times)| (1.0 - left) / (self.per_s * times));
        let wait = waits.fold(0.0, f64::max);
        let taken = if wait > 0.0 { 0.0 } else { 1.0 };
        for (left, caller, _) in filled.into_iter().flatten() {
            buckets.put(caller, Bucket { left: left - taken, at: now });
        }
        if wait > 0.0 { Err(Duration::from_secs_f64(wait)) } else { Ok(()) }
    }

    /// What is in a bucket by now.
    fn filled(&self, before: Option<Bucket>, times: f64, now: Timestamp) -> f64 {
        let burst = self.burst * times;
        let Some(before) = before else { return burst };
        let passed = now.since(before.at).as_micros().max(0) as f64 / 1e6;
        (before.left + passed * self.per_s * times).min(burst)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Network;
    use super::*;

    fn network(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    #[test]
    fn a_caller_may_send_a_burst_and_then_at_the_rate() {
        let (one, other) = (network("192.0.2.1"), network("192.0.2.2"));
        let rate = Rate::new(2, 3);
        let at = Timestamp::from_millis;
        assert!((0..3).all(|_| rate.take(one, at(0)).is_ok()));
        assert_eq!(rate.take(one, at(0)), Err(Duration::from_millis(500)));
        assert_eq!(rate.take(other, at(0)), Ok(()));
        assert!(rate.take(one, at(400)).is_err());
        assert_eq!(rate.take(one, at(500)), Ok(()));
        assert!((0..3).all(|_| rate.take(one, at(60_000)).is_ok()));
        assert!(rate.take(one, at(60_000)).is_err());
        // A clock that is set back gives nothing and takes nothing.
        assert!(rate.take(one, at(0)).is_err());
    }

    #[test]
    fn who_has_many_networks_sends_no_faster_than_four_of_them() {
        let rate = Rate::new(1, 2);
        let at = Timestamp::from_millis;
        let of = |number: usize| network(&format!("2001:db8:1:{number:x}00::1"));
        assert!((0..8).all(|number| rate.take(of(number / 2), at(0)).is_ok()));
        // The bucket of all of them fills four times as fast.
        assert_eq!(rate.take(of(5), at(0)), Err(Duration::from_millis(250)));
        assert_eq!(rate.take(network("2001:db8:2::1"), at(0)), Ok(()));
        // Who was refused has taken nothing from the others.
        assert!((0..9).all(|_| rate.take(of(0), at(0)).is_err()));
        assert_eq!(rate.take(of(5), at(250)), Ok(()));
    }
}

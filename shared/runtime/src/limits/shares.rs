use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;

use super::Within;
use super::network::WIDER;

/// Counts what each caller has of something at this moment. Who has nothing is not in it, so that it is as large as what is
/// had.
#[derive(Debug, Clone)]
pub struct Shares<K>(Arc<Mutex<HashMap<K, usize>>>);

impl<K> Shares<K> {
    /// Nobody has anything.
    pub fn new() -> Self {
        Self(Arc::default())
    }
}

impl<K> Default for Shares<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Within + Hash + Eq + Clone> Shares<K> {
    /// One more for the caller, unless they have `most` already, or all that they are in have four times `most`. It is given
    /// back when it is dropped.
    pub fn take(&self, caller: K, most: usize) -> Option<Share<K>> {
        let around = caller.within();
        let mut held = self.0.lock();
        let has = |counted: &K| held.get(counted).copied().unwrap_or_default();
        if has(&caller) >= most || around.as_ref().is_some_and(|around| has(around) >= most.saturating_mul(WIDER)) {
            return None;
        }
        for counted in [Some(&caller), around.as_ref()].into_iter().flatten() {
            *held.entry(counted.clone()).or_default() += 1;
        }
        Some(Share { held: Arc::clone(&self.0), caller, around })
    }
}

/// What one caller has of something.
#[derive(Debug)]
pub struct Share<K: Hash + Eq> {
    held: Arc<Mutex<HashMap<K, usize>>>,
    caller: K,
    around: Option<K>,
}

impl<K: Hash + Eq> Drop for Share<K> {
    fn drop(&mut self) {
        let mut held = self.held.lock();
        for counted in [Some(&self.caller), self.around.as_ref()].into_iter().flatten() {
            match held.get_mut(counted) {
                Some(has) if *has > 1 => *has -= 1,
                _ => drop(held.remove(counted)),
            }
        }
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
    fn nobody_has_more_than_their_share_and_what_is_given_back_is_forgotten() {
        let (one, other) = (network("192.0.2.1"), network("192.0.2.2"));
        let shares = Shares::new();
        let held: Vec<_> = (0..2).map(|_| shares.take(one, 2).unwrap()).collect();
        assert!(shares.take(one, 2).is_none());
        let others = shares.take(other, 2).unwrap();
        drop(held.into_iter().next());
        assert!(shares.take(one, 2).is_some());
        drop(others);
        assert_eq!(shares.0.lock().len(), 0);
        assert!(shares.take(one, 0).is_none());
    }

    #[test]
    fn who_has_many_networks_has_no_more_than_four_of_them() {
        let shares = Shares::new();
        let of = |number: usize| network(&format!("2001:db8:1:{number:x}00::1"));
        let mut held: Vec<_> = (0..8).map(|number| shares.take(of(number / 2), 2).unwrap()).collect();
        assert!(shares.take(of(5), 2).is_none());
        assert!(shares.take(network("2001:db8:2::1"), 2).is_some());
        held.pop();
        assert!(shares.take(of(5), 2).is_some());
        drop(held);
        assert_eq!(shares.0.lock().len(), 0);
    }
}

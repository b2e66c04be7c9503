use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;

/// Counts what each caller has of something at this moment. Who has nothing is not in it, so that it is as large as what is
/// had.
#[derive(Debug)]
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

impl<K: Hash + Eq + Clone> Shares<K> {
    /// One more for the caller, unless they have `most` already. It is given back when it is dropped.
    pub fn take(&self, caller: K, most: usize) -> Option<Share<K>> {
        let mut held = self.0.lock();
        let has = held.get(&caller).copied().unwrap_or_default();
        if has >= most {
            return None;
        }
        held.insert(caller.clone(), has + 1);
        Some(Share { held: Arc::clone(&self.0), caller })
    }
}

/// What one caller has of something.
#[derive(Debug)]
pub struct Share<K: Hash + Eq> {
    held: Arc<Mutex<HashMap<K, usize>>>,
    caller: K,
}

impl<K: Hash + Eq> Drop for Share<K> {
    fn drop(&mut self) {
        let mut held = self.held.lock();
        match held.get_mut(&self.caller) {
            Some(has) if *has > 1 => *has -= 1,
            _ => drop(held.remove(&self.caller)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_more_than_their_share_and_what_is_given_back_is_forgotten() {
        let shares = Shares::new();
        let held: Vec<_> = (0..2).map(|_| shares.take("one", 2).unwrap()).collect();
        assert!(shares.take("one", 2).is_none());
        let others = shares.take("other", 2).unwrap();
        drop(held.into_iter().next());
        assert!(shares.take("one", 2).is_some());
        drop(others);
        assert_eq!(shares.0.lock().len(), 0);
        assert!(shares.take("one", 0).is_none());
    }
}

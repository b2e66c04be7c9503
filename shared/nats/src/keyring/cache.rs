use std::num::NonZeroUsize;

use allmende_keyring::Key;
use lru::LruCache;
use parking_lot::Mutex;

/// What is known of a key without asking.
#[derive(Debug, Clone)]
pub(super) enum Cached {
    Key(Key),
    /// For ever, so it needs no listening.
    Erased,
}

/// Keys that were used last. A key is in it only while its erasure would be heard.
pub(super) struct Cache(Mutex<Held>);

struct Held {
    entries: LruCache<String, Cached>,
    hears: bool,
    /// Counts what could make a key that is being read out of date.
    moment: u64,
}

impl Cache {
    pub(super) fn new(keys: NonZeroUsize) -> Self {
        Self(Mutex::new(Held { entries: LruCache::new(keys), hears: false, moment: 0 }))
    }

    pub(super) fn get(&self, name: &str) -> Option<Cached> {
        self.0.lock().entries.get(name).cloned()
    }

    /// To be taken before a key is read, for [`keep`](Self::keep).
    pub(super) fn moment(&self) -> u64 {
        self.0.lock().moment
    }

    /// Takes a key that was read after `moment`, unless an erasure was heard since, or none would be.
    pub(super) fn keep(&self, name: &str, key: &Key, moment: u64) {
        let mut held = self.0.lock();
        if held.hears && held.moment == moment {
            held.entries.put(name.to_owned(), Cached::Key(key.clone()));
        }
    }

    pub(super) fn erased(&self, name: &str) {
        let mut held = self.0.lock();
        held.moment += 1;
        held.entries.put(name.to_owned(), Cached::Erased);
    }

    /// From now on erasures are heard, or are not: what is kept meanwhile may be out of date.
    pub(super) fn set_hears(&self, hears: bool) {
        let mut held = self.0.lock();
        held.moment += 1;
        held.hears = hears;
        held.entries.clear();
    }
}

#[cfg(test)]
mod tests {
    use allmende_kernel::TenantId;
    use allmende_keyring::{KeyId, WrappingKey};
    use uuid::Uuid;

    use super::*;

    fn key() -> Key {
        let id = KeyId::contribution(Uuid::from_u128(1));
        WrappingKey::new([7; 32]).fresh_key(&TenantId::parse("koeln").unwrap(), id).unwrap().0
    }

    fn hearing() -> Cache {
        let cache = Cache::new(NonZeroUsize::new(2).unwrap());
        cache.set_hears(true);
        cache
    }

    #[test]
    fn a_key_that_was_erased_while_it_was_read_is_not_kept() {
        let cache = hearing();
        let moment = cache.moment();
        cache.erased("one");
        // So many that it was forgotten again.
        (0..9).for_each(|other| cache.erased(&other.to_string()));
        cache.keep("one", &key(), moment);
        assert!(cache.get("one").is_none());
        cache.keep("one", &key(), cache.moment());
        assert!(matches!(cache.get("one"), Some(Cached::Key(_))));
        cache.erased("one");
        assert!(matches!(cache.get("one"), Some(Cached::Erased)));
    }

    #[test]
    fn nothing_is_kept_that_was_read_before_erasures_were_heard() {
        let cache = hearing();
        cache.keep("one", &key(), cache.moment());
        let moment = cache.moment();
        cache.set_hears(false);
        assert!(cache.get("one").is_none());
        cache.keep("one", &key(), cache.moment());
        cache.set_hears(true);
        cache.keep("one", &key(), moment);
        assert!(cache.get("one").is_none());
    }
}

use std::collections::HashMap;

use allmende_eventlog::Hash;
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;

use crate::cluster::{Bodies, BodyError, Unavailable};

/// Bodies in memory.
#[derive(Default)]
pub struct ModelBodies {
    stored: Mutex<HashMap<Hash, Bytes>>,
}

impl ModelBodies {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.stored.lock().len()
    }
}

#[async_trait]
impl Bodies for ModelBodies {
    async fn put(&self, hash: Hash, body: Bytes) -> Result<(), Unavailable> {
        self.stored.lock().insert(hash, body);
        Ok(())
    }

    async fn get(&self, hash: Hash) -> Result<Option<Bytes>, BodyError> {
        Ok(self.stored.lock().get(&hash).cloned())
    }
}

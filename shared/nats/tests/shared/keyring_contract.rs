//! The shared keyring keeps the contract of the keyring's port.

use std::sync::Arc;

use allmende_keyring::contract::Harness;
use allmende_keyring::{Keyring, WrappingKey};
use allmende_nats::BucketKeyring;
use async_nats::jetstream;
use bytes::Bytes;

use crate::support::Cluster;

const STREAM: &str = "KV_allmende_keys";

struct InBuckets {
    cluster: Cluster,
    copy: Vec<(String, Bytes)>,
}

impl InBuckets {
    fn new() -> Option<Self> {
        Some(Self { cluster: Cluster::one()?, copy: Vec::new() })
    }

    /// What an operator's tools do.
    async fn tools(&self) -> jetstream::Context {
        jetstream::new(async_nats::connect(self.cluster.servers.urls()).await.unwrap())
    }
}

/// Waits in a call that is not async.
fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(work))
}

impl Harness for InBuckets {
    async fn open(&mut self) -> Arc<dyn Keyring> {
        let connection = self.cluster.connection().await;
        Arc::new(BucketKeyring::open(&connection, 1, WrappingKey::new([7; 32])).await.unwrap())
    }

    async fn close(&mut self, keyring: Arc<dyn Keyring>) {
        drop(keyring);
    }

    fn copy(&mut self) {
        self.copy = wait(async {
            let stream = self.tools().await.get_stream(STREAM).await.unwrap();
            let mut copy = Vec::new();
            for sequence in 1..=stream.cached_info().state.last_sequence {
                if let Ok(message) = stream.get_raw_message(sequence).await {
                    copy.push((message.subject.to_string(), message.payload));
                }
            }
            copy
        });
    }

    fn put_back(&mut self) {
        wait(async {
            let tools = self.tools().await;
            let config = tools.get_stream(STREAM).await.unwrap().cached_info().config.clone();
            tools.delete_stream(STREAM).await.unwrap();
            tools.create_stream(config).await.unwrap();
            for (subject, payload) in self.copy.clone() {
                tools.publish(subject, payload).await.unwrap().await.unwrap();
            }
        });
    }
}

mod suite {
    use super::InBuckets;

    allmende_keyring::contract_suite!(match InBuckets::new() {
        Some(harness) => harness,
        None => return,
    });
}

//! Leases in a bucket: a value is the holder's name, nothing if nobody holds it, and changes hands by comparing revisions.
//!
//! A lease runs out where the holder's name has stood unchanged for as long as it lasts, by the clock of whoever wants it
//! and from when *they* heard of it, which is after it was stored. No two clocks are compared, and none of a server's: a
//! skewed one makes nobody a holder. Who begins to listen waits for all of that time once.

use std::time::Duration;

use allmende_eventlog_nats::cluster::{Held, Leases, MemberName, Unavailable};
use allmende_eventlog_nats::stream::StreamError;
use allmende_kernel::PartitionName;
use async_trait::async_trait;
use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::bucket::Bucket;
use crate::connection::Connection;
use crate::watched::{Heard, Known, Watched};

const BUCKET: &str = "allmende_leases";
/// Nobody.
const FREE: Bytes = Bytes::new();

/// Leases in the bucket `allmende_leases`.
pub struct BucketLeases {
    bucket: Bucket,
    watched: Watched,
    lasts: Duration,
    runtime: Handle,
}

impl BucketLeases {
    /// The bucket with this many replicas, created if there is none. All members must agree on how long a lease lasts.
    pub async fn open(connection: &Connection, replicas: usize, lasts: Duration) -> Result<Self, StreamError> {
        let bucket = Bucket::open(connection, "leases", BUCKET, replicas, Duration::ZERO).await?;
        let watched = Watched::start(bucket.clone(), None);
        Ok(Self { bucket, watched, lasts, runtime: Handle::current() })
    }

    async fn store(&self, partition: &PartitionName, holder: &str, revision: u64) -> Result<Option<Held>, Unavailable> {
        let value = Bytes::copy_from_slice(holder.as_bytes());
        let stored = self.bucket.replace(partition.as_str(), value.clone(), revision).await?;
        Ok(stored.map(|revision| {
            self.watched.hear(partition.as_str(), value, revision);
            Held { partition: partition.clone(), holder: holder.to_owned(), revision }
        }))
    }
}

#[async_trait]
impl Leases for BucketLeases {
    fn lasts(&self) -> Duration {
        self.lasts
    }

    async fn take(&self, partition: &PartitionName, holder: &str) -> Result<Option<Held>, Unavailable> {
        match self.watched.get(partition.as_str()) {
            None => self.store(partition, holder, 0).await,
            Some(heard) if heard.value == holder || holder_of(&heard, self.lasts).is_none() => {
                self.store(partition, holder, heard.revision).await
            }
            Some(_) => Ok(None),
        }
    }

    async fn renew(&self, held: &Held) -> Result<Option<Held>, Unavailable> {
        self.store(&held.partition, &held.holder, held.revision).await
    }

    async fn release(&self, held: Held) -> Result<(), Unavailable> {
        if let Some(revision) = self.bucket.replace(held.partition.as_str(), FREE, held.revision).await? {
            self.watched.hear(held.partition.as_str(), FREE, revision);
        }
        Ok(())
    }

    fn watch(&self, partition: &PartitionName) -> watch::Receiver<Option<MemberName>> {
        let known = self.watched.subscribe();
        let (sender, receiver) = watch::channel(None);
        self.runtime.spawn(tell(known, partition.clone(), self.lasts, sender));
        receiver
    }
}

/// Who holds it, as far as was heard, unless it has run out since.
fn holder_of(heard: &Heard, lasts: Duration) -> Option<&str> {
    let holder = std::str::from_utf8(&heard.value).unwrap_or_default();
    (!holder.is_empty() && heard.at.elapsed() < lasts).then_some(holder)
}

/// Tells who holds a lease until nobody listens.
async fn tell(
    mut known: watch::Receiver<Known>,
    partition: PartitionName,
    lasts: Duration,
    sender: watch::Sender<Option<MemberName>>,
) {
    loop {
        let (holder, until) = match known.borrow_and_update().entries.get(partition.as_str()) {
            Some(heard) => (holder_of(heard, lasts).map(str::to_owned), heard.at + lasts),
            None => (None, Instant::now()),
        };
        let runs_out = holder.is_some();
        sender.send_if_modified(|told| {
            let changed = *told != holder;
            *told = holder;
            changed
        });
        tokio::select! {
            changed = known.changed() => if changed.is_err() { return },
            () = sleep_until(until), if runs_out => {}
            () = sender.closed() => return,
        }
    }
}

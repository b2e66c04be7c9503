//! Leases in a bucket: a value is the holder's name, nothing if nobody holds it, and changes hands by comparing revisions.
//!
//! A lease runs out where the holder's name has stood unchanged for as long as it lasts, by the clock of whoever wants it
//! and from when *they* heard of it, which is after it was stored. No two clocks are compared, and none of a server's: a
//! skewed one makes nobody a holder. Who begins to listen waits for all of that time once.

use std::collections::BTreeMap;
use std::time::Duration;

use allmende_eventlog_nats::cluster::{Held, Leases, MemberName, Unavailable};
use allmende_eventlog_nats::stream::StreamError;
use allmende_kernel::PartitionName;
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};

use crate::bucket::Bucket;
use crate::connection::Connection;
use crate::watched::{Heard, Known, Watched};

const BUCKET: &str = "allmende_leases";
/// Nobody.
const FREE: Bytes = Bytes::new();
/// A renewal ends within this part of what a lease lasts, so that a few of them fit into what is left after one is lost.
const RENEWALS: u32 = 4;

/// Leases in the bucket `allmende_leases`.
pub struct BucketLeases {
    bucket: Bucket,
    watched: Watched,
    lasts: Duration,
    runtime: Handle,
    /// By which this process knows what it has stored itself.
    mark: String,
    /// Renewals that were sent and not answered, by the state that they were to renew.
    unanswered: Mutex<BTreeMap<PartitionName, u64>>,
}

impl BucketLeases {
    /// The bucket with this many replicas, created if there is none. All members must agree on how long a lease lasts.
    pub async fn open(connection: &Connection, replicas: usize, lasts: Duration) -> Result<Self, StreamError> {
        let bucket = Bucket::open(connection, "leases", BUCKET, replicas, Duration::ZERO).await?;
        let watched = Watched::start(bucket.clone(), None);
        let bucket = bucket.within(connection.settings().timeout.min(lasts));
        let mark = format!("{:032x}", rand::random::<u128>());
        Ok(Self { bucket, watched, lasts, runtime: Handle::current(), mark, unanswered: Mutex::default() })
    }

    /// Stores a state of the lease behind the one with this revision; its own revision.
    async fn store(&self, partition: &PartitionName, value: &Bytes, revision: u64) -> Result<Option<u64>, Unavailable> {
        let mark = Some(self.mark.clone());
        let stored = self.bucket.replace(partition.as_str(), value.clone(), revision, mark).await?;
        if let Some(revision) = stored {
            self.watched.hear(partition.as_str(), value.clone(), revision);
        }
        Ok(stored)
    }

    /// Stores a state behind the one that is held, or behind the one that an earlier attempt made of it whose answer was
    /// lost: what is stored lasts from now, and not from when that one was.
    async fn store_behind(&self, held: &Held, value: &Bytes) -> Result<Option<u64>, Unavailable> {
        let before = self.unanswered.lock().insert(held.partition.clone(), held.revision);
        let mut stored = self.store(&held.partition, value, held.revision).await?;
        if stored.is_none() && before == Some(held.revision) {
            stored = match self.own_state(held).await? {
                Some(revision) => self.store(&held.partition, value, revision).await?,
                None => None,
            };
        }
        self.unanswered.lock().remove(&held.partition);
        Ok(stored)
    }

    /// Revision of the lease's state, if this process made it.
    async fn own_state(&self, held: &Held) -> Result<Option<u64>, Unavailable> {
        let last = self.bucket.last(held.partition.as_str()).await?;
        match last {
            Some(last) if last.revision <= held.revision => Err(self.bucket.unavailable("the answer is too old")),
            Some(last) if last.value == held.holder && last.mark.as_ref() == Some(&self.mark) => {
                Ok(Some(last.revision))
            }
            _ => Ok(None),
        }
    }
}

#[async_trait]
impl Leases for BucketLeases {
    fn lasts(&self) -> Duration {
        self.lasts
    }

    async fn take(&self, partition: &PartitionName, holder: &str) -> Result<Option<Held>, Unavailable> {
        let revision = match self.watched.get(partition.as_str()) {
            None => 0,
            Some(heard) if heard.value == holder || holder_of(&heard, self.lasts).is_none() => heard.revision,
            Some(_) => return Ok(None),
        };
        let stored = self.store(partition, &Bytes::copy_from_slice(holder.as_bytes()), revision).await?;
        Ok(stored.map(|revision| Held { partition: partition.clone(), holder: holder.to_owned(), revision }))
    }

    async fn renew(&self, held: &Held) -> Result<Option<Held>, Unavailable> {
        let holder = Bytes::copy_from_slice(held.holder.as_bytes());
        match timeout(self.lasts / RENEWALS, self.store_behind(held, &holder)).await {
            Ok(stored) => Ok(stored?.map(|revision| Held { revision, ..held.clone() })),
            Err(_) => Err(self.bucket.unavailable("a renewal was not answered")),
        }
    }

    async fn release(&self, held: Held) -> Result<(), Unavailable> {
        self.store_behind(&held, &FREE).await.map(drop)
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

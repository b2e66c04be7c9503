//! A bucket as it was last heard, kept up to date by a task.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::jetstream::kv::{Entry, Operation};
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::backoff;
use crate::bucket::Bucket;

/// Without a word for so long after a watch began, all that there was is taken to be heard. Only entries that went away
/// between the server's count and their delivery make this necessary.
const SILENCE: Duration = Duration::from_secs(1);

/// One key's value.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    /// Empty where it was removed.
    pub(crate) value: Bytes,
    pub(crate) revision: u64,
    /// When this process heard of it first.
    pub(crate) at: Instant,
}

/// All that was heard.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    /// By key.
    pub(crate) entries: BTreeMap<String, Heard>,
    /// Whether all that was there at the start was heard.
    pub(crate) complete: bool,
}

/// The bucket's entries, as they come. The task ends when this is dropped.
pub(crate) struct Watched {
    known: watch::Sender<Known>,
    task: JoinHandle<()>,
}

impl Watched {
    /// Begins to listen. What is older than `keep` is forgotten, so that keys that come and go do not add up.
    pub(crate) fn start(bucket: Bucket, keep: Option<Duration>) -> Self {
        let known = watch::Sender::new(Known::default());
        let task = tokio::spawn(listen(bucket, keep, known.clone()));
        Self { known, task }
    }

    /// To be read and waited on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Known> {
        self.known.subscribe()
    }

    /// What is known of a key.
    pub(crate) fn get(&self, key: &str) -> Option<Heard> {
        self.known.borrow().entries.get(key).cloned()
    }

    /// Hears what this process itself has just stored, before it comes back from the server.
    pub(crate) fn hear(&self, key: &str, value: Bytes, revision: u64) {
        self.known.send_modify(|known| known.hear(key, value, revision));
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Known {
    /// A revision that is known stays as old as it is: it may be told again after a reconnect.
    fn hear(&mut self, key: &str, value: Bytes, revision: u64) {
        if self.entries.get(key).is_none_or(|known| known.revision < revision) {
            self.entries.insert(key.to_owned(), Heard { value, revision, at: Instant::now() });
        }
    }

    fn apply(&mut self, entry: Entry, keep: Option<Duration>) {
        let value = match entry.operation {
            Operation::Put => entry.value,
            Operation::Delete | Operation::Purge => Bytes::new(),
        };
        self.hear(&entry.key, value, entry.revision);
        self.complete |= entry.seen_current;
        if let Some(keep) = keep {
            self.entries.retain(|_, heard| heard.at.elapsed() < keep);
        }
    }
}

async fn listen(bucket: Bucket, keep: Option<Duration>, known: watch::Sender<Known>) {
    let mut attempt = 0;
    loop {
        if let Ok(mut entries) = bucket.watch().await {
            if bucket.is_empty().await.unwrap_or(false) {
                known.send_modify(|known| known.complete = true);
            }
            loop {
                match timeout(SILENCE, entries.next()).await {
                    Ok(Some(Ok(entry))) => {
                        attempt = 0;
                        known.send_modify(|known| known.apply(entry, keep));
                    }
                    Ok(Some(Err(error))) => {
                        tracing::debug!(%error, "watching a bucket");
                        break;
                    }
                    Ok(None) => break,
                    Err(_) => {
                        known.send_if_modified(|known| !std::mem::replace(&mut known.complete, true));
                    }
                }
            }
        }
        attempt += 1;
        sleep(backoff::before(attempt)).await;
    }
}

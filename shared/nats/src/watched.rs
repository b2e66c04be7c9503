//! A bucket as it was last heard, kept up to date by a task.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry as Place;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::backoff;
use crate::bucket::Bucket;
use crate::bucket_watch::Watch;

/// One key's value.
#[derive(Debug, Clone, PartialEq)]
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
    /// A revision that is known stays as old as it is: it comes back from the server, too.
    fn hear(&mut self, key: &str, value: Bytes, revision: u64) {
        if self.entries.get(key).is_none_or(|known| known.revision < revision) {
            self.entries.insert(key.to_owned(), Heard { value, revision, at: Instant::now() });
        }
    }

    /// Takes what a new watch found in place of what an earlier one had told: the bucket may be another one, or an earlier
    /// state of the same, in which a lower revision is the later word. What is told again unchanged is no younger for it.
    fn replace(&mut self, found: BTreeMap<String, Heard>, begun: Instant) {
        let before = std::mem::replace(&mut self.entries, found);
        for (key, known) in before {
            let stored_meanwhile = known.at >= begun;
            match self.entries.entry(key) {
                Place::Occupied(mut told) => {
                    let heard = told.get();
                    let is_same = heard.revision == known.revision && heard.value == known.value;
                    if is_same || stored_meanwhile && heard.revision < known.revision {
                        told.insert(known);
                    }
                }
                Place::Vacant(place) if stored_meanwhile => drop(place.insert(known)),
                Place::Vacant(_) => {}
            }
        }
        self.complete = true;
    }

    fn forget(&mut self, keep: Option<Duration>) {
        if let Some(keep) = keep {
            self.entries.retain(|_, heard| heard.at.elapsed() < keep);
        }
    }
}

async fn listen(bucket: Bucket, keep: Option<Duration>, known: watch::Sender<Known>) {
    let mut attempt = 0;
    loop {
        let begun = Instant::now();
        let ended = match bucket.watch().await {
            Ok(mut watch) => hear_out(&mut watch, begun, keep, &known).await,
            Err(error) => error.to_string(),
        };
        tracing::debug!(error = ended, "watching a bucket");
        // One that lasted for a while was no failure.
        attempt = if begun.elapsed() > Duration::from_secs(10) { 1 } else { attempt + 1 };
        sleep(backoff::before(attempt)).await;
    }
}

/// Takes in all that the watch tells, until it ends; why it did.
async fn hear_out(watch: &mut Watch, begun: Instant, keep: Option<Duration>, known: &watch::Sender<Known>) -> String {
    let mut found = BTreeMap::new();
    loop {
        match watch.next_of_those_there().await {
            Ok(Some(entry)) => {
                let heard = Heard { value: entry.value, revision: entry.revision, at: Instant::now() };
                found.insert(entry.key, heard);
            }
            Ok(None) => break,
            Err(error) => return error,
        }
    }
    known.send_modify(|known| {
        known.replace(found, begun);
        known.forget(keep);
    });
    loop {
        match watch.next().await {
            Ok(entry) => known.send_modify(|known| {
                known.hear(&entry.key, entry.value, entry.revision);
                known.forget(keep);
            }),
            Err(error) => return error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(value: &'static str, revision: u64, at: Instant) -> Heard {
        Heard { value: Bytes::from_static(value.as_bytes()), revision, at }
    }

    #[test]
    fn a_new_watch_tells_what_there_is_whatever_was_known() {
        let before = Instant::now();
        let begun = before + Duration::from_secs(1);
        let now = before + Duration::from_secs(2);
        let map = |entries: &[(&str, Heard)]| -> BTreeMap<String, Heard> {
            entries.iter().map(|(key, heard)| ((*key).to_owned(), heard.clone())).collect()
        };
        let entries = map(&[
            ("same", heard("a", 3, before)),
            ("set back", heard("a", 9, before)),
            ("gone", heard("a", 4, before)),
            ("ours", heard("b", 8, now)),
            ("ours and new", heard("b", 7, now)),
        ]);
        let mut known = Known { entries, complete: false };
        known.replace(
            map(&[("same", heard("a", 3, now)), ("set back", heard("b", 2, now)), ("ours", heard("a", 1, now))]),
            begun,
        );
        let expected = map(&[
            ("same", heard("a", 3, before)),
            ("set back", heard("b", 2, now)),
            ("ours", heard("b", 8, now)),
            ("ours and new", heard("b", 7, now)),
        ]);
        assert!(known.complete);
        assert_eq!(known.entries, expected);
    }
}

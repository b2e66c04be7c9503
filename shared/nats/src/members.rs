//! Members in a bucket: each announces itself under its service and name, and counts while it is heard.

use std::time::Duration;

use allmende_eventlog_nats::cluster::{Announcement, Members, Unavailable};
use allmende_eventlog_nats::stream::StreamError;
use async_trait::async_trait;
use tokio::time::timeout;

use crate::announcement;
use crate::bucket::Bucket;
use crate::connection::Connection;
use crate::watched::{Heard, Watched};

const BUCKET: &str = "allmende_members";

/// Members in the bucket `allmende_members`.
pub struct BucketMembers {
    bucket: Bucket,
    watched: Watched,
    lasts: Duration,
    patience: Duration,
}

impl BucketMembers {
    /// The bucket with this many replicas, created if there is none. All members must agree on how long an announcement
    /// counts.
    pub async fn open(connection: &Connection, replicas: usize, lasts: Duration) -> Result<Self, StreamError> {
        // The server throws away what counts no more, later than anybody could still count it.
        let bucket = Bucket::open(connection, "members", BUCKET, replicas, lasts.saturating_mul(4)).await?;
        let watched = Watched::start(bucket.clone(), Some(lasts.saturating_mul(4)));
        Ok(Self { bucket, watched, lasts, patience: connection.settings().timeout })
    }
}

fn key(service: &str, member: &str) -> String {
    format!("{service}.{member}")
}

#[async_trait]
impl Members for BucketMembers {
    fn lasts(&self) -> Duration {
        self.lasts
    }

    async fn announce(&self, announcement: &Announcement) -> Result<(), Unavailable> {
        let key = key(&announcement.service, &announcement.member);
        let value = announcement::encode(announcement).map_err(|error| self.bucket.unavailable(error))?;
        let revision = self.bucket.put(&key, value.clone()).await?;
        self.watched.hear(&key, value, revision);
        Ok(())
    }

    async fn withdraw(&self, service: &str, member: &str) -> Result<(), Unavailable> {
        self.bucket.remove(&key(service, member)).await
    }

    async fn live(&self, service: &str) -> Result<Vec<Announcement>, Unavailable> {
        let mut known = self.watched.subscribe();
        let known = match timeout(self.patience, known.wait_for(|known| known.complete)).await {
            Ok(Ok(known)) => known,
            _ => return Err(self.bucket.unavailable("the members were not heard yet")),
        };
        let counts = |heard: &Heard| heard.at.elapsed() < self.lasts;
        let announced = || known.entries.iter().filter(|(_, heard)| !heard.value.is_empty());
        // Whoever lives announces itself, this member too: if nobody is heard, it is this member that hears nothing.
        if announced().next().is_some() && !announced().any(|(_, heard)| counts(heard)) {
            return Err(self.bucket.unavailable("nobody was heard for too long"));
        }
        let of_service = announced().filter(|(key, _)| key.split_once('.').is_some_and(|(of, _)| of == service));
        let live = of_service.filter(|(_, heard)| counts(heard)).filter_map(|(key, heard)| {
            let read = announcement::decode(&heard.value);
            read.inspect_err(|error| tracing::warn!(key, %error, "an announcement cannot be read")).ok()
        });
        Ok(live.collect())
    }
}

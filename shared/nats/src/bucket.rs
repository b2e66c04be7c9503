//! Key-value buckets: the last value of each key, and a revision by which it is known from all others.

use std::time::Duration;

use allmende_eventlog_nats::cluster::Unavailable;
use allmende_eventlog_nats::stream::StreamError;
use async_nats::jetstream::kv::{self, Store};
use async_nats::jetstream::stream::{Config, StorageType};
use bytes::Bytes;
use tokio::time::{Instant, sleep};

use crate::connection::Connection;
use crate::{backoff, storing};

/// Creating a bucket takes a cluster a moment, and while it elects a leader it refuses.
const PATIENCE: Duration = Duration::from_secs(30);
/// The largest value.
const VALUE_BYTES: i32 = 512 << 10;

/// A bucket that keeps one value a key.
#[derive(Clone)]
pub(crate) struct Bucket {
    /// What people call it.
    what: &'static str,
    connection: Connection,
    store: Store,
}

impl Bucket {
    /// The bucket `name`, created if there is none; one that is there is compared with what is needed, and never changed.
    /// `age` is how long a value is kept; zero: for ever.
    pub(crate) async fn open(
        connection: &Connection,
        what: &'static str,
        name: &str,
        replicas: usize,
        age: Duration,
    ) -> Result<Self, StreamError> {
        let needed = kv::Config {
            bucket: name.to_owned(),
            description: what.to_owned(),
            history: 1,
            max_age: age,
            max_value_size: VALUE_BYTES,
            storage: StorageType::File,
            num_replicas: replicas,
            ..kv::Config::default()
        };
        let until = Instant::now() + PATIENCE;
        let mut attempt = 0;
        let store = loop {
            attempt += 1;
            match get_or_create(connection, &needed).await {
                Err(_) if Instant::now() < until => sleep(backoff::before(attempt)).await,
                outcome => break outcome?,
            }
        };
        let config = &store.stream.cached_info().config;
        let mut differences = differences(config, replicas);
        if config.max_age != age {
            differences.push(format!("max_age is {:?}, needed {age:?}", config.max_age));
        }
        if !differences.is_empty() {
            return Err(StreamError::Unfit(format!("{}: {}", store.stream_name, differences.join("; "))));
        }
        Ok(Self { what, connection: connection.clone(), store })
    }

    /// Stores a value whatever was there.
    pub(crate) async fn put(&self, key: &str, value: Bytes) -> Result<u64, Unavailable> {
        let stored = self.store(key, value, None).await?;
        stored.ok_or_else(|| self.unavailable("a value that expects nothing was refused"))
    }

    /// Stores a value if the key's last one has this revision (0: there never was one), in one step; `None` if it has not.
    /// After an error the value may be stored all the same.
    pub(crate) async fn replace(&self, key: &str, value: Bytes, revision: u64) -> Result<Option<u64>, Unavailable> {
        self.store(key, value, Some(revision)).await
    }

    async fn store(&self, key: &str, value: Bytes, revision: Option<u64>) -> Result<Option<u64>, Unavailable> {
        let subject = format!("{}{key}", self.store.prefix);
        let stored = storing::store(&self.connection, &self.store.stream_name, subject, value, revision).await;
        stored.map_err(|error| self.unavailable(error))
    }

    /// Removes the key's value.
    pub(crate) async fn remove(&self, key: &str) -> Result<(), Unavailable> {
        self.store.delete(key).await.map_err(|error| self.unavailable(error))
    }

    /// Each key's last value, and then what changes.
    pub(crate) async fn watch(&self) -> Result<kv::Watch, Unavailable> {
        self.store.watch_with_history(">").await.map_err(|error| self.unavailable(error))
    }

    /// Whether it holds nothing, as some server last knew.
    pub(crate) async fn is_empty(&self) -> Result<bool, Unavailable> {
        let info = self.store.stream.get_info().await.map_err(|error| self.unavailable(error))?;
        Ok(info.state.messages == 0)
    }

    pub(crate) fn unavailable(&self, cause: impl ToString) -> Unavailable {
        Unavailable { bucket: self.what, cause: cause.to_string() }
    }
}

async fn get_or_create(connection: &Connection, needed: &kv::Config) -> Result<Store, StreamError> {
    let jetstream = connection.jetstream();
    if let Ok(store) = jetstream.get_key_value(&needed.bucket).await {
        return Ok(store);
    }
    let created = jetstream.create_key_value(needed.clone()).await;
    created.map_err(|error| StreamError::Unreachable(error.to_string()))
}

/// Each setting of a bucket's stream that the platform cannot live with, in words.
pub(crate) fn differences(actual: &Config, replicas: usize) -> Vec<String> {
    let mut found = Vec::new();
    if actual.storage != StorageType::File {
        found.push(format!("storage is {:?}, needed File", actual.storage));
    }
    if actual.num_replicas != replicas {
        found.push(format!("num_replicas is {}, needed {replicas}", actual.num_replicas));
    }
    if actual.max_messages_per_subject != 1 {
        found.push(format!("history is {}, needed 1", actual.max_messages_per_subject));
    }
    found
}

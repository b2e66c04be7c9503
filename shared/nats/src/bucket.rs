//! Key-value buckets: the last value of each key, and a revision by which it is known from all others.

use std::time::Duration;

use allmende_eventlog_nats::cluster::Unavailable;
use allmende_eventlog_nats::stream::StreamError;
use async_nats::jetstream::kv::{self, Store};
use async_nats::jetstream::stream::{Config, StorageType};
use bytes::Bytes;
use tokio::time::{Instant, sleep, timeout};

use crate::bucket_watch::Watch;
use crate::connection::Connection;
use crate::reading::last_message;
use crate::storing::Storing;
use crate::{backoff, headers};

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
    needed: kv::Config,
    store: Store,
    within: Duration,
}

/// A key's value, as the bucket has it.
#[derive(Debug)]
pub(crate) struct Last {
    /// Empty where it was removed.
    pub(crate) value: Bytes,
    pub(crate) revision: u64,
    /// Of whoever stored it, if they have one.
    pub(crate) mark: Option<String>,
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
        let within = connection.settings().timeout;
        Ok(Self { what, connection: connection.clone(), needed, store, within })
    }

    /// The same, whose requests end within `within` instead of what the connection's settings say.
    pub(crate) fn within(&self, within: Duration) -> Self {
        Self { within, ..self.clone() }
    }

    /// Stores a value whatever was there.
    pub(crate) async fn put(&self, key: &str, value: Bytes) -> Result<u64, Unavailable> {
        let stored = self.store(key, Storing { value, ..Storing::default() }).await?;
        stored.ok_or_else(|| self.unavailable("a value that expects nothing was refused"))
    }

    /// Stores a value if the key's last one has this revision (0: there never was one), in one step; `None` if it has not.
    /// After an error the value may be stored all the same: [`last`](Self::last) tells it by its mark.
    pub(crate) async fn replace(
        &self,
        key: &str,
        value: Bytes,
        revision: u64,
        mark: Option<String>,
    ) -> Result<Option<u64>, Unavailable> {
        self.store(key, Storing { value, expected: Some(revision), mark, ..Storing::default() }).await
    }

    /// Removes the key's value.
    pub(crate) async fn remove(&self, key: &str) -> Result<(), Unavailable> {
        self.store(key, Storing { removes: true, ..Storing::default() }).await.map(drop)
    }

    async fn store(&self, key: &str, message: Storing) -> Result<Option<u64>, Unavailable> {
        let stored = message.store(&self.connection, &self.store.stream_name, &self.subject(key), self.within).await;
        stored.map_err(|error| self.unavailable(error))
    }

    /// What is stored under the key, as the server that answers for the bucket knows it; `None` if nothing is.
    pub(crate) async fn last(&self, key: &str) -> Result<Option<Last>, Unavailable> {
        let found = last_message(&self.store.stream, &self.subject(key), self.within).await;
        let found = found.map_err(|error| self.unavailable(error))?;
        Ok(found.map(|message| {
            let removed = headers::remove_a_value(&message.headers);
            let value = if removed { Bytes::new() } else { message.payload };
            Last { value, revision: message.sequence, mark: headers::mark(&message.headers) }
        }))
    }

    /// Each key's last value, and then what changes. A bucket that is not there any more is created again: what it held
    /// counts for a while only.
    pub(crate) async fn watch(&self) -> Result<Watch, Unavailable> {
        let watch = match Watch::start(&self.connection, &self.store).await {
            Ok(watch) => return Ok(watch),
            Err(error) => error,
        };
        get_or_create(&self.connection, &self.needed).await.map_err(|error| self.unavailable(error))?;
        Err(self.unavailable(watch))
    }

    fn subject(&self, key: &str) -> String {
        format!("{}{key}", self.store.prefix)
    }

    pub(crate) fn unavailable(&self, cause: impl ToString) -> Unavailable {
        Unavailable { bucket: self.what, cause: cause.to_string() }
    }
}

async fn get_or_create(connection: &Connection, needed: &kv::Config) -> Result<Store, StreamError> {
    let jetstream = connection.jetstream();
    let making = async {
        if let Ok(store) = jetstream.get_key_value(&needed.bucket).await {
            return Ok(store);
        }
        jetstream.create_key_value(needed.clone()).await.map_err(|error| error.to_string())
    };
    let made = timeout(connection.settings().timeout * 2, making).await;
    made.unwrap_or_else(|elapsed| Err(elapsed.to_string())).map_err(StreamError::Unreachable)
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

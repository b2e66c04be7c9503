//! Secrets that all members share, in the bucket `allmende_secrets`.
//!
//! ```text
//! {name}          the secret, as `WrappingKey` wraps it: `operator.token`, `tokens/….key`
//! installation    the fingerprint of the installation's key, by which a member with another one is told
//! changed         nothing; told when a secret was removed
//! ```

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog_nats::stream::StreamError;
use allmende_keyring::WrappingKey;
use allmende_runtime::secrets::{SecretError, Secrets};
use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::connection::Connection;
use crate::values::Values;
use crate::{backoff, blocking};

const BUCKET: &str = "allmende_secrets";
const INSTALLATION: &str = "installation";
const CHANGED: &str = "changed";
/// How often an answer is asked for that contradicts another one.
const ATTEMPTS: usize = 8;

/// Why shared secrets do not open.
#[derive(Debug, thiserror::Error)]
pub enum SecretsOpenError {
    /// The bucket cannot be reached, or is set up otherwise than needed.
    #[error(transparent)]
    Bucket(#[from] StreamError),
    /// The installation's fingerprint could not be compared.
    #[error("the installation's fingerprint cannot be compared: {0}")]
    Unavailable(String),
    /// What the members have was wrapped by another key, and could not be read here.
    #[error(
        "this member's installation key is not the one that the other members have: give every member the same \
         installation.key"
    )]
    OtherInstallation,
}

/// Secrets in a bucket.
pub struct BucketSecrets {
    values: Values,
    wrapping: Arc<WrappingKey>,
    changes: watch::Sender<u64>,
    runtime: Handle,
    listening: JoinHandle<()>,
}

impl BucketSecrets {
    /// The secrets with this many replicas; the bucket is made if there is none, and is then of the installation with this
    /// fingerprint. Needs a runtime with several threads.
    pub async fn open(
        connection: &Connection,
        replicas: usize,
        wrapping: WrappingKey,
        fingerprint: [u8; 32],
    ) -> Result<Self, SecretsOpenError> {
        if !blocking::can_wait() {
            return Err(StreamError::Unfit("the runtime has one thread".to_owned()).into());
        }
        let values = Values::open(connection, BUCKET, replicas).await?;
        let mine = Bytes::copy_from_slice(&fingerprint);
        let standing = create(&values, INSTALLATION, mine.clone()).await.map_err(SecretsOpenError::Unavailable)?;
        if standing != mine {
            return Err(SecretsOpenError::OtherInstallation);
        }
        let changes = watch::Sender::new(0);
        let listening = tokio::spawn(listen(values.clone(), changes.clone()));
        Ok(Self { values, wrapping: Arc::new(wrapping), changes, runtime: Handle::current(), listening })
    }

    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, String>> + Send + 'static,
    ) -> Result<T, SecretError> {
        let done = blocking::wait(&self.runtime, work);
        done.unwrap_or_else(|| Err("the process is ending".to_owned())).map_err(SecretError::Unavailable)
    }

    fn unwrap(&self, name: &str, wrapped: &[u8]) -> Result<Vec<u8>, SecretError> {
        let secret = self.wrapping.unwrap(&of_secret(name), wrapped);
        secret.map(|secret| secret.to_vec()).ok_or_else(|| SecretError::Damaged(format!("{BUCKET}/{name}")))
    }
}

impl Drop for BucketSecrets {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Secrets for BucketSecrets {
    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        let (values, key) = (self.values.clone(), name.to_owned());
        let found = self.wait(async move {
            match values.last(&key).await? {
                Some(value) => Ok(Some(value.bytes)),
                None if values.is_surely_absent(&key).await? => Ok(None),
                None => Ok(values.last(&key).await?.map(|value| value.bytes)),
            }
        })?;
        found.map(|wrapped| self.unwrap(name, &wrapped)).transpose()
    }

    fn create(&self, name: &str, fresh: Vec<u8>) -> Result<Vec<u8>, SecretError> {
        let wrapped = self.wrapping.wrap(&of_secret(name), &fresh);
        let wrapped = wrapped.map_err(|error| SecretError::Unavailable(error.to_string()))?;
        let (values, key) = (self.values.clone(), name.to_owned());
        let standing = self.wait(async move { create(&values, &key, wrapped.into()).await })?;
        self.unwrap(name, &standing)
    }

    fn names(&self, folder: &str) -> Result<Vec<String>, SecretError> {
        let (values, folder) = (self.values.clone(), format!("{folder}/"));
        self.wait(async move {
            let keys = values.keys().await?.into_iter();
            Ok(keys.filter_map(|(key, _)| key.strip_prefix(&folder).map(str::to_owned)).collect())
        })
    }

    fn remove(&self, name: &str) -> Result<(), SecretError> {
        let (values, key) = (self.values.clone(), name.to_owned());
        self.wait(async move {
            values.overwrite_earlier(&key, u64::MAX).await?;
            // A message that is deleted tells nobody.
            let told = values.store(CHANGED, Bytes::new(), None).await?.unwrap_or_default();
            values.overwrite_earlier(CHANGED, told).await
        })
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

/// Stores the value, if there is none; the one that stands then. One that was stored by an attempt whose answer was lost
/// is found by the next.
async fn create(values: &Values, key: &str, value: Bytes) -> Result<Bytes, String> {
    let until = Instant::now() + values.within();
    let mut attempt = 0;
    loop {
        attempt += 1;
        let tried = match values.store(key, value.clone(), Some(0)).await {
            Ok(Some(_)) => return Ok(value),
            Ok(None) => values.last(key).await,
            Err(error) => Err(error),
        };
        match tried {
            Ok(Some(standing)) => return Ok(standing.bytes),
            Ok(None) | Err(_) if attempt < ATTEMPTS && Instant::now() < until => sleep(backoff::before(attempt)).await,
            Ok(None) => return Err("the answers contradict each other".to_owned()),
            Err(error) => return Err(error),
        }
    }
}

fn of_secret(name: &str) -> String {
    format!("secret/{name}")
}

async fn listen(values: Values, changes: watch::Sender<u64>) {
    let mut attempt = 0;
    loop {
        let begun = Instant::now();
        let Err(error) = hear(&values, &changes).await;
        tracing::debug!(error, "listening for secrets that change");
        attempt = if begun.elapsed() > Duration::from_secs(10) { 1 } else { attempt + 1 };
        sleep(backoff::before(attempt)).await;
    }
}

async fn hear(values: &Values, changes: &watch::Sender<u64>) -> Result<Infallible, String> {
    let mut listening = values.listen().await?;
    loop {
        // What was not heard before may have changed.
        changes.send_modify(|changes| *changes += 1);
        listening.next().await?;
    }
}

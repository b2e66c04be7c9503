use std::fmt::Display;
use std::path::Path;
use std::time::{Duration, SystemTime};

use allmende_eventlog_nats::stream::StreamError;
use allmende_files::Name;
use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::object_store::{GetErrorKind, InfoErrorKind, ObjectInfo, ObjectMetadata, ObjectStore};
use async_nats::jetstream::stream::{Config, DiscardPolicy, RawMessageErrorKind, StorageType, Stream};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE;
use bytes::BytesMut;
use futures_util::TryStreamExt as _;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::connection::Connection;
use crate::consumer::Consumer;
use crate::reading::last_message;
use crate::storing::Storing;
use crate::stream_config::{self, Found};
use crate::streams;

/// A piece of a file.
const PIECE: usize = 512 << 10;

/// What the store knows of a file.
pub(super) struct Listed {
    pub(super) name: Name,
    /// Since it was kept, by the clocks of whoever kept it and of this process.
    pub(super) age: Duration,
}

/// The object store of a shelf. Every request has a limit; of an upload and a download each piece has.
#[derive(Clone)]
pub(super) struct Store {
    connection: Connection,
    objects: ObjectStore,
    stream: Stream,
    bucket: String,
    within: Duration,
}

impl Store {
    /// The store, created if there is none; one that is there is compared with what is needed, and never changed.
    pub(super) async fn open(connection: &Connection, replicas: usize, shelf: &str) -> Result<Self, StreamError> {
        let bucket = format!("allmende_{shelf}");
        let needed = needed(&bucket, replicas);
        let stream = streams::get_or_create(connection, &needed).await?;
        let differences = differences(&stream.cached_info().config, &needed);
        if !differences.is_empty() {
            return Err(StreamError::Unfit(format!("{}: {}", needed.name, differences.join("; "))));
        }
        let within = connection.settings().timeout;
        let objects = connection.jetstream().get_object_store(&bucket);
        let objects = within_limit(within, objects).await.map_err(StreamError::Unreachable)?;
        Ok(Self { connection: connection.clone(), objects, stream, bucket, within })
    }

    /// Stores what the file at `path` has under this name. It is on the replicas when this returns.
    pub(super) async fn put(&self, name: &Name, path: &Path) -> Result<(), String> {
        let mut file = File::open(path).await.map_err(|error| error.to_string())?;
        let bytes = file.metadata().await.map_err(|error| error.to_string())?.len();
        let pieces = u32::try_from(bytes / PIECE as u64).unwrap_or(u32::MAX);
        let about = ObjectMetadata { name: name.to_string(), chunk_size: Some(PIECE), ..ObjectMetadata::default() };
        let limit = self.within.saturating_mul(pieces.saturating_add(4));
        within_limit(limit, self.objects.put(about, &mut file)).await.map(drop)
    }

    /// Writes what is stored under the name to `to`; false, if nothing is, for sure.
    pub(super) async fn get(&self, name: &Name, to: &mut File) -> Result<bool, String> {
        for _ in 0..2 {
            let object = match timeout(self.within, self.objects.get(name.to_string())).await {
                Ok(Err(error)) if matches!(error.kind(), GetErrorKind::NotFound) => None,
                Ok(object) => Some(object.map_err(|error| error.to_string())?),
                Err(elapsed) => return Err(elapsed.to_string()),
            };
            let Some(mut object) = object else {
                match self.is_surely_absent(name).await? {
                    true => return Ok(false),
                    false => continue,
                }
            };
            let mut piece = BytesMut::with_capacity(PIECE);
            while within_limit(self.within, object.read_buf(&mut piece)).await? > 0 {
                to.write_all(&piece).await.map_err(|error| error.to_string())?;
                piece.clear();
            }
            to.flush().await.map_err(|error| error.to_string())?;
            return Ok(true);
        }
        Err("the answers contradict each other".to_owned())
    }

    /// Whether something is stored under the name.
    pub(super) async fn contains(&self, name: &Name) -> Result<bool, String> {
        match self.info(name).await? {
            Some(info) => Ok(!info.deleted),
            None => Ok(!self.is_surely_absent(name).await?),
        }
    }

    /// Takes the name away, and then overwrites the pieces. To be asked again where it failed. What somebody puts again
    /// meanwhile stays.
    pub(super) async fn remove(&self, name: &Name) -> Result<(), String> {
        match self.last(name).await? {
            Some((info, sequence)) => self.remove_last(name, info, sequence).await,
            None => Ok(()),
        }
    }

    /// The sequence of what was said last of the name; 0 if nothing was.
    pub(super) async fn last_change(&self, name: &Name) -> Result<u64, String> {
        Ok(self.last(name).await?.map_or(0, |(_, sequence)| sequence))
    }

    /// Removes it, unless something was said of the name since.
    pub(super) async fn remove_unchanged(&self, name: &Name, last_change: u64) -> Result<(), String> {
        match self.last(name).await? {
            Some((info, sequence)) if sequence == last_change => self.remove_last(name, info, sequence).await,
            _ => Ok(()),
        }
    }

    /// The same, if what was found there is still the last that is known of the name.
    async fn remove_last(&self, name: &Name, mut info: ObjectInfo, sequence: u64) -> Result<(), String> {
        if !info.deleted {
            (info.deleted, info.size, info.chunks) = (true, 0, 0);
            let payload = serde_json::to_vec(&info).map_err(|error| error.to_string())?;
            let tombstone =
                Storing { value: payload.into(), expected: Some(sequence), replaces: true, ..Storing::default() };
            let stream = &self.stream.cached_info().config.name;
            let stored = tombstone.store(&self.connection, stream, &self.subject_of(name), self.within).await?;
            if stored.is_none() {
                // Whoever put it again may have named it, and has overwritten the pieces of before.
                return Ok(());
            }
        }
        self.overwrite(&self.subject_of_pieces(&info.nuid)).await
    }

    /// Overwrites every message of a subject.
    async fn overwrite(&self, subject: &str) -> Result<(), String> {
        let mut sequence = 1;
        loop {
            let next = self.stream.get_first_raw_message_by_subject(subject, sequence);
            sequence = match timeout(self.within, next).await {
                Ok(Ok(message)) => message.sequence,
                Ok(Err(error)) if matches!(error.kind(), RawMessageErrorKind::NoMessageFound) => return Ok(()),
                Ok(Err(error)) => return Err(error.to_string()),
                Err(elapsed) => return Err(elapsed.to_string()),
            };
            within_limit(self.within, self.stream.delete_message(sequence)).await?;
            sequence += 1;
        }
    }

    /// All files.
    pub(super) async fn all(&self) -> Result<Vec<Listed>, String> {
        let named = self.infos().await?.into_iter().filter(|info| !info.deleted);
        Ok(named.filter_map(|info| Some(Listed { name: Name::parse(&info.name)?, age: age(&info) })).collect())
    }

    /// Overwrites pieces that belong to no file, of uploads that were cut off at least so long ago.
    pub(super) async fn overwrite_orphans(&self, age: Duration) -> Result<(), String> {
        let mut listed = within_limit(self.within, self.stream.info_with_subjects(self.subject_of_pieces(">"))).await?;
        let mut orphans = Vec::new();
        while let Some((subject, _)) = within_limit(self.within, listed.try_next()).await? {
            orphans.push(subject);
        }
        // Later than the pieces: who finished meanwhile is among them.
        let infos = self.infos().await?;
        let belongs = |subject: &str| {
            infos.iter().any(|info| !info.deleted && subject.rsplit('.').next() == Some(info.nuid.as_str()))
        };
        orphans.retain(|subject| !belongs(subject));
        for subject in orphans {
            let first = self.stream.get_first_raw_message_by_subject(&subject, 1);
            // Gone by now.
            let Ok(first) = within_limit(self.within, first).await else { continue };
            if since(first.time.unix_timestamp()) >= age {
                self.overwrite(&subject).await?;
            }
        }
        Ok(())
    }

    /// Bytes that all of it takes.
    pub(super) async fn used(&self) -> Result<u64, String> {
        Ok(within_limit(self.within, self.stream.get_info()).await?.state.bytes)
    }

    /// What is removed from now on.
    pub(super) async fn removals(&self) -> Result<Removals, String> {
        let filter = format!("$O.{}.M.>", self.bucket);
        let consumer = Consumer::start(&self.connection, &self.stream, DeliverPolicy::New, &filter).await?;
        Ok(Removals { consumer, delivered: 0 })
    }

    async fn infos(&self) -> Result<Vec<ObjectInfo>, String> {
        let filter = format!("$O.{}.M.>", self.bucket);
        let deliver = DeliverPolicy::LastPerSubject;
        let mut consumer = Consumer::start(&self.connection, &self.stream, deliver, &filter).await?;
        let (mut infos, mut waiting) = (Vec::new(), consumer.waiting());
        while waiting > 0 {
            let message = within_limit(self.within, consumer.next()).await?;
            waiting = waiting.min(message.info().map_err(|error| error.to_string())?.pending);
            infos.extend(serde_json::from_slice::<ObjectInfo>(&message.payload).ok());
        }
        Ok(infos)
    }

    /// What was said last of the name, and at which sequence.
    async fn last(&self, name: &Name) -> Result<Option<(ObjectInfo, u64)>, String> {
        let Some(message) = last_message(&self.stream, &self.subject_of(name), self.within).await? else {
            return Ok(None);
        };
        let info = serde_json::from_slice(&message.payload).map_err(|error| error.to_string())?;
        Ok(Some((info, message.sequence)))
    }

    async fn info(&self, name: &Name) -> Result<Option<ObjectInfo>, String> {
        match timeout(self.within, self.objects.info(name.to_string())).await {
            Ok(Ok(info)) => Ok(Some(info)),
            Ok(Err(error)) if matches!(error.kind(), InfoErrorKind::NotFound) => Ok(None),
            Ok(Err(error)) => Err(error.to_string()),
            Err(elapsed) => Err(elapsed.to_string()),
        }
    }

    /// Whether the name is not there, for sure: a message is stored first, and only what knows that one counts.
    async fn is_surely_absent(&self, name: &Name) -> Result<bool, String> {
        let asked = self.subject_of_pieces("asked");
        let stream = &self.stream.cached_info().config.name;
        let asked = Storing::default().store(&self.connection, stream, &asked, self.within).await?;
        let asked = asked.unwrap_or(u64::MAX);
        // Or it goes with what was cut off.
        let _ = within_limit(self.within, self.stream.delete_message(asked)).await;
        let state = within_limit(self.within, self.stream.get_info()).await?.state;
        if state.last_sequence < asked {
            return Err("the answer is too old".to_owned());
        }
        Ok(self.info(name).await?.is_none_or(|info| info.deleted))
    }

    fn subject_of(&self, name: &Name) -> String {
        format!("$O.{}.M.{}", self.bucket, BASE64_URL_SAFE.encode(name.to_string()))
    }

    fn subject_of_pieces(&self, nuid: &str) -> String {
        format!("$O.{}.C.{nuid}", self.bucket)
    }
}

/// Names that are removed, as it happens, until it cannot be heard any more.
pub(super) struct Removals {
    consumer: Consumer,
    delivered: u64,
}

impl Removals {
    pub(super) async fn next(&mut self) -> Result<Name, String> {
        loop {
            let message = self.consumer.next().await?;
            let number = message.info().map_err(|error| error.to_string())?.consumer_sequence;
            self.delivered += 1;
            if number != self.delivered {
                return Err(format!("delivery {} was lost", self.delivered));
            }
            if let Ok(info) = serde_json::from_slice::<ObjectInfo>(&message.payload)
                && info.deleted
                && let Some(name) = Name::parse(&info.name)
            {
                return Ok(name);
            }
        }
    }
}

fn age(info: &ObjectInfo) -> Duration {
    info.modified.as_ref().map_or(Duration::MAX, |modified| since(modified.unix_timestamp()))
}

fn since(unix_s: i64) -> Duration {
    let then = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(unix_s).unwrap_or_default());
    then.elapsed().unwrap_or_default()
}

async fn within_limit<T, E: Display>(limit: Duration, asking: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match timeout(limit, asking).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(format!("no answer within {limit:?}")),
    }
}

/// An object store that is read from whoever leads its stream, and whose messages may be deleted.
pub(crate) fn needed(bucket: &str, replicas: usize) -> Config {
    Config {
        name: format!("OBJ_{bucket}"),
        subjects: vec![format!("$O.{bucket}.C.>"), format!("$O.{bucket}.M.>")],
        storage: StorageType::File,
        num_replicas: replicas,
        discard: DiscardPolicy::New,
        max_message_size: stream_config::LARGEST as i32,
        max_bytes: -1,
        max_messages: -1,
        max_messages_per_subject: -1,
        allow_rollup: true,
        ..Config::default()
    }
}

/// Each setting of such a store's stream that the platform cannot live with, in words.
pub(crate) fn differences(actual: &Config, needed: &Config) -> Vec<String> {
    let mut found = Found::between(actual, needed);
    found.unless_unlimited("max_msgs_per_subject", actual.max_messages_per_subject);
    found.unless_equal("deny_delete", &actual.deny_delete, &false);
    found.unless_equal("allow_rollup_hdrs", &actual.allow_rollup, &true);
    // A replica that is behind would say that a file is not there.
    found.unless_equal("allow_direct", &actual.allow_direct, &false);
    found.0
}

//! What a bucket holds, and then what changes, until anything says that it may be another bucket by now.

use std::time::Duration;

use async_nats::jetstream::consumer::DeliverPolicy;
use async_nats::jetstream::kv::Store;
use bytes::Bytes;
use tokio::time::timeout;

use crate::connection::Connection;
use crate::consumer::Consumer;
use crate::headers;

/// Without a word for so long, all that there was is taken to be told. Only entries that went away between the server's
/// count and their delivery make this necessary.
const SILENCE: Duration = Duration::from_secs(1);

/// A key's value, as it was stored.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// Empty where it was removed.
    pub(crate) value: Bytes,
    pub(crate) revision: u64,
}

/// Entries as they come. It ends with the connection that it was made on and with the bucket: what follows may have lower
/// revisions than what was told, as in a bucket that was made anew or set back, and has to be told from the beginning.
pub(crate) struct Watch {
    consumer: Consumer,
    prefix: String,
    delivered: u64,
    /// Of what was there when it began.
    untold: u64,
}

impl Watch {
    pub(crate) async fn start(connection: &Connection, store: &Store) -> Result<Self, String> {
        let filter = format!("{}>", store.prefix);
        let consumer = Consumer::start(connection, &store.stream, DeliverPolicy::LastPerSubject, &filter).await?;
        let untold = consumer.waiting();
        Ok(Self { consumer, prefix: store.prefix.clone(), delivered: 0, untold })
    }

    /// Something that was there when it began; `None` once that is all.
    pub(crate) async fn next_of_those_there(&mut self) -> Result<Option<Entry>, String> {
        while self.untold > 0 {
            match timeout(SILENCE, self.next()).await {
                Ok(entry) => return entry.map(Some),
                Err(_) => self.untold = 0,
            }
        }
        Ok(None)
    }

    /// The next entry.
    pub(crate) async fn next(&mut self) -> Result<Entry, String> {
        let message = self.consumer.next().await?;
        let info = message.info().map_err(|error| error.to_string())?;
        self.delivered += 1;
        if info.consumer_sequence != self.delivered {
            return Err(format!("delivery {} was lost", self.delivered));
        }
        self.untold = self.untold.min(info.pending);
        let key = message.subject.strip_prefix(&self.prefix).unwrap_or_default().to_owned();
        let removed = message.headers.as_ref().is_some_and(headers::remove_a_value);
        let value = if removed { Bytes::new() } else { message.payload.clone() };
        Ok(Entry { key, value, revision: info.stream_sequence })
    }
}

//! umadb's side: an event at a time into a stream of the writer's own, by umadb's own client.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use prost::Message as _;
use umadb_client::{AsyncUmaDbClient, UmaDbClient};
use umadb_dcb::{DcbAppendCondition, DcbEvent, DcbEventStoreAsync as _, DcbQuery, DcbQueryItem};
use uuid::Uuid;

use crate::turn::{Connections, Writer};

/// Appends to the events of one tag, which stand for a stream.
pub(crate) struct Appender {
    client: Arc<AsyncUmaDbClient>,
    tag: String,
    data: Vec<u8>,
    last: Option<u64>,
}

/// Connects and makes writers, each with a tag that has no events yet.
pub(crate) async fn connect(url: &str, connections: Connections, event_bytes: usize) -> anyhow::Result<Vec<Appender>> {
    let mut clients = Vec::new();
    for _ in 0..connections.count {
        clients.push(Arc::new(UmaDbClient::new(url.to_owned()).connect_async().await?));
    }
    let mut writers = Vec::new();
    for writer in 0..connections.writers {
        let mut appender = Appender {
            client: Arc::clone(&clients[writer % clients.len()]),
            tag: format!("datastream:{}", Uuid::now_v7()),
            data: Vec::new(),
            last: None,
        };
        // Two bytes for the data's own key and length.
        let bare = umadb_proto::v1::Event::from(appender.event()).encoded_len() + 2;
        let data = event_bytes.checked_sub(bare).with_context(|| format!("an event has at least {bare} bytes"))?;
        appender.data = (0..data).map(|index| (index * 37) as u8).collect();
        writers.push(appender);
    }
    Ok(writers)
}

/// Position of the last event.
pub(crate) async fn head(url: &str) -> anyhow::Result<u64> {
    let client = UmaDbClient::new(url.to_owned()).connect_async().await?;
    Ok(client.head().await?.unwrap_or(0))
}

impl Appender {
    /// With an id, as umadb recommends for appends that may be sent again; the platform's requests carry one too.
    fn event(&self) -> DcbEvent {
        DcbEvent::default()
            .event_type("ObservationsRecorded")
            .tags([self.tag.as_str()])
            .data(self.data.clone())
            .uuid(Uuid::now_v7())
    }
}

impl Writer for Appender {
    async fn commit(&mut self) -> anyhow::Result<Duration> {
        // umadb's form of an expected revision: nothing of this stream after the last event its writer knows.
        let condition = DcbAppendCondition {
            fail_if_events_match: DcbQuery::new().item(DcbQueryItem::new().tags([self.tag.as_str()])),
            after: self.last,
        };
        let events = vec![self.event()];
        let begun = Instant::now();
        let position = self.client.append(events, Some(condition), None).await?;
        let took = begun.elapsed();
        anyhow::ensure!(self.last < Some(position), "umadb went back to position {position}");
        self.last = Some(position);
        Ok(took)
    }
}

//! Making sure of a stream.

use std::time::Duration;

use allmende_eventlog_nats::stream::StreamError;
use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::context::{CreateStreamErrorKind, GetStreamErrorKind};
use async_nats::jetstream::stream::{Config, Stream};
use tokio::time::{Instant, sleep};

use crate::connection::Connection;
use crate::{backoff, stream_config};

/// Creating a stream takes a cluster a moment, and while it elects a leader it refuses.
const PATIENCE: Duration = Duration::from_secs(30);

/// The stream, created if there is none. One that is there is compared with what is needed, and never changed:
/// [`StreamError::Unfit`] names every difference.
pub(crate) async fn open(connection: &Connection, needed: &Config) -> Result<Stream, StreamError> {
    let stream = get_or_create(connection, needed).await?;
    let differences = stream_config::differences(&stream.cached_info().config, needed);
    if differences.is_empty() {
        return Ok(stream);
    }
    Err(StreamError::Unfit(format!("{}: {}", needed.name, differences.join("; "))))
}

/// As [`open`], without looking at how one that is there is set up.
pub(crate) async fn get_or_create(connection: &Connection, needed: &Config) -> Result<Stream, StreamError> {
    let until = Instant::now() + PATIENCE;
    let mut attempt = 0;
    loop {
        attempt += 1;
        match try_once(connection, needed).await {
            Err(StreamError::Unreachable(_)) if Instant::now() < until => sleep(backoff::before(attempt)).await,
            outcome => return outcome,
        }
    }
}

async fn try_once(connection: &Connection, needed: &Config) -> Result<Stream, StreamError> {
    let jetstream = connection.jetstream();
    match jetstream.get_stream(&needed.name).await {
        Ok(stream) => return Ok(stream),
        Err(error) => match error.kind() {
            GetStreamErrorKind::JetStream(error) if error.error_code() == ErrorCode::STREAM_NOT_FOUND => {}
            _ => return Err(StreamError::Unreachable(error.to_string())),
        },
    }
    // If somebody else was faster this fails, and the next attempt finds what they created.
    jetstream.create_stream(needed.clone()).await.map_err(|error| match error.kind() {
        CreateStreamErrorKind::JetStream(error) if is_permanent(error.error_code()) => {
            StreamError::Unfit(format!("{} cannot be created: {error}", needed.name))
        }
        _ => StreamError::Unreachable(error.to_string()),
    })
}

/// What no waiting changes. Too few servers in a cluster is not among it: the others may be starting.
fn is_permanent(code: ErrorCode) -> bool {
    [
        ErrorCode::STREAM_SUBJECT_OVERLAP,
        ErrorCode::STREAM_INVALID_CONFIG,
        ErrorCode::STREAM_REPLICAS_NOT_SUPPORTED,
        ErrorCode::JETSTREAM_NOT_ENABLED,
        ErrorCode::JETSTREAM_NOT_ENABLED_FOR_ACCOUNT,
        ErrorCode::MAXIMUM_STREAMS_LIMIT,
    ]
    .contains(&code)
}

//! A partition's stream on JetStream: one subject, one message a group.

mod follower;
mod publisher;

use allmende_eventlog_nats::stream::{Follower, GroupStream, Publisher, StreamError};
use allmende_kernel::PartitionName;
use async_nats::jetstream::stream::Stream;
use async_trait::async_trait;

use crate::connection::{ConnectError, Connection};
use crate::{stream_config, streams};
use follower::PullFollower;
use publisher::OwnPublisher;

/// One partition's stream. See [`GroupStream`] for what it promises.
pub struct LogStream {
    connection: Connection,
    names: Names,
    stream: Stream,
    message_bytes: usize,
}

/// What a partition's stream is called.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Names {
    stream: String,
    subject: String,
}

impl LogStream {
    /// The stream of `partition`, created with this many replicas if there is none. One that is there is compared with
    /// what the platform needs, and never changed: [`StreamError::Unfit`] names every difference.
    pub async fn open(
        connection: &Connection,
        partition: &PartitionName,
        replicas: usize,
    ) -> Result<Self, StreamError> {
        let names = Names::of(partition)?;
        let stream = streams::open(connection, &stream_config::needed(&names.stream, &names.subject, replicas)).await?;
        let largest = connection.max_payload().min(stream_config::LARGEST);
        let message_bytes = largest.saturating_sub(stream_config::HEADERS);
        Ok(Self { connection: connection.clone(), names, stream, message_bytes })
    }
}

impl Names {
    fn of(partition: &PartitionName) -> Result<Self, StreamError> {
        let (service, number) = partition
            .as_str()
            .rsplit_once('-')
            .filter(|(service, number)| !service.is_empty() && number.parse::<u32>().is_ok())
            .ok_or_else(|| StreamError::Unfit(format!("partition {partition} is not named service-number")))?;
        Ok(Self {
            stream: format!("ALLMENDE_{}_{number}", service.to_ascii_uppercase()),
            subject: format!("allmende.log.{service}.{number}"),
        })
    }
}

#[async_trait]
impl GroupStream for LogStream {
    async fn connect(&self) -> Result<Box<dyn Publisher>, StreamError> {
        let client = self.connection.fresh().await.map_err(unusable)?;
        Ok(Box::new(OwnPublisher::new(client, &self.names)))
    }

    async fn follow(&self, from: u64) -> Result<Box<dyn Follower>, StreamError> {
        Ok(Box::new(PullFollower::start(&self.stream, &self.connection, from.max(1)).await?))
    }

    async fn last_hint(&self) -> Result<u64, StreamError> {
        let info = self.stream.get_info().await.map_err(|error| StreamError::Unreachable(error.to_string()))?;
        Ok(info.state.last_sequence)
    }

    fn message_bytes(&self) -> usize {
        self.message_bytes
    }
}

fn unusable(error: ConnectError) -> StreamError {
    match error {
        ConnectError::Settings(_) | ConnectError::File { .. } => StreamError::Unfit(error.to_string()),
        // Credentials are rotated, and servers take them at different moments.
        ConnectError::Refused | ConnectError::Unreachable(_) => StreamError::Unreachable(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_names_its_stream_and_its_subject() {
        let names = |partition| Names::of(&PartitionName::parse(partition).unwrap());
        assert_eq!(
            names("participation-12"),
            Ok(Names {
                stream: "ALLMENDE_PARTICIPATION_12".to_owned(),
                subject: "allmende.log.participation.12".to_owned()
            })
        );
        for wrong in ["participation", "participation-", "-3", "telemetry-x"] {
            assert!(matches!(names(wrong), Err(StreamError::Unfit(_))), "{wrong}");
        }
    }
}

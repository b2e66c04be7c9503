use allmende_proto::opendata::v1 as pb;
use allmende_proto::opendata::v1::add_distribution_request::{End, Head, Part};
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::invalid_field;
use tonic::{Status, Streaming};

use super::{Grpc, parse, reply};
use crate::app::Upload;

/// The most that a client sends at once.
const MAX_CHUNK: usize = 1 << 20;
/// The longest file that is taken.
const MAX_FILE: u64 = 4 << 30;

impl Grpc {
    /// Takes a file as it comes; memory does not grow with it.
    pub(super) async fn add_distribution(
        &self,
        caller: Caller,
        mut parts: Streaming<pb::AddDistributionRequest>,
    ) -> Result<pb::AddDistributionResponse, Status> {
        let head = match next(&mut parts).await? {
            Some(Part::Head(head)) => head,
            _ => return Err(invalid_field("part", "must be the head in the first message")),
        };
        let tenant = caller.tenant(&head.tenant)?;
        let (id, command) = parse::add_distribution(&head)?;
        let mut upload = self.app.begin_upload().await?;
        let end = self.take(&mut parts, &mut upload).await?;
        let announced = parse::end(&end)?;
        // What is asked is the head with the checksum of what was sent.
        let asked = self.asked(&caller, id, &AskedFor { head: Some(head), end: Some(end) });
        let dataset = command.id;
        let answer = self.app.finish_upload(&tenant, &asked, command, upload, announced).await?;
        let (changed, distribution) = answer.value;
        Ok(pb::AddDistributionResponse {
            version: changed.version,
            distribution: Some(reply::distribution(&self.app.config, dataset, changed.version, &distribution)),
            consistency_token: answer.seen.to_text(),
        })
    }

    async fn take(
        &self,
        parts: &mut Streaming<pb::AddDistributionRequest>,
        upload: &mut Upload,
    ) -> Result<End, Status> {
        let mut bytes = 0;
        loop {
            match next(parts).await? {
                Some(Part::Chunk(chunk)) if chunk.len() > MAX_CHUNK => {
                    return Err(invalid_field("chunk", "must have at most 1 MiB"));
                }
                Some(Part::Chunk(chunk)) => {
                    bytes += chunk.len() as u64;
                    if bytes > MAX_FILE {
                        return Err(invalid_field("chunk", "must not make the file longer than 4 GiB"));
                    }
                    self.app.continue_upload(upload, chunk).await?;
                }
                Some(Part::End(end)) => return Ok(end),
                Some(Part::Head(_)) => return Err(invalid_field("part", "must be a chunk or the end after the head")),
                None => return Err(invalid_field("part", "must be the end in the last message")),
            }
        }
    }
}

async fn next(parts: &mut Streaming<pb::AddDistributionRequest>) -> Result<Option<Part>, Status> {
    match parts.message().await? {
        Some(message) => message.part.map(Some).ok_or_else(|| invalid_field("part", "must be set")),
        None => Ok(None),
    }
}

/// What an upload is known by.
#[derive(Clone, PartialEq, prost::Message)]
struct AskedFor {
    #[prost(message, optional, tag = "1")]
    head: Option<Head>,
    #[prost(message, optional, tag = "2")]
    end: Option<End>,
}

use allmende_proto::opendata::v1 as pb;
use allmende_proto::opendata::v1::get_distribution_response::{End, Head, Part};
use allmende_runtime::authorize::Caller;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::{Grpc, is_staff, parse, reply};
use crate::app::Found;
use crate::error::{Error, Rejection};
use crate::stream::chunks;

/// Pieces on their way to one client.
const WAITING: usize = 2;

impl Grpc {
    /// Head, bytes, end: what ends without one was cut.
    pub(super) async fn get_distribution(
        &self,
        caller: Caller,
        message: pb::GetDistributionRequest,
    ) -> Result<ReceiverStream<Result<pb::GetDistributionResponse, Status>>, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let (asked, token) = parse::get_distribution(&message)?;
        let id = asked.id;
        let found = self.app.find_file(tenant.id(), asked, is_staff(&caller, &tenant), &token).await?;
        let (version, distribution) = match found.value {
            Found::File(found) => *found,
            Found::Withdrawn(version) => return Err(reply::withdrawn(&version)),
        };
        let opened = self.app.open_file(&distribution).await?;
        let head = Head {
            version: version.row.number,
            terms: version.row.terms.as_ref().map(reply::terms),
            distribution: Some(reply::distribution(&self.app.config, id, version.row.number, &distribution)),
        };
        let end = End { bytes: distribution.bytes, sha256: distribution.sha256.to_string() };
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let part = |part| pb::GetDistributionResponse { part: Some(part) };
            if sender.send(Ok(part(Part::Head(head)))).await.is_err() {
                return;
            }
            let mut chunks = chunks(opened);
            while let Some(chunk) = chunks.recv().await {
                let piece = match chunk {
                    Ok(chunk) => Ok(part(Part::Chunk(chunk))),
                    Err(_) => Err(Status::from(Error::from(Rejection::FileDamaged))),
                };
                let ended = piece.is_err();
                if sender.send(piece).await.is_err() || ended {
                    return;
                }
            }
            let _ = sender.send(Ok(part(Part::End(end)))).await;
        });
        Ok(ReceiverStream::new(receiver))
    }
}

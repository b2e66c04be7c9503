use std::time::Duration;

use allmende_opendata_domain::Distribution;
use allmende_proto::opendata::v1 as pb;
use allmende_proto::opendata::v1::get_distribution_response::{End, Head, Part};
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

use super::{Grpc, is_staff, parse, reply};
use crate::app::Found;
use crate::error::{Error, Rejection};
use crate::stream;

/// When it may be worth trying again after an overload.
const SOON: Duration = Duration::from_secs(1);

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
        let busy = || errors::resource_exhausted("OVERLOADED", "too many files are downloaded at once", SOON);
        let place = self.app.downloads.place().ok_or_else(busy)?;
        let opened = self.app.open_file(&distribution).await?;
        let part = |part| pb::GetDistributionResponse { part: Some(part) };
        let head = Head {
            version: version.row.number,
            terms: version.row.terms.as_ref().map(reply::terms),
            distribution: Some(reply::distribution(&self.app.config, id, version.row.number, &distribution)),
        };
        let Distribution { bytes, sha256, .. } = distribution;
        let receiver = stream::send(place, opened, Some(Ok(part(Part::Head(head)))), move |sent| {
            Some(match sent {
                stream::Part::Piece(piece) => Ok(part(Part::Chunk(piece))),
                stream::Part::End => Ok(part(Part::End(End { bytes, sha256: sha256.to_string() }))),
                stream::Part::Cut(error) if error.kind() == std::io::ErrorKind::TimedOut => Err(too_slow()),
                stream::Part::Cut(_) => Err(Error::from(Rejection::FileDamaged).into()),
            })
        });
        Ok(ReceiverStream::new(receiver))
    }
}

fn too_slow() -> Status {
    let message = "the pieces of the file were not taken in time";
    errors::rejection(errors::DOMAIN, "DEADLINE_EXCEEDED", Code::DeadlineExceeded, message)
}

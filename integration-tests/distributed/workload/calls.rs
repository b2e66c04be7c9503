//! The rpcs, and what their answers mean.

use std::collections::BTreeMap;
use std::time::Duration;

use allmende::client::{self, Token};
use allmende_kernel::{PartitionName, Position};
use allmende_proto::participation::v1 as participation;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use allmende_proto::telemetry::v1 as telemetry;
use allmende_proto::telemetry::v1::telemetry_service_client::TelemetryServiceClient;
use allmende_runtime::fields::{ConsistencyToken, consistency_token};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use super::setup::{Town, location};
use super::{slot_of, time_of};
use crate::history::{Command, Content, Fate, Outcome, Partition, Read, Shown, Told};

/// Of a call. A member that is stopped answers nothing at all.
const DEADLINE: Duration = Duration::from_secs(10);

/// Why a read was not answered: for a reason that is stable, or for one that says nothing.
#[derive(Debug)]
pub(super) struct Refused(pub(super) Option<String>);

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        Self(stable_reason(&status))
    }
}

pub(super) fn timed<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.set_timeout(DEADLINE);
    request
}

/// `None` if it is not known what became of the request.
pub(super) fn stable_reason(status: &Status) -> Option<String> {
    use Code::{Cancelled, DeadlineExceeded, ResourceExhausted, Unavailable, Unknown};
    match status.code() {
        Unavailable | ResourceExhausted | DeadlineExceeded | Unknown | Cancelled => None,
        code => Some(client::reason(status).unwrap_or_else(|| format!("{code:?}: {}", status.message()))),
    }
}

/// Sends a command once.
pub(super) async fn command(channel: Channel, token: &Token, town: &Town, command: &Command) -> Outcome {
    let request_id = command.request.to_string();
    let answered = match &command.content {
        Content::Notice { text } => {
            let asked = participation::PublishStatusRequest {
                tenant: town.tenant.clone(),
                request_id,
                procedure_id: town.procedure.clone(),
                text: text.clone(),
            };
            let mut client = ParticipationServiceClient::with_interceptor(channel, token.clone());
            let answer = client.publish_status(timed(asked)).await.map(tonic::Response::into_inner);
            answer.map(|answer| (answer.consistency_token, Told::Published))
        }
        Content::Reading { slot, value } => {
            let columns = telemetry::ObservationColumns {
                datastream_id: town.datastream.clone(),
                phenomenon_time_us: vec![time_of(*slot)],
                result: vec![f64::from(*value)],
            };
            let asked = telemetry::RecordObservationsRequest {
                tenant: town.tenant.clone(),
                request_id,
                station_id: town.station.clone(),
                columns: vec![columns],
            };
            let mut client = TelemetryServiceClient::with_interceptor(channel, token.clone());
            let answer = client.record_observations(timed(asked)).await.map(tonic::Response::into_inner);
            answer.map(|answer| {
                let fate = match (answer.recorded, answer.repeated, answer.conflicting) {
                    (1, 0, 0) => Fate::Recorded,
                    (0, 1, 0) => Fate::Repeated,
                    (0, 0, 1) => Fate::Conflicting,
                    counts => panic!("one value was counted as {counts:?}"),
                };
                (answer.consistency_token, Told::Reading(fate))
            })
        }
        Content::Claim { station, reference } => {
            let kind = if *reference { telemetry::StationKind::Reference } else { telemetry::StationKind::Citizen };
            let asked = telemetry::RegisterStationRequest {
                tenant: town.tenant.clone(),
                request_id,
                station_id: station.to_string(),
                kind: kind.into(),
                location: Some(location()),
                cell_size_m: 1_000,
            };
            let mut client = TelemetryServiceClient::with_interceptor(channel, token.clone());
            let answer = client.register_station(timed(asked)).await.map(tonic::Response::into_inner);
            answer.map(|answer| {
                let is = answer.station.expect("an answer has the station").kind();
                (answer.consistency_token, Told::Station { reference: is == telemetry::StationKind::Reference })
            })
        }
    };
    match answered {
        Ok((token, told)) => Outcome::Acknowledged { position: position(&token, command.content.partition()), told },
        Err(status) => stable_reason(&status).map_or(Outcome::Unknown, |reason| Outcome::Refused { reason }),
    }
}

/// The latest notices.
pub(super) async fn notices(channel: Channel, token: &Token, town: &Town, given: Position) -> Result<Read, Refused> {
    let partition = Partition::Participation;
    let asked = participation::GetProcedureRequest {
        tenant: town.tenant.clone(),
        procedure_id: town.procedure.clone(),
        consistency_token: text(given, partition),
    };
    let mut client = ParticipationServiceClient::with_interceptor(channel, token.clone());
    let answer = client.get_procedure(timed(asked)).await?.into_inner();
    let status = answer.procedure.expect("an answer has the procedure").status;
    let shown = Shown::Notices(status.into_iter().map(|update| update.text).collect());
    Ok(Read { given, seen: position(&answer.consistency_token, partition), shown })
}

/// The values of some times.
pub(super) async fn readings(
    channel: Channel,
    token: &Token,
    town: &Town,
    given: Position,
    from: u32,
    to: u32,
) -> Result<Read, Refused> {
    let partition = Partition::Telemetry;
    let asked = telemetry::ListObservationsRequest {
        tenant: town.tenant.clone(),
        station_id: town.station.clone(),
        datastream_id: town.datastream.clone(),
        from_us: time_of(from),
        to_us: time_of(to),
        selection: telemetry::Selection::All.into(),
        page_size: to - from,
        page_token: String::new(),
        consistency_token: text(given, partition),
    };
    let mut client = TelemetryServiceClient::with_interceptor(channel, token.clone());
    let answer = client.list_observations(timed(asked)).await?.into_inner();
    let value = |observed: telemetry::Observation| (slot_of(observed.phenomenon_time_us), observed.result as u32);
    let values: BTreeMap<_, _> = answer.observations.into_iter().map(value).collect();
    Ok(Read {
        given,
        seen: position(&answer.consistency_token, partition),
        shown: Shown::Readings { from, to, values },
    })
}

fn name(partition: Partition) -> PartitionName {
    PartitionName::parse(partition.name()).unwrap()
}

pub(super) fn position(token: &str, partition: Partition) -> Position {
    consistency_token(token).unwrap().position(&name(partition))
}

fn text(position: Position, partition: Partition) -> String {
    ConsistencyToken::of(name(partition), position).to_text()
}

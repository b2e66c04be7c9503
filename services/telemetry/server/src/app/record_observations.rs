use allmende_eventlog::{CommandError, Request};
use allmende_instrumentation::{Attribute, Metric};
use allmende_kernel::StreamName;
use allmende_proto::telemetry::v1::RecordObservationsResponse;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_telemetry_domain::observations::{Command, Observation, Outcome};
use allmende_telemetry_domain::{AirQualityDay, DatastreamId, StationId};
use prost::Message as _;

use super::commands::{day_stream, station_stream};
use super::{Answer, App, Series};
use crate::error::{Error, Rejection};
use crate::wire::{Observations, Station};

/// Observations of one station, by datastream and day.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RecordObservations {
    pub(crate) station: StationId,
    pub(crate) days: Vec<(DatastreamId, AirQualityDay, Vec<Observation>)>,
}

/// What became of the observations, as it was counted the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) recorded: u32,
    pub(crate) repeated: u32,
    pub(crate) conflicting: u32,
}

/// The same, with the streams that it goes to, whose states are in memory.
pub(crate) struct Prepared {
    station: StreamName,
    days: Vec<(DatastreamId, StreamName, Vec<Observation>)>,
}

impl App {
    /// Stores all of them in one commit, or none.
    pub(crate) async fn record_observations(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        command: RecordObservations,
    ) -> Result<Answer<Recorded>, Error> {
        let prepared = self.prepare(tenant, command).await?;
        self.record_prepared(request, prepared).await
    }

    /// Reads what the decision needs, so that nobody has to wait while it is made.
    pub(crate) async fn prepare(
        &self,
        tenant: &AuthorizedTenant,
        RecordObservations { station, days }: RecordObservations,
    ) -> Result<Prepared, Error> {
        let in_stream = |(datastream, day, observations)| {
            (datastream, day_stream(tenant, Series { station, datastream }, day), observations)
        };
        let prepared =
            Prepared { station: station_stream(tenant, station), days: days.into_iter().map(in_stream).collect() };
        self.commands.warm::<Station>(&prepared.station).await?;
        for (_, stream, _) in &prepared.days {
            self.commands.warm::<Observations>(stream).await?;
        }
        Ok(prepared)
    }

    pub(crate) async fn record_prepared(
        &self,
        request: &Request,
        Prepared { station, days }: Prepared,
    ) -> Result<Answer<Recorded>, Error> {
        let done = self
            .commands
            .execute(request, |transaction, now| {
                let mut total = Outcome::default();
                for (datastream, stream, observations) in &days {
                    let context = transaction.state::<Station>(&station)?.datastream_context(*datastream);
                    let outcome = Outcome::of(transaction.state::<Observations>(stream)?, observations);
                    let command = Command::Record { observations: observations.clone(), received_at: now };
                    let decided = transaction.decide::<Observations>(stream, &context, &command);
                    decided.map_err(|error: CommandError<_>| error.map_rejection(Rejection::from))?;
                    total += outcome;
                }
                Ok(message(total).encode_to_vec().into())
            })
            .await?;
        let value = recorded(&done.outcome)?;
        for (count, outcome) in
            [(value.recorded, "recorded"), (value.repeated, "repeated"), (value.conflicting, "conflicting")]
        {
            self.metrics.add(Metric::TelemetryObservations, count.into(), &[Attribute::Outcome(outcome)]);
        }
        Ok(Answer { value, seen: self.queries.seen(done.position) })
    }
}

/// Counts are kept as the answer that they are part of, without its token.
fn message(outcome: Outcome) -> RecordObservationsResponse {
    RecordObservationsResponse {
        recorded: outcome.recorded as u32,
        repeated: outcome.repeated as u32,
        conflicting: outcome.conflicting as u32,
        consistency_token: String::new(),
    }
}

fn recorded(outcome: &[u8]) -> Result<Recorded, Error> {
    let unreadable = |_| allmende_eventlog::UnknownEvent { event_type: "an outcome's counts".to_owned() };
    let RecordObservationsResponse { recorded, repeated, conflicting, consistency_token: _ } =
        RecordObservationsResponse::decode(outcome).map_err(unreadable)?;
    Ok(Recorded { recorded, repeated, conflicting })
}

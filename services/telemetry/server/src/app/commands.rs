//! What all commands share.

use allmende_eventlog::Request;
use allmende_kernel::{Decider, StreamName, Timestamp};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_telemetry_domain::station::{self, State};
use allmende_telemetry_domain::{AirQualityDay, StationId, observations};

use super::{Answer, App, Series};
use crate::error::{Error, Rejection};
use crate::wire::{Station, station_from_bytes, station_to_bytes};

impl App {
    /// A change of a station. The answer is the station as this request left it, also when the request is repeated.
    pub(super) async fn change_station(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        station: StationId,
        command: impl Fn(Timestamp) -> station::Command,
    ) -> Result<Answer<State>, Error> {
        let stream = station_stream(tenant, station);
        self.commands.warm::<Station>(&stream).await?;
        let done = self
            .commands
            .execute(request, |transaction, now| {
                let decided = transaction.decide::<Station>(&stream, &(), &command(now));
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
                Ok(station_to_bytes(transaction.state::<Station>(&stream)?).into())
            })
            .await?;
        Ok(Answer { value: station_from_bytes(&done.outcome)?, seen: self.queries.seen(done.position) })
    }
}

pub(super) fn station_stream(tenant: &AuthorizedTenant, station: StationId) -> StreamName {
    StreamName::new(tenant.id(), station::Model::CATEGORY, &station.to_string()).expect("a UUID is a stream's id")
}

pub(super) fn day_stream(tenant: &AuthorizedTenant, series: Series, day: AirQualityDay) -> StreamName {
    let id = observations::stream_id(series.station, series.datastream, day);
    StreamName::new(tenant.id(), observations::Model::CATEGORY, &id).expect("two UUIDs and a day are a stream's id")
}

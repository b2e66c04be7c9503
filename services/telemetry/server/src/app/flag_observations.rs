use allmende_eventlog::Request;
use allmende_kernel::Timestamp;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_telemetry_domain::AirQualityDay;
use allmende_telemetry_domain::observations::{Command, FlagReason, ManualFlag};
use bytes::Bytes;

use super::commands::{day_stream, station_stream};
use super::{Answer, App, Series};
use crate::error::{Error, Rejection};
use crate::wire::{Observations, Station};

/// A range of time to be marked, cut at the ends of its days.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FlagObservations {
    pub(crate) series: Series,
    pub(crate) ranges: Vec<(AirQualityDay, Timestamp, Timestamp)>,
    pub(crate) reason: FlagReason,
}

impl App {
    pub(crate) async fn flag_observations(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        FlagObservations { series, ranges, reason }: FlagObservations,
    ) -> Result<Answer<()>, Error> {
        let of_station = station_stream(tenant, series.station);
        let days: Vec<_> =
            ranges.into_iter().map(|(day, from, to)| (day_stream(tenant, series, day), from, to)).collect();
        self.commands.warm::<Station>(&of_station).await?;
        for (stream, ..) in &days {
            self.commands.warm::<Observations>(stream).await?;
        }
        let done = self
            .commands
            .execute(request, |transaction, at| {
                let context = transaction.state::<Station>(&of_station)?.datastream_context(series.datastream);
                for (stream, from, to) in &days {
                    let command = Command::Flag(ManualFlag { from: *from, to: *to, reason, at });
                    let decided = transaction.decide::<Observations>(stream, &context, &command);
                    decided.map_err(|error| error.map_rejection(Rejection::from))?;
                }
                Ok(Bytes::new())
            })
            .await?;
        Ok(Answer { value: (), seen: self.queries.seen(done.position) })
    }
}

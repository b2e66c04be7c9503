use allmende_kernel::Timestamp;
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use allmende_telemetry_domain::AirQualityDay;
use allmende_telemetry_domain::means::{Coverage, DayMean, HourMean, Period, YearMean};
use allmende_telemetry_domain::quality::Selection;

use super::{Answer, App, Series, datastream};
use crate::error::Error;
use crate::views::{self, Page};

/// A page of means.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListMeans {
    pub(crate) series: Series,
    pub(crate) period: Period,
    pub(crate) first: AirQualityDay,
    pub(crate) last: AirQualityDay,
    pub(crate) selection: Selection,
    /// Where the page begins.
    pub(crate) from: Timestamp,
    pub(crate) max: usize,
}

/// Means of one kind of period.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Means {
    Hours(Vec<HourMean>),
    Days(Vec<DayMean>),
    Years(Vec<YearMean>),
}

impl App {
    pub(crate) async fn list_means(
        &self,
        tenant: &AuthorizedTenant,
        ListMeans { series, period, first, last, selection, from, max }: ListMeans,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<Means, Timestamp>>, Error> {
        self.read_station(tenant, series.station, token, move |reader| {
            let (_, datastream) = datastream(reader, series.datastream)?;
            let asked = views::Means { datastream, first, last, selection, coverage: &Coverage::STANDARD, max };
            Ok(match period {
                Period::Hour => reader.hour_means(&asked, from)?.map(Means::Hours),
                Period::Day => reader.day_means(&asked, from)?.map(Means::Days),
                Period::Year => reader.year_means(&asked, from)?.map(Means::Years),
            })
        })
        .await
    }
}

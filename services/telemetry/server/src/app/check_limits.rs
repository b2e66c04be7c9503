use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use allmende_telemetry_domain::limits::LimitCheck;
use allmende_telemetry_domain::quality::Selection;
use allmende_telemetry_domain::{Year, observations};

use super::{Answer, App, Series, datastream};
use crate::error::{Error, Rejection};
use crate::views;

/// A year to be held against limits.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CheckLimits {
    pub(crate) series: Series,
    pub(crate) year: Year,
    pub(crate) selection: Selection,
    /// The one in force on the year's last day if none is named.
    pub(crate) rule_set: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Checked {
    pub(crate) rule_set: String,
    pub(crate) checks: Vec<LimitCheck>,
    pub(crate) indicative: bool,
}

impl App {
    pub(crate) async fn check_limits(
        &self,
        tenant: &AuthorizedTenant,
        CheckLimits { series, year, selection, rule_set }: CheckLimits,
        token: &ConsistencyToken,
    ) -> Result<Answer<Checked>, Error> {
        let set = match &rule_set {
            Some(id) => self.rules.by_id(id),
            None => self.rules.in_force_on(year.last_day()),
        };
        let set = set.cloned();
        self.read_station(tenant, series.station, token, move |reader| {
            let station = reader.state().station().ok_or(Rejection::from(observations::Rejection::StationUnknown))?;
            let (_, datastream) = datastream(reader, series.datastream)?;
            let set = set.ok_or(Rejection::RuleSetUnknown)?;
            let (first, last) = (year.first_day(), year.last_day());
            let asked = views::Means { datastream, first, last, selection, coverage: &set.coverage, max: usize::MAX };
            let checks = reader.with_year(&asked, year, |means| set.check(datastream.property, means))?;
            Ok(Checked { rule_set: set.id, checks, indicative: station.kind.is_indicative() })
        })
        .await
    }
}

//! The one table from refusals to status and reason.

use allmende_hosting::Refusal;
use allmende_proto::telemetry::v1::Reason;
use allmende_telemetry_domain::{observations, station};
use tonic::Code;

/// Why a request is not answered.
pub(crate) type Error = allmende_hosting::Error<Rejection>;

/// What the rules refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Rejection {
    #[error(transparent)]
    Station(#[from] station::Rejection),
    #[error(transparent)]
    Observations(#[from] observations::Rejection),
    #[error("there is no rule set of that id, or none in force on that date")]
    RuleSetUnknown,
}

impl Refusal for Rejection {
    const DOMAIN: &'static str = "telemetry.allmende";

    fn reason(&self) -> Option<(&'static str, Code)> {
        use observations::Rejection as O;
        use station::Rejection as S;
        let (reason, code) = match self {
            Self::Station(S::StationDiffers) => (Reason::StationDiffers, Code::FailedPrecondition),
            Self::Station(S::StationUnknown) => (Reason::StationUnknown, Code::NotFound),
            Self::Station(S::StationRetired) => (Reason::StationRetired, Code::FailedPrecondition),
            Self::Station(S::SensorDiffers(_)) => (Reason::SensorDiffers, Code::FailedPrecondition),
            Self::Station(S::DatastreamDiffers(_)) => (Reason::DatastreamDiffers, Code::FailedPrecondition),
            Self::Station(S::StationFull) => (Reason::StationFull, Code::FailedPrecondition),
            Self::Observations(O::StationUnknown) => (Reason::StationUnknown, Code::NotFound),
            Self::Observations(O::DatastreamUnknown) => (Reason::DatastreamUnknown, Code::NotFound),
            Self::Observations(O::StationRetired { .. }) => (Reason::StationRetired, Code::FailedPrecondition),
            Self::Observations(O::DayFull) => (Reason::DayFull, Code::FailedPrecondition),
            Self::Observations(O::NotFinite { .. } | O::OtherDay { .. } | O::FlagRange) => return None,
            Self::RuleSetUnknown => (Reason::RuleSetUnknown, Code::NotFound),
        };
        let name = reason.as_str_name();
        Some((name.strip_prefix("REASON_").unwrap_or(name), code))
    }

    fn message(&self) -> String {
        match self {
            // Its number counts within a day, which the sender knows nothing of.
            Self::Observations(observations::Rejection::StationRetired { .. }) => {
                "an observation was made after the station was retired".to_owned()
            }
            other => other.to_string(),
        }
    }
}

//! The one table from refusals to status and reason.

use allmende_hosting::Refusal;
use allmende_proto::reporting::v1::Reason;
use allmende_reporting_domain::{impact_logic, indicator, report, run};
use tonic::Code;

use crate::sources::AskError;

/// Why a request is not answered.
pub(crate) type Error = allmende_hosting::Error<Rejection>;

/// What the rules refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Rejection {
    #[error(transparent)]
    Indicator(#[from] indicator::Rejection),
    #[error(transparent)]
    ImpactLogic(#[from] impact_logic::Rejection),
    #[error(transparent)]
    Report(#[from] report::Rejection),
    #[error(transparent)]
    Run(#[from] run::Rejection),
    #[error("the impact logic is not defined")]
    ImpactLogicUnknown,
    #[error("the report is not defined")]
    ReportUnknown,
    #[error("what is reported on changed each time it was looked at; try again")]
    SourcesMoving,
    #[error(transparent)]
    Source(#[from] AskError),
}

impl Refusal for Rejection {
    const DOMAIN: &'static str = "reporting.allmende";

    fn reason(&self) -> Option<(&'static str, Code)> {
        use impact_logic::Rejection as L;
        use indicator::Rejection as I;
        use report::Rejection as P;
        use run::Rejection as R;
        let (reason, code) = match self {
            Self::Indicator(I::BaselineMissing) => (Reason::BaselineMissing, Code::FailedPrecondition),
            Self::Indicator(I::BaselineTooLate) => (Reason::BaselineTooLate, Code::FailedPrecondition),
            Self::Indicator(I::IndicatorDiffers) => (Reason::IndicatorDiffers, Code::FailedPrecondition),
            Self::Indicator(I::IndicatorUnknown) => (Reason::IndicatorUnknown, Code::NotFound),
            Self::Indicator(I::RulesOverlap(_)) => (Reason::RulesOverlap, Code::FailedPrecondition),
            Self::Indicator(I::RuleDiffers(_)) => (Reason::RuleDiffers, Code::FailedPrecondition),
            Self::Indicator(I::ReadingDiffers) => (Reason::ReadingDiffers, Code::FailedPrecondition),
            Self::Indicator(I::ReadingUnknown) => (Reason::ReadingUnknown, Code::FailedPrecondition),
            Self::Indicator(I::ReadingBeforeBaseline) => (Reason::ReadingBeforeBaseline, Code::FailedPrecondition),
            Self::Indicator(I::IndicatorFull) => (Reason::IndicatorFull, Code::FailedPrecondition),
            Self::ImpactLogic(L::IndicatorUnknown(_)) => (Reason::IndicatorUnknown, Code::NotFound),
            Self::ImpactLogic(L::ActivityBeforeBaseline(_)) => {
                (Reason::ActivityBeforeBaseline, Code::FailedPrecondition)
            }
            Self::Report(P::IndicatorUnknown(_)) => (Reason::IndicatorUnknown, Code::NotFound),
            Self::Report(P::ImpactLogicUnknown(_)) | Self::ImpactLogicUnknown => {
                (Reason::ImpactLogicUnknown, Code::NotFound)
            }
            Self::ReportUnknown => (Reason::ReportUnknown, Code::NotFound),
            Self::Run(R::RunUnknown) => (Reason::RunUnknown, Code::NotFound),
            Self::Run(R::RunDiffers) => (Reason::RunDiffers, Code::FailedPrecondition),
            Self::Run(R::TooLarge) => (Reason::ReportTooLarge, Code::FailedPrecondition),
            Self::SourcesMoving => (Reason::SourcesMoving, Code::Aborted),
            Self::Source(AskError::Refused { .. }) => (Reason::SourceRefused, Code::FailedPrecondition),
            Self::Source(AskError::Away { .. }) => (Reason::SourceAway, Code::Unavailable),
            Self::Source(AskError::Unexpected { .. }) => return None,
        };
        let name = reason.as_str_name();
        Some((name.strip_prefix("REASON_").unwrap_or(name), code))
    }
}

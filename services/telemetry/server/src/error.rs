//! Why a request is not answered, and what its sender is told: the one table from refusals to status and reason.

use std::time::Duration;

use allmende_eventlog::{AppendError, CommandError, Fault, ReadError, UnknownEvent};
use allmende_proto::telemetry::v1::Reason;
use allmende_runtime::errors::{self, invalid_field};
use allmende_telemetry_domain::{observations, station};
use allmende_views::{StorageError, ViewError, WaitError};
use tonic::{Code, Status};

/// `ErrorInfo.domain` of this service's reasons.
const DOMAIN: &str = "telemetry.allmende";

/// When it may be worth trying again after an overload.
const SOON: Duration = Duration::from_millis(200);
/// When it may be worth trying again after something that takes a restart.
const LATER: Duration = Duration::from_secs(5);

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

/// Why a request is not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Rejected(#[from] Rejection),
    #[error("the consistency token is ahead of the log")]
    TokenAhead,
    #[error(transparent)]
    Append(#[from] AppendError),
    #[error(transparent)]
    Fault(#[from] Fault),
    #[error(transparent)]
    View(#[from] ViewError),
    #[error(transparent)]
    Wait(#[from] WaitError),
}

impl From<CommandError<Rejection>> for Error {
    fn from(error: CommandError<Rejection>) -> Self {
        match error {
            CommandError::Rejected(rejection) => Self::Rejected(rejection),
            CommandError::Append(error) => Self::Append(error),
            CommandError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<UnknownEvent> for Error {
    fn from(error: UnknownEvent) -> Self {
        Self::Fault(error.into())
    }
}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        Self::View(error.into())
    }
}

impl From<station::Rejection> for Error {
    fn from(rejection: station::Rejection) -> Self {
        Self::Rejected(rejection.into())
    }
}

impl From<observations::Rejection> for Error {
    fn from(rejection: observations::Rejection) -> Self {
        Self::Rejected(rejection.into())
    }
}

impl Rejection {
    /// The table. `None` for what parsing has ruled out.
    fn reason(&self) -> Option<(Reason, Code)> {
        use observations::Rejection as O;
        use station::Rejection as S;
        Some(match self {
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
        })
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

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Rejected(rejection) => match rejection.reason() {
                Some((reason, code)) => {
                    let name = reason.as_str_name();
                    let name = name.strip_prefix("REASON_").unwrap_or(name);
                    errors::rejection(DOMAIN, name, code, rejection.message())
                }
                None => internal(&rejection),
            },
            Error::TokenAhead => errors::rejection(
                errors::DOMAIN,
                "TOKEN_AHEAD",
                Code::FailedPrecondition,
                "the consistency token is ahead of the log: it is from another installation, or from before a restore",
            ),
            Error::Append(error) => refused_by_log(error),
            Error::Fault(Fault::Read(error)) => unreadable(&error),
            Error::Fault(fault) => internal(&fault),
            Error::View(ViewError::Log(error)) => unreadable(&error),
            Error::View(ViewError::Storage(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a view cannot be read");
                errors::unavailable("VIEW_UNAVAILABLE", "what is read cannot be reached", LATER)
            }
            Error::View(error) => internal(&error),
            Error::Wait(WaitError::Deadline { .. }) => errors::rejection(
                errors::DOMAIN,
                "DEADLINE_EXCEEDED",
                Code::DeadlineExceeded,
                "the position of the consistency token was not reached in time",
            ),
            Error::Wait(WaitError::Stopped { .. }) => {
                errors::unavailable("VIEW_STOPPED", "what is read no longer follows the log", LATER)
            }
        }
    }
}

fn refused_by_log(error: AppendError) -> Status {
    match error {
        AppendError::RequestReused(_) => errors::rejection(
            errors::DOMAIN,
            "REQUEST_ID_REUSED",
            Code::AlreadyExists,
            "the request id was used for another request",
        ),
        AppendError::RequestExpired(_) => {
            invalid_field("request_id", "must not be older than requests are remembered: one day")
        }
        AppendError::RequestAhead(_) => invalid_field("request_id", "must not be more than two minutes ahead"),
        AppendError::Overloaded => {
            errors::resource_exhausted("OVERLOADED", "too many requests wait to be written", SOON)
        }
        AppendError::WrongRevision { .. } => {
            errors::unavailable("CONTENDED", "another writer was faster each time", SOON)
        }
        AppendError::Stopped(_) => {
            tracing::error!(%error, "the log takes nothing");
            errors::unavailable("LOG_STOPPED", "the log takes nothing at present", LATER)
        }
        AppendError::Unstorable(_) => internal(&error),
        AppendError::Read(error) => unreadable(&error),
    }
}

/// Damage is told by its place, so that operator and client can find it; nothing of it is served.
fn unreadable(error: &ReadError) -> Status {
    match error {
        ReadError::Damaged { .. } => errors::rejection(errors::DOMAIN, "DATA_LOSS", Code::DataLoss, error.to_string()),
        other => {
            tracing::error!(error = other as &dyn std::error::Error, "the log cannot be read");
            errors::unavailable("LOG_UNAVAILABLE", "the log cannot be read at present", LATER)
        }
    }
}

/// What should not be: the details go to the operator's log, not to the client.
fn internal(error: &(dyn std::error::Error + 'static)) -> Status {
    tracing::error!(error, "a request failed for a reason of ours");
    errors::rejection(errors::DOMAIN, "INTERNAL", Code::Internal, "the request failed for a reason of ours")
}

//! Why a request is not answered, and what its sender is told.

use std::time::Duration;

use allmende_eventlog::{AppendError, CommandError, Fault, ReadError, StopReason, UnknownEvent};
use allmende_runtime::errors::{self, invalid_field};
use allmende_runtime::forward::elsewhere;
use allmende_views::{StorageError, ViewError, WaitError};
use tonic::{Code, Status};

/// When it may be worth trying again after an overload.
const SOON: Duration = Duration::from_millis(200);
/// When it may be worth trying again after something that takes a restart.
const LATER: Duration = Duration::from_secs(5);

/// What a service's rules refuse: its table from rejections to reasons.
pub trait Refusal: std::error::Error + Send + Sync + 'static {
    /// `ErrorInfo.domain` of the reasons.
    const DOMAIN: &'static str;

    /// The stable reason, without the enum's prefix, and its code. `None` for what parsing has ruled out.
    fn reason(&self) -> Option<(&'static str, Code)>;

    /// What the sender reads.
    fn message(&self) -> String {
        self.to_string()
    }
}

/// Why the platform could not do what the rules do not refuse.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A token of another log, or from before a restore.
    #[error("the consistency token is ahead of the log")]
    TokenAhead,
    /// The log did not take the commit.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// A state could not be folded.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A view could not be read.
    #[error(transparent)]
    View(#[from] ViewError),
    /// A view did not get as far as the token in time.
    #[error(transparent)]
    Wait(#[from] WaitError),
}

impl From<UnknownEvent> for Failure {
    fn from(error: UnknownEvent) -> Self {
        Self::Fault(error.into())
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::View(error.into())
    }
}

/// Why a request is not answered.
#[derive(Debug, thiserror::Error)]
pub enum Error<R: Refusal> {
    /// A rule refuses it.
    #[error(transparent)]
    Rejected(R),
    /// The platform failed.
    #[error(transparent)]
    Failed(Failure),
}

impl<R: Refusal> From<R> for Error<R> {
    fn from(rejection: R) -> Self {
        Self::Rejected(rejection)
    }
}

impl<R: Refusal> From<CommandError<R>> for Error<R> {
    fn from(error: CommandError<R>) -> Self {
        match error {
            CommandError::Rejected(rejection) => Self::Rejected(rejection),
            CommandError::Append(error) => Self::Failed(error.into()),
            CommandError::Fault(fault) => Self::Failed(fault.into()),
        }
    }
}

macro_rules! failures {
    ($($error:ty),*) => {
        $(impl<R: Refusal> From<$error> for Error<R> {
            fn from(error: $error) -> Self {
                Self::Failed(error.into())
            }
        })*
    };
}

failures!(Failure, AppendError, Fault, ViewError, WaitError, UnknownEvent, StorageError);

impl<R: Refusal> From<Error<R>> for Status {
    fn from(error: Error<R>) -> Self {
        match error {
            Error::Rejected(rejection) => match rejection.reason() {
                Some((reason, code)) => errors::rejection(R::DOMAIN, reason, code, rejection.message()),
                None => internal(&rejection),
            },
            Error::Failed(failure) => failure.into(),
        }
    }
}

impl From<Failure> for Status {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::TokenAhead => errors::rejection(
                errors::DOMAIN,
                "TOKEN_AHEAD",
                Code::FailedPrecondition,
                "the consistency token is ahead of the log: it is from another installation, or from before a restore",
            ),
            Failure::Append(error) => refused_by_log(error),
            Failure::Fault(Fault::Read(error)) => unreadable(&error),
            Failure::Fault(fault) => internal(&fault),
            Failure::View(ViewError::Log(error)) => unreadable(&error),
            Failure::View(ViewError::Storage(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a view cannot be read");
                errors::unavailable("VIEW_UNAVAILABLE", "what is read cannot be reached", LATER)
            }
            Failure::View(error) => internal(&error),
            Failure::Wait(WaitError::Deadline { .. }) => errors::rejection(
                errors::DOMAIN,
                "DEADLINE_EXCEEDED",
                Code::DeadlineExceeded,
                "the position of the consistency token was not reached in time",
            ),
            Failure::Wait(WaitError::Stopped { .. }) => {
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
        AppendError::NotLeading { leader } => {
            let status = errors::unavailable("NOT_LEADING", "another member leads the partition", SOON);
            elsewhere(status, leader.as_deref())
        }
        AppendError::Stopped(StopReason::Deposed) => {
            let text =
                "another member leads the partition now; the same request id finds out what became of the request";
            elsewhere(errors::unavailable("DEPOSED", text, SOON), None)
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

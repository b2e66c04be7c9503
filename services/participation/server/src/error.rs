//! The one table from refusals to status and reason.

use allmende_eventlog::{AppendError, CommandError, Fault, ReadError};
use allmende_hosting::{Failure, Refusal};
use allmende_keyring::{BoxError, KeyringError};
use allmende_participation_domain::{allowance, contribution, document, procedure, project, support, theme};
use allmende_proto::participation::v1::Reason;
use allmende_runtime::errors;
use allmende_views::{StorageError, ViewError, WaitError};
use tonic::{Code, Status};

use crate::attachments::NotKept;

/// What the rules refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Rejection {
    #[error(transparent)]
    Procedure(#[from] procedure::Rejection),
    #[error(transparent)]
    Contribution(#[from] contribution::Rejection),
    #[error(transparent)]
    Support(#[from] support::Rejection),
    #[error(transparent)]
    Allowance(#[from] allowance::Exhausted),
    #[error(transparent)]
    Theme(#[from] theme::Rejection),
    #[error(transparent)]
    Document(#[from] document::Rejection),
    #[error(transparent)]
    Project(#[from] project::Rejection),
    #[error("the document has no such version")]
    VersionUnknown,
    #[error("the document has and had no such section")]
    SectionUnknown,
    #[error("numbers of supports are not told before the support phase has ended")]
    CountsHidden,
    #[error("the contribution has no such attachment")]
    AttachmentUnknown,
    #[error("the tenant's files take as much room as they may")]
    AttachmentsFull,
}

impl Refusal for Rejection {
    const DOMAIN: &'static str = "participation.allmende";

    fn reason(&self) -> Option<(&'static str, Code)> {
        let (reason, code) = match self {
            Self::Procedure(rejection) => of_procedure(rejection),
            Self::Contribution(rejection) => of_contribution(rejection),
            Self::Support(support::Rejection::Procedure(rejection)) => of_procedure(rejection),
            Self::Support(support::Rejection::Unknown) => (Reason::ContributionUnknown, Code::NotFound),
            Self::Support(support::Rejection::WrongKind) => (Reason::WrongKind, Code::FailedPrecondition),
            Self::Allowance(_) => (Reason::SupportsSpent, Code::FailedPrecondition),
            Self::Theme(theme::Rejection::ProcedureUnknown) => (Reason::ProcedureUnknown, Code::NotFound),
            Self::Theme(theme::Rejection::Unknown) => (Reason::ThemeUnknown, Code::NotFound),
            Self::Theme(theme::Rejection::Differs) => (Reason::ThemeDiffers, Code::AlreadyExists),
            Self::Document(document::Rejection::ProcedureUnknown) => (Reason::ProcedureUnknown, Code::NotFound),
            Self::Document(document::Rejection::Unknown) => (Reason::DocumentUnknown, Code::NotFound),
            Self::Document(document::Rejection::Differs) => (Reason::DocumentDiffers, Code::AlreadyExists),
            Self::Document(document::Rejection::Outdated { .. }) => (Reason::VersionOutdated, Code::Aborted),
            Self::Document(document::Rejection::Full) => (Reason::DocumentFull, Code::FailedPrecondition),
            Self::Project(project::Rejection::Unknown) => (Reason::ProjectUnknown, Code::NotFound),
            Self::Project(project::Rejection::Differs) => (Reason::ProjectDiffers, Code::AlreadyExists),
            Self::VersionUnknown => (Reason::VersionUnknown, Code::NotFound),
            Self::SectionUnknown => (Reason::SectionUnknown, Code::NotFound),
            Self::CountsHidden => (Reason::CountsHidden, Code::FailedPrecondition),
            Self::AttachmentUnknown => (Reason::AttachmentUnknown, Code::NotFound),
            Self::AttachmentsFull => (Reason::AttachmentsFull, Code::ResourceExhausted),
        };
        let name = reason.as_str_name();
        Some((name.strip_prefix("REASON_").unwrap_or(name), code))
    }
}

fn of_procedure(rejection: &procedure::Rejection) -> (Reason, Code) {
    match rejection {
        procedure::Rejection::Unknown => (Reason::ProcedureUnknown, Code::NotFound),
        procedure::Rejection::Differs => (Reason::ProcedureDiffers, Code::AlreadyExists),
        procedure::Rejection::Closed => (Reason::ProcedureClosed, Code::FailedPrecondition),
        procedure::Rejection::PhaseClosed => (Reason::PhaseClosed, Code::FailedPrecondition),
        procedure::Rejection::TranscriptionClosed => (Reason::TranscriptionClosed, Code::FailedPrecondition),
        procedure::Rejection::SignInLevel => (Reason::SignInLevel, Code::PermissionDenied),
    }
}

fn of_contribution(rejection: &contribution::Rejection) -> (Reason, Code) {
    use contribution::Rejection as R;
    match rejection {
        R::Procedure(rejection) => of_procedure(rejection),
        R::LicenceNotGranted => (Reason::LicenceNotGranted, Code::FailedPrecondition),
        R::Unknown => (Reason::ContributionUnknown, Code::NotFound),
        R::Differs => (Reason::ContributionDiffers, Code::AlreadyExists),
        R::Erased => (Reason::ContributionErased, Code::FailedPrecondition),
        R::Withdrawn => (Reason::ContributionWithdrawn, Code::FailedPrecondition),
        R::NotPublished => (Reason::NotPublished, Code::FailedPrecondition),
        R::WrongKind => (Reason::WrongKind, Code::FailedPrecondition),
        R::NotTheAuthor => (Reason::NotTheAuthor, Code::PermissionDenied),
        R::DecisionUnfit => (Reason::DecisionUnfit, Code::FailedPrecondition),
        R::ObjectionUnfit => (Reason::ObjectionUnfit, Code::FailedPrecondition),
        R::ObjectionOpen => (Reason::ObjectionOpen, Code::FailedPrecondition),
        R::SecondPersonNeeded => (Reason::SecondPersonNeeded, Code::FailedPrecondition),
        R::ThemeUnknown => (Reason::ThemeUnknown, Code::NotFound),
        R::TargetUnknown => (Reason::DocumentUnknown, Code::NotFound),
        R::SectionUnknown => (Reason::SectionUnknown, Code::NotFound),
        R::ProposalAnswered => (Reason::ProposalAnswered, Code::FailedPrecondition),
    }
}

/// Why a request is not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(transparent)]
    Hosted(#[from] allmende_hosting::Error<Rejection>),
    #[error("the keyring failed")]
    Keyring(#[source] KeyringError),
    #[error("something sealed does not open")]
    Box(#[source] BoxError),
    #[error("an attachment cannot be stored or read")]
    Attachment(#[source] std::io::Error),
    #[error("the search failed")]
    Search(#[from] crate::search::SearchError),
}

impl Error {
    /// Whether it is about something sealed that does not open, now and later.
    pub(crate) fn is_of_one_text(&self) -> bool {
        let lasts = |error: &KeyringError| matches!(error, KeyringError::Damaged { .. } | KeyringError::OtherMaster(_));
        match self {
            Self::Box(BoxError::Damaged) => true,
            Self::Box(BoxError::Keyring(error)) | Self::Keyring(error) => lasts(error),
            _ => false,
        }
    }

    /// Whether trying again leads nowhere before somebody has looked.
    pub(crate) fn takes_an_operator(&self) -> bool {
        let Self::Hosted(allmende_hosting::Error::Failed(failure)) = self else { return false };
        matches!(
            failure,
            Failure::Wait(WaitError::Stopped { .. })
                | Failure::Fault(Fault::Read(ReadError::Damaged { .. }))
                | Failure::View(ViewError::Log(ReadError::Damaged { .. }))
        )
    }

    /// Whether nothing of the commit is stored, and nothing will be.
    pub(crate) fn stored_nothing(&self) -> bool {
        let stopped = |failure: &Failure| matches!(failure, Failure::Append(AppendError::Stopped(_)));
        !matches!(self, Self::Hosted(allmende_hosting::Error::Failed(failure)) if stopped(failure))
    }
}

impl From<NotKept> for Error {
    fn from(error: NotKept) -> Self {
        match error {
            NotKept::Full => Rejection::AttachmentsFull.into(),
            NotKept::Io(error) => Self::Attachment(error),
        }
    }
}

impl From<KeyringError> for Error {
    fn from(error: KeyringError) -> Self {
        match error {
            // The id was used for a text that was erased since.
            KeyringError::Erased(_) => Rejection::from(contribution::Rejection::Erased).into(),
            error => Self::Keyring(error),
        }
    }
}

macro_rules! hosted {
    ($($error:ty),+) => {
        $(impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::Hosted(error.into())
            }
        })+
    };
}

hosted!(Rejection, Failure, ViewError, StorageError, CommandError<Rejection>, Fault);

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        const LATER: std::time::Duration = std::time::Duration::from_secs(5);
        match error {
            Error::Hosted(error) => error.into(),
            Error::Search(crate::search::SearchError::Behind) => errors::rejection(
                errors::DOMAIN,
                "DEADLINE_EXCEEDED",
                Code::DeadlineExceeded,
                "the position of the consistency token was not reached in time",
            ),
            error => {
                tracing::error!(error = &error as &dyn std::error::Error, "a request failed for a reason of ours");
                let reason = match &error {
                    Error::Keyring(_) | Error::Box(_) => "KEYRING_UNAVAILABLE",
                    Error::Attachment(_) => "ATTACHMENTS_UNAVAILABLE",
                    _ => "SEARCH_UNAVAILABLE",
                };
                errors::unavailable(reason, "this cannot be reached at present", LATER)
            }
        }
    }
}

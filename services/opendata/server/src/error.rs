//! The one table from refusals to status and reason.

use allmende_hosting::Refusal;
use allmende_opendata_domain::{dataset, source_licence};
use allmende_proto::opendata::v1::Reason;
use tonic::Code;

use crate::sources::SourceError;

/// What the rules refuse, and what was not found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Rejection {
    #[error(transparent)]
    Dataset(#[from] dataset::Rejection),
    #[error(transparent)]
    Licence(#[from] source_licence::Rejection),
    #[error("the version has no such file")]
    DistributionUnknown,
    #[error("nobody has said yet who publishes the tenant's data")]
    PublisherUnknown,
    #[error("a dataset that the platform fills by itself takes no uploads")]
    DatasetFilled,
    #[error("a dataset that is uploaded has no source to be issued from")]
    DatasetUploaded,
    #[error("the file is not of the length or checksum that was announced")]
    UploadIncomplete,
    #[error("the file is not what was released and is not served")]
    FileDamaged,
    /// The platform failed, and not for a reason that the sender could do something about.
    #[error("the dataset could not be made from its source")]
    Source(#[from] SourceError),
    /// The same, of the folder of files.
    #[error("a file could not be written")]
    Files(#[from] std::io::Error),
    #[error("the catalogue could not be written")]
    Catalogue,
}

/// Why a request is not answered.
pub(crate) type Error = allmende_hosting::Error<Rejection>;

/// Whether the rules took or refused it, on what the partition's leader knows. Of anything else another member may have
/// done more by now than this one has read, or the commit may be stored all the same: no shared file may be removed then.
pub(crate) fn is_decided<T>(outcome: &Result<T, Error>) -> bool {
    match outcome {
        Ok(_) => true,
        Err(Error::Rejected(rejection)) => match rejection {
            Rejection::Dataset(_) | Rejection::Licence(_) | Rejection::DatasetFilled => true,
            Rejection::DistributionUnknown
            | Rejection::PublisherUnknown
            | Rejection::DatasetUploaded
            | Rejection::UploadIncomplete
            | Rejection::FileDamaged
            | Rejection::Source(_)
            | Rejection::Files(_)
            | Rejection::Catalogue => false,
        },
        Err(Error::Failed(_)) => false,
    }
}

impl Refusal for Rejection {
    const DOMAIN: &'static str = "opendata.allmende";

    fn reason(&self) -> Option<(&'static str, Code)> {
        use dataset::Rejection as D;
        let (reason, code) = match self {
            Self::Dataset(D::DatasetDiffers) => (Reason::DatasetDiffers, Code::FailedPrecondition),
            Self::Dataset(D::DatasetUnknown) => (Reason::DatasetUnknown, Code::NotFound),
            Self::Dataset(D::VersionUnknown) => (Reason::VersionUnknown, Code::NotFound),
            Self::Dataset(D::VersionSuperseded) => (Reason::VersionSuperseded, Code::FailedPrecondition),
            Self::Dataset(D::VersionReleased) => (Reason::VersionReleased, Code::FailedPrecondition),
            Self::Dataset(D::VersionWithdrawn) => (Reason::VersionWithdrawn, Code::NotFound),
            Self::Dataset(D::DistributionDiffers) => (Reason::DistributionDiffers, Code::FailedPrecondition),
            Self::Dataset(D::VersionFull) => (Reason::VersionFull, Code::FailedPrecondition),
            Self::Dataset(D::CheckFailed(_)) => (Reason::CheckFailed, Code::FailedPrecondition),
            Self::Dataset(D::DatasetDeprecated) => (Reason::DatasetDeprecated, Code::FailedPrecondition),
            Self::Dataset(D::VersionStands | D::SourceDiffers | D::NotARelease) => return None,
            Self::Licence(source_licence::Rejection::ShareAlike) => (Reason::LicenceDiffers, Code::FailedPrecondition),
            Self::DistributionUnknown => (Reason::DistributionUnknown, Code::NotFound),
            Self::PublisherUnknown => (Reason::PublisherUnknown, Code::NotFound),
            Self::DatasetFilled => (Reason::DatasetFilled, Code::FailedPrecondition),
            Self::DatasetUploaded => (Reason::DatasetUploaded, Code::FailedPrecondition),
            Self::UploadIncomplete => (Reason::UploadIncomplete, Code::FailedPrecondition),
            Self::FileDamaged => (Reason::FileDamaged, Code::DataLoss),
            Self::Source(_) | Self::Files(_) | Self::Catalogue => return None,
        };
        let name = reason.as_str_name();
        Some((name.strip_prefix("REASON_").unwrap_or(name), code))
    }

    fn message(&self) -> String {
        match self {
            Self::Dataset(dataset::Rejection::CheckFailed(findings)) if !findings.is_empty() => {
                let missing: Vec<String> = findings
                    .iter()
                    .map(|finding| match finding.subject.as_str() {
                        "" => format!("{:?}", finding.requirement),
                        subject => format!("{:?} ({subject})", finding.requirement),
                    })
                    .collect();
                format!("what is missing for a release: {}", missing.join(", "))
            }
            other => other.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use allmende_eventlog::{AppendError, CommandError, StopReason};

    use super::*;

    fn refused(error: impl Into<Error>) -> bool {
        is_decided::<()>(&Err(error.into()))
    }

    #[test]
    fn only_what_the_rules_said_is_decided() {
        let of_a_rule = CommandError::Rejected(Rejection::Dataset(dataset::Rejection::VersionFull));
        assert!(is_decided(&Ok(())) && refused(of_a_rule) && refused(Rejection::DatasetFilled));
        let of_the_log = [
            AppendError::NotLeading { leader: None },
            AppendError::Stopped(StopReason::Deposed),
            AppendError::Stopped(StopReason::Closed),
            AppendError::Overloaded,
        ];
        for error in of_the_log {
            assert!(!refused(CommandError::<Rejection>::Append(error)));
        }
        // Said without asking the leader.
        assert!(!refused(Rejection::UploadIncomplete));
    }
}

//! The one table from refusals to status and reason.

use allmende_eventlog::{AppendError, CommandError, Fault, StopReason};
use allmende_gateway_domain::{address, attempts, erasure, feedback, grants, mail, person, session, tenant};
use allmende_hosting::{Failure, Refusal};
use allmende_kernel::Timestamp;
use allmende_keyring::{BoxError, KeyringError};
use allmende_proto::gateway::v1::Reason;
use allmende_runtime::errors;
use allmende_views::{StorageError, ViewError, WaitError};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

use crate::providers;
use crate::secrets::Busy;

/// Why a request is not answered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A rule refuses it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// Too many attempts failed.
    #[error("too many attempts failed")]
    Locked {
        /// How long it is to be waited.
        wait: std::time::Duration,
    },
    /// The platform failed.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// Keys cannot be reached.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A box does not open.
    #[error(transparent)]
    Box(#[from] BoxError),
    /// Passwords are being looked at as fast as can be.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// A sign-in with an identity provider does not go on.
    #[error(transparent)]
    Provider(#[from] providers::Error),
    /// Another member came to lead after a code of an identity provider was redeemed.
    #[error("another member leads since the identity provider was asked")]
    Interrupted,
    /// A token could not be signed.
    #[error("a token could not be signed")]
    Token(#[from] jsonwebtoken::errors::Error),
}

/// What the rules refuse.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum Rejection {
    #[error(transparent)]
    Person(#[from] person::Rejection),
    #[error(transparent)]
    Address(#[from] address::Rejection),
    #[error(transparent)]
    Attempts(#[from] attempts::Rejection),
    #[error(transparent)]
    Session(#[from] session::Rejection),
    #[error(transparent)]
    Grants(#[from] grants::Rejection),
    #[error(transparent)]
    Tenant(#[from] tenant::Rejection),
    #[error(transparent)]
    Feedback(#[from] feedback::Rejection),
    #[error(transparent)]
    Erasure(#[from] erasure::Rejection),
    #[error(transparent)]
    Mail(#[from] mail::Rejection),
    /// The identity of a provider leads to another account.
    #[error("the identity leads to another account")]
    LinkedElsewhere,
    /// The e-mail address that a provider has verified leads to an account already.
    #[error("the e-mail address has an account already: sign in with its password, then link the provider")]
    EmailHasAccount,
    /// What was looked up has changed before it was decided.
    #[error("somebody else was faster")]
    Moved,
}

impl Refusal for Rejection {
    const DOMAIN: &'static str = "gateway.allmende";

    fn reason(&self) -> Option<(&'static str, Code)> {
        use erasure::Rejection as E;
        use person::Rejection as P;
        let (reason, code) = match self {
            Self::Person(P::CredentialsWrong) => (Reason::CredentialsWrong, Code::Unauthenticated),
            Self::Attempts(attempts::Rejection::Locked { .. }) => (Reason::TooManyAttempts, Code::ResourceExhausted),
            Self::Person(P::CodeWrong) => (Reason::CodeWrong, Code::FailedPrecondition),
            Self::Person(P::Unknown) => (Reason::PersonUnknown, Code::NotFound),
            Self::Person(P::Erased) => (Reason::PersonErased, Code::FailedPrecondition),
            Self::Person(P::LastSignInMethod) => (Reason::LastSignInMethod, Code::FailedPrecondition),
            Self::Person(P::TooManyProviders) => (Reason::TooManyProviders, Code::FailedPrecondition),
            Self::LinkedElsewhere => (Reason::ProviderLinkedElsewhere, Code::FailedPrecondition),
            Self::EmailHasAccount => (Reason::EmailHasAccount, Code::FailedPrecondition),
            Self::Session(session::Rejection::TokenWrong) => (Reason::RefreshTokenWrong, Code::Unauthenticated),
            Self::Grants(grants::Rejection::NotYoursToGive) => (Reason::GrantNotYoursToGive, Code::PermissionDenied),
            Self::Grants(grants::Rejection::TooMany) => (Reason::TooManyGrants, Code::FailedPrecondition),
            Self::Tenant(tenant::Rejection::Differs) => (Reason::TenantDiffers, Code::FailedPrecondition),
            Self::Tenant(tenant::Rejection::Unknown) => (Reason::TenantUnknown, Code::NotFound),
            Self::Feedback(feedback::Rejection::Differs) => (Reason::FeedbackDiffers, Code::FailedPrecondition),
            Self::Feedback(feedback::Rejection::Unknown) => (Reason::FeedbackUnknown, Code::NotFound),
            Self::Erasure(E::Differs) => (Reason::ErasureDiffers, Code::FailedPrecondition),
            Self::Erasure(E::Unknown) => (Reason::ErasureUnknown, Code::NotFound),
            Self::Erasure(E::Decided) => (Reason::ErasureDecided, Code::FailedPrecondition),
            Self::Erasure(E::Elsewhere) => (Reason::ErasureElsewhere, Code::FailedPrecondition),
            Self::Erasure(E::ExceptionOutOfScope) => (Reason::ExceptionOutOfScope, Code::FailedPrecondition),
            Self::Mail(mail::Rejection::Unknown) => (Reason::MailUnknown, Code::NotFound),
            Self::Mail(mail::Rejection::Over) => (Reason::MailOver, Code::FailedPrecondition),
            // What registering meets is told by mail; the rest is decided for no caller.
            Self::Person(P::AlreadyRegistered | P::TooEarly)
            | Self::Attempts(attempts::Rejection::CodeJustSent)
            | Self::Erasure(E::NothingToExecute)
            | Self::Address(_)
            | Self::Mail(mail::Rejection::Differs)
            | Self::Moved => return None,
        };
        let name = reason.as_str_name();
        Some((name.strip_prefix("REASON_").unwrap_or(name), code))
    }
}

impl Error {
    /// The same with the wait in place of the moment until which an account takes no attempts.
    pub(crate) fn at(self, now: Timestamp) -> Self {
        match self {
            Self::Rejected(Rejection::Attempts(attempts::Rejection::Locked { until })) => {
                let micros = u64::try_from(until.since(now).as_micros()).unwrap_or_default();
                Self::Locked { wait: std::time::Duration::from_micros(micros) }
            }
            other => other,
        }
    }

    /// The same after a code of an identity provider was redeemed, which is good once: another member is not asked to do
    /// with it what could not be done here.
    pub(crate) fn after_redeeming(self) -> Self {
        match self {
            Self::Failed(Failure::Append(
                AppendError::NotLeading { .. } | AppendError::Stopped(StopReason::Deposed),
            )) => Self::Interrupted,
            other => other,
        }
    }

    /// Whether it is this rejection.
    pub(crate) fn is(&self, rejection: &Rejection) -> bool {
        matches!(self, Self::Rejected(rejected) if rejected == rejection)
    }
}

impl From<CommandError<Rejection>> for Error {
    fn from(error: CommandError<Rejection>) -> Self {
        match error {
            CommandError::Rejected(rejection) => Self::Rejected(rejection),
            CommandError::Append(error) => Self::Failed(error.into()),
            CommandError::Fault(fault) => Self::Failed(fault.into()),
        }
    }
}

macro_rules! failures {
    ($($error:ty),*) => {
        $(impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::Failed(error.into())
            }
        })*
    };
}

failures!(AppendError, Fault, ViewError, WaitError, StorageError);

/// When it may be worth trying again after an overload.
const SOON: std::time::Duration = std::time::Duration::from_secs(1);

/// The same after an identity provider did not answer.
const PROVIDER_AGAIN: std::time::Duration = std::time::Duration::from_secs(10);

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Rejected(Rejection::Moved) => {
                errors::unavailable("CONTENDED", "somebody else was faster each time", SOON)
            }
            Error::Rejected(rejection) => allmende_hosting::Error::Rejected(rejection).into(),
            Error::Failed(failure) => failure.into(),
            Error::Locked { wait } => {
                let message = "too many attempts failed: wait before the next one";
                let mut details = ErrorDetails::with_retry_info(Some(wait));
                details.set_error_info("TOO_MANY_ATTEMPTS", Rejection::DOMAIN, []);
                Self::with_error_details(Code::ResourceExhausted, message, details)
            }
            Error::Busy(Busy) => {
                errors::resource_exhausted("OVERLOADED", "too many passwords are being looked at", SOON)
            }
            Error::Keyring(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the keyring failed");
                errors::unavailable("KEYRING_UNAVAILABLE", "keys cannot be reached at present", SOON)
            }
            Error::Box(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a box does not open");
                errors::rejection(errors::DOMAIN, "INTERNAL", Code::Internal, "the request failed for a reason of ours")
            }
            Error::Provider(error) => provider(error),
            Error::Interrupted => {
                let message = "what was begun with the identity provider was interrupted: begin anew";
                errors::unavailable("SIGN_IN_INTERRUPTED", message, SOON)
            }
            Error::Token(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a token could not be signed");
                errors::rejection(errors::DOMAIN, "INTERNAL", Code::Internal, "the request failed for a reason of ours")
            }
        }
    }
}

fn provider(error: providers::Error) -> Status {
    let (reason, code, retry) = match error {
        providers::Error::Unknown => (Reason::ProviderUnknown, Code::NotFound, None),
        providers::Error::Over => (Reason::SignInOver, Code::FailedPrecondition, None),
        providers::Error::NotBelieved(_) => (Reason::ProviderNotBelieved, Code::FailedPrecondition, None),
        providers::Error::Away => (Reason::ProviderAway, Code::Unavailable, Some(PROVIDER_AGAIN)),
    };
    let message = match error {
        // What exactly is for the operator's log.
        providers::Error::NotBelieved(_) => "what the identity provider tells is not to be believed".to_owned(),
        other => other.to_string(),
    };
    let name = reason.as_str_name();
    let mut details = ErrorDetails::new();
    details.set_error_info(name.strip_prefix("REASON_").unwrap_or(name), Rejection::DOMAIN, []);
    if let Some(wait) = retry {
        details.set_retry_info(Some(wait));
    }
    Status::with_error_details(code, message, details)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusals() -> [AppendError; 2] {
        [AppendError::NotLeading { leader: Some("other:1".into()) }, AppendError::Stopped(StopReason::Deposed)]
    }

    #[test]
    fn what_a_redeemed_code_was_for_is_sent_to_no_other_member() {
        for refusal in refusals() {
            let before = Status::from(Error::from(refusal.clone()));
            assert!(before.metadata().contains_key("allmende-leader"), "{before:?}");
            let after = Status::from(Error::from(refusal).after_redeeming());
            assert!(after.metadata().is_empty(), "{after:?}");
            assert_eq!(after.code(), Code::Unavailable);
            let details = after.get_error_details();
            assert_eq!(details.error_info().unwrap().reason, "SIGN_IN_INTERRUPTED");
            assert!(details.retry_info().is_some());
        }
        let other = Error::from(AppendError::Overloaded).after_redeeming();
        assert!(matches!(other, Error::Failed(Failure::Append(AppendError::Overloaded))), "{other:?}");
    }
}

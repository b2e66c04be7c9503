pub use allmende_kernel::InvalidUuid;
use allmende_kernel::uuid_id;

uuid_id! {
    /// A session: what one sign-in began.
    SessionId
}

uuid_id! {
    /// A mail that goes out.
    MailId
}

uuid_id! {
    /// What somebody told a tenant.
    FeedbackId
}

uuid_id! {
    /// A request to be forgotten.
    ErasureId
}

uuid_id! {
    /// A procedure of participation.
    ProcedureId
}

uuid_id! {
    /// What somebody wrote in a procedure.
    ContributionId
}

pub use allmende_kernel::InvalidUuid;
use allmende_kernel::uuid_id;

uuid_id! {
    /// A procedure: an occasion to take part, with a beginning and an end.
    ProcedureId
}

uuid_id! {
    /// A text that a citizen wrote.
    ContributionId
}

uuid_id! {
    /// A subject under which contributions are answered together.
    ThemeId
}

uuid_id! {
    /// A text that people are asked about.
    DocumentId
}

uuid_id! {
    /// What became of contributions.
    ProjectId
}

uuid_id! {
    /// A file that goes with a contribution.
    AttachmentId
}

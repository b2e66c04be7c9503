use allmende_runtime::authorize::Role::{
    Approver, Auditor, CaseWorker, DataSteward, Moderator, PlatformOperator, ProcedureOwner, TenantAdministrator,
};
use allmende_runtime::authorize::{Entry, Rule};

/// Sets procedures and texts up, and runs them.
const RUN: Rule = Rule::AnyOf(&[ProcedureOwner, TenantAdministrator, PlatformOperator]);
/// Decides what is shown.
const MODERATE: Rule = Rule::AnyOf(&[Moderator, ProcedureOwner, PlatformOperator]);
/// Works with what came in.
const WORK: Rule = Rule::AnyOf(&[CaseWorker, Moderator, ProcedureOwner, PlatformOperator]);
/// Speaks for the administration.
const ANSWER: Rule = Rule::AnyOf(&[CaseWorker, ProcedureOwner, Approver, PlatformOperator]);
/// Speaks finally.
const DECIDE: Rule = Rule::AnyOf(&[ProcedureOwner, Approver, PlatformOperator]);
/// Sees numbers of people as they are: who works with what came in, and whoever runs reports, which leave out small ones.
const COUNT: Rule = Rule::AnyOf(&[
    CaseWorker,
    Moderator,
    ProcedureOwner,
    Approver,
    DataSteward,
    Auditor,
    TenantAdministrator,
    PlatformOperator,
]);

macro_rules! table {
    ($($rpc:literal: $rule:expr,)*) => {
        &[$((concat!("/allmende.participation.v1.ParticipationService/", $rpc), $rule),)*]
    };
}

/// Who may call each rpc, for [`allmende_runtime::authorize::Table`].
pub const AUTHORIZATION: &[Entry] = table! {
    "OpenProcedure": RUN,
    "AmendPhases": RUN,
    "PublishStatus": ANSWER,
    "CloseProcedure": RUN,
    "SubmitContribution": Rule::SignedIn,
    "SubmitProposal": Rule::SignedIn,
    "PostComment": Rule::SignedIn,
    "ProposeAmendment": Rule::SignedIn,
    "TranscribeOfflineContribution": WORK,
    "WithdrawContribution": Rule::SignedIn,
    "SupportContribution": Rule::SignedIn,
    "WithdrawSupport": Rule::SignedIn,
    "ReportContribution": Rule::SignedIn,
    "ObjectToModeration": Rule::SignedIn,
    "ModerateContribution": MODERATE,
    "DecideObjection": MODERATE,
    "DefineTheme": WORK,
    "AssignTheme": WORK,
    "RespondToTheme": ANSWER,
    "RespondToContribution": ANSWER,
    "AcceptAmendment": ANSWER,
    "StartEvaluation": ANSWER,
    "AnswerProposal": DECIDE,
    "PromoteToProject": DECIDE,
    "UpdateProject": ANSWER,
    "PublishDraft": RUN,
    "OpenConsultation": RUN,
    "PublishRevision": RUN,
    "ListProcedures": Rule::Visitor,
    "GetProcedure": Rule::Visitor,
    "ListContributions": Rule::Visitor,
    "GetContribution": Rule::Visitor,
    "GetAttachment": Rule::Visitor,
    "ListMyContributions": Rule::SignedIn,
    "ListModerationQueue": WORK,
    "ListProposals": Rule::Visitor,
    "ListProposalComments": Rule::Visitor,
    "ListThemes": Rule::Visitor,
    "ListProjects": Rule::Visitor,
    "GetProject": Rule::Visitor,
    "GetReachByChannel": COUNT,
    "ListDocuments": Rule::Visitor,
    "GetDocument": Rule::Visitor,
    "DiffVersions": Rule::Visitor,
    "ListSectionThread": Rule::Visitor,
    "ListUnansweredComments": Rule::Visitor,
    "ListSynopsis": Rule::Visitor,
    "SearchPublic": Rule::Visitor,
};

#[cfg(test)]
mod tests {
    use allmende_runtime::authorize::{Table, assert_covers_packages};

    #[test]
    fn every_rpc_has_a_rule() {
        let packages = &["allmende.participation.v1"];
        assert_covers_packages(&Table::new(&[super::AUTHORIZATION]), allmende_proto::FILE_DESCRIPTOR_SET, packages);
    }
}

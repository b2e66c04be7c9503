//! Who does what in the administration, as the services' tables have it: what is offered to whom. What is allowed is
//! decided by the services; a test holds the two together.

use allmende_proto::gateway::v1::Role;

/// A piece of work: what it comes down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Work {
    /// Its rpc.
    rpc: &'static str,
    pub(crate) roles: &'static [Role],
}

macro_rules! works {
    ($($name:ident: $rpc:literal, [$($role:ident),*];)*) => {
        $(pub(crate) const $name: Work = Work { rpc: $rpc, roles: &[$(Role::$role),*, Role::PlatformOperator] };)*

        #[cfg(test)]
        const ALL: &[Work] = &[$($name),*];
    };
}

works! {
    OPEN_PROCEDURE: "OpenProcedure", [ProcedureOwner, TenantAdministrator];
    AMEND_PHASES: "AmendPhases", [ProcedureOwner, TenantAdministrator];
    CLOSE_PROCEDURE: "CloseProcedure", [ProcedureOwner, TenantAdministrator];
    PUBLISH_DRAFT: "PublishDraft", [ProcedureOwner, TenantAdministrator];
    TRANSCRIBE: "TranscribeOfflineContribution", [Moderator, CaseWorker, ProcedureOwner];
    START_PROJECT: "PromoteToProject", [ProcedureOwner, Approver];
    UPDATE_PROJECT: "UpdateProject", [CaseWorker, ProcedureOwner, Approver];
    REGISTER_DATASET: "RegisterDataset", [DataSteward, TenantAdministrator];
    UPLOAD: "AddDistribution", [DataSteward, TenantAdministrator];
    CARE_FOR_DATASET: "Deprecate", [DataSteward, TenantAdministrator];
    RELEASE: "Publish", [Approver, DataSteward, TenantAdministrator];
    DESCRIBE_PUBLISHER: "DescribePublisher", [DataSteward, TenantAdministrator];
    DECLARE_LICENCE: "DeclareSourceLicence", [DataSteward, TenantAdministrator];
    REGISTER_STATION: "RegisterStation", [DeviceOwner, DataSteward, TenantAdministrator];
    FLAG: "FlagObservations", [DataSteward, TenantAdministrator];
    DEFINE_REPORT: "DefineReport", [ProcedureOwner, DataSteward, TenantAdministrator];
    RUN_REPORT: "RunReport", [ProcedureOwner, Approver, DataSteward, TenantAdministrator];
    PUBLISH_REPORT: "PublishReport", [Approver, TenantAdministrator];
    DEFINE_INDICATOR: "DefineIndicator", [ProcedureOwner, DataSteward, TenantAdministrator];
    RECORD_READING: "RecordReading", [ProcedureOwner, Surveyor, DataSteward, TenantAdministrator, Integrator];
    DECIDE_ERASURE: "DecideErasure", [DataProtectionOfficer];
    SEE_GRANTS: "ListGrants", [Auditor, TenantAdministrator];
    SEE_FEEDBACK: "ListFeedback", [TenantAdministrator, DataProtectionOfficer];
    ERASE_FEEDBACK: "EraseFeedback", [TenantAdministrator, DataProtectionOfficer];
    SEE_MAIL: "ListOutbox", [Auditor, TenantAdministrator];
    RETRY_MAIL: "RetryMail", [TenantAdministrator];
    UPDATE_TENANT: "UpdateTenant", [TenantAdministrator];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn what_is_offered_is_what_the_services_allow() {
        let tables = include_str!("../../../../allmende/authorization.md");
        for work in ALL {
            let row = format!("| `{}` | ", work.rpc);
            let allowed = tables.lines().find_map(|line| line.strip_prefix(row.as_str()));
            let allowed = allowed.unwrap_or_else(|| panic!("no rpc {}", work.rpc)).trim_end_matches('|').trim();
            let spelled = |role: &Role| role.as_str_name().replace("ROLE_", "").replace('_', "-").to_lowercase();
            let offered: BTreeSet<_> = work.roles.iter().map(spelled).collect();
            // A platform operator may look at every page, and is refused where it is not theirs.
            let mut allowed: BTreeSet<_> = allowed.split(", ").map(str::to_owned).collect();
            allowed.insert("platform-operator".to_owned());
            assert_eq!(offered, allowed, "{}", work.rpc);
        }
    }
}

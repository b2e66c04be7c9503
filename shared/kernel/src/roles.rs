/// What somebody may be for a tenant. A visitor has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Contributes, supports, votes.
    Participant,
    /// Decides on publication and reports.
    Moderator,
    /// Answers requests.
    CaseWorker,
    /// Runs a procedure.
    ProcedureOwner,
    /// Releases answers, datasets and results.
    Approver,
    /// Records stewardship in the field.
    Surveyor,
    /// Owns measuring stations.
    DeviceOwner,
    /// Keeps datasets and stations in order.
    DataSteward,
    /// Decides on erasure and sees what is processed.
    DataProtectionOfficer,
    /// Reads everything that is not sealed, changes nothing.
    Auditor,
    /// Gives out grants and settings of a tenant.
    TenantAdministrator,
    /// A connected system.
    Integrator,
    /// Runs the installation: for all tenants.
    PlatformOperator,
}

impl Role {
    /// Every role, in the order of their listing here.
    pub const ALL: [Self; 13] = [
        Self::Participant,
        Self::Moderator,
        Self::CaseWorker,
        Self::ProcedureOwner,
        Self::Approver,
        Self::Surveyor,
        Self::DeviceOwner,
        Self::DataSteward,
        Self::DataProtectionOfficer,
        Self::Auditor,
        Self::TenantAdministrator,
        Self::Integrator,
        Self::PlatformOperator,
    ];

    /// The role as documentation and configuration spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Participant => "participant",
            Self::Moderator => "moderator",
            Self::CaseWorker => "case-worker",
            Self::ProcedureOwner => "procedure-owner",
            Self::Approver => "approver",
            Self::Surveyor => "surveyor",
            Self::DeviceOwner => "device-owner",
            Self::DataSteward => "data-steward",
            Self::DataProtectionOfficer => "data-protection-officer",
            Self::Auditor => "auditor",
            Self::TenantAdministrator => "tenant-administrator",
            Self::Integrator => "integrator",
            Self::PlatformOperator => "platform-operator",
        }
    }
}

/// How surely it is known who a person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Level {
    /// Not at all: visitors, machines.
    #[default]
    None,
    /// They read mail at an address. "One per person" means one per address.
    Email,
    /// Substantial, as in Regulation (EU) No 910/2014 (eIDAS), article 8.
    Substantial,
    /// High, as in the same article.
    High,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_roles_are_told_apart() {
        assert!(Level::None < Level::Email && Level::Email < Level::Substantial && Level::Substantial < Level::High);
        let names: std::collections::BTreeSet<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
        assert_eq!(names.len(), Role::ALL.len());
    }
}

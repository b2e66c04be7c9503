use std::sync::Arc;

use allmende_kernel::{SubjectId, TenantId};
use uuid::Uuid;

/// Namespace of the subject ids of those who act without being a person of any tenant.
const SUBJECTS: Uuid = Uuid::from_u128(0x8f2d_6a0e_0d51_5b6c_9a3e_5f0c_1b7e_42d9);

/// What somebody may be for a tenant. A visitor is nobody's role: see [`super::Rule::Visitor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// Runs the installation.
    PlatformOperator,
}

impl Role {
    /// Every role, in the order of this page.
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

/// Whom a grant is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Every tenant of the installation.
    AllTenants,
    /// One tenant.
    Tenant(TenantId),
    /// One procedure of a tenant.
    Procedure(TenantId, Uuid),
}

impl Scope {
    /// Whether all of `tenant` is in it.
    pub fn covers(&self, tenant: &TenantId) -> bool {
        match self {
            Self::AllTenants => true,
            Self::Tenant(own) => own == tenant,
            Self::Procedure(..) => false,
        }
    }

    /// Whether a procedure of `tenant` is in it.
    pub fn covers_procedure(&self, tenant: &TenantId, procedure: Uuid) -> bool {
        match self {
            Self::Procedure(own, its) => own == tenant && *its == procedure,
            wider => wider.covers(tenant),
        }
    }
}

/// A role for some tenants.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Grant {
    /// What its holder may be.
    pub role: Role,
    /// Where.
    pub scope: Scope,
}

/// Who calls, as far as the call itself proves it. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Principal {
    /// Opaque id; absent for visitors.
    pub subject: Option<SubjectId>,
    /// How surely it is known who that is.
    pub level: Level,
    /// What the caller may be, at this moment.
    pub grants: Arc<[Grant]>,
}

impl Principal {
    /// Somebody who showed no token.
    pub fn visitor() -> Self {
        Self::default()
    }

    /// Who holds the operator token; the same subject on every installation.
    pub fn platform_operator() -> Self {
        Self {
            subject: Some(SubjectId::new(Uuid::new_v5(&SUBJECTS, b"platform-operator"))),
            level: Level::None,
            grants: [Grant { role: Role::PlatformOperator, scope: Scope::AllTenants }].into(),
        }
    }

    /// Whether one of the grants is of one of these roles and its scope fits.
    pub(super) fn holds(&self, roles: &[Role], fits: impl Fn(&Scope) -> bool) -> bool {
        self.grants.iter().any(|grant| roles.contains(&grant.role) && fits(&grant.scope))
    }
}

use std::sync::Arc;

use allmende_kernel::{Level, Role, SubjectId, TenantId};
use uuid::Uuid;

/// Namespace of the subject ids of those who act without being a person of any tenant.
const SUBJECTS: Uuid = Uuid::from_u128(0x8f2d_6a0e_0d51_5b6c_9a3e_5f0c_1b7e_42d9);

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

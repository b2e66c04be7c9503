use allmende_kernel::{Level, Role, SubjectId, TenantId};
use allmende_runtime::authorize::{Authenticator, Denied, Grant, Principal, Scope};
use uuid::Uuid;

/// The tenant of most tests.
pub(crate) const TENANT: &str = "brandis";

/// Another one, in which whoever has a role in the first has it too.
pub(crate) const ELSEWHERE: &str = "moers";

/// Whoever they say they are: a token is a name. Known ones have a role in both tenants, all others are citizens with a
/// confirmed address; `weak` has none.
pub(crate) struct People;

impl Authenticator for People {
    fn authenticate(&self, token: &str) -> Result<Principal, Denied> {
        let role = match token {
            "owner" => Some(Role::ProcedureOwner),
            "moderator" | "second" => Some(Role::Moderator),
            "clerk" => Some(Role::CaseWorker),
            "approver" => Some(Role::Approver),
            _ => None,
        };
        let tenant = |name| TenantId::parse(name).expect("it is a name");
        let grants =
            role.map(|role| [TENANT, ELSEWHERE].map(|name| Grant { role, scope: Scope::Tenant(tenant(name)) }));
        Ok(Principal {
            subject: Some(subject(token)),
            level: if token == "weak" { Level::None } else { Level::Email },
            grants: grants.into_iter().flatten().collect(),
        })
    }
}

/// The id of somebody.
pub(crate) fn subject(name: &str) -> SubjectId {
    SubjectId::new(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
}

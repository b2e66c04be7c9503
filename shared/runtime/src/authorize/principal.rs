use std::fmt;
use std::path::Path;

use allmende_kernel::{SubjectId, TenantId};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::secret_file::{SecretFileError, read_or_create};

const FILE: &str = "operator.token";
const TOKEN_BYTES: usize = 32;

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

/// Whom a grant is for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Every tenant of the installation.
    AllTenants,
    /// One tenant.
    Tenant(TenantId),
}

impl Scope {
    /// Whether `tenant` is in it.
    pub fn covers(&self, tenant: &TenantId) -> bool {
        match self {
            Self::AllTenants => true,
            Self::Tenant(own) => own == tenant,
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

/// Who calls, as far as the call itself proves it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Principal {
    /// Opaque id; absent for visitors.
    pub subject: Option<SubjectId>,
    /// What the caller may be.
    pub grants: Vec<Grant>,
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
            grants: vec![Grant { role: Role::PlatformOperator, scope: Scope::AllTenants }],
        }
    }
}

/// What every token begins with: found by scanners for leaked secrets, and never taken for a flag on a command line.
const PREFIX: &str = "allmende_";

/// Tokens that this installation made itself: the operator's, in `{data}/operator.token` (mode 0600).
///
/// Only its SHA-256 digest is kept in memory.
#[derive(Clone)]
pub struct LocalTokens {
    operator: [u8; 32],
}

impl LocalTokens {
    /// Reads the operator token, or creates it at the first start: 256 random bits as base64url behind `allmende_`.
    pub fn open(data: &Path) -> Result<Self, SecretFileError> {
        let path = data.join(FILE);
        let content = read_or_create(&path, || {
            let mut token = [0; TOKEN_BYTES];
            getrandom::fill(&mut token).expect("the operating system gives random bytes");
            format!("{PREFIX}{}\n", BASE64_URL_SAFE_NO_PAD.encode(token)).into_bytes()
        })?;
        let token = content.trim_ascii();
        let random = token.strip_prefix(PREFIX.as_bytes()).unwrap_or_default();
        match BASE64_URL_SAFE_NO_PAD.decode(random) {
            Ok(bytes) if bytes.len() == TOKEN_BYTES => Ok(Self { operator: Sha256::digest(token).into() }),
            _ => Err(SecretFileError::Damaged { path }),
        }
    }

    /// Whose token this is; `None` for one that this installation did not make.
    pub fn authenticate(&self, token: &str) -> Option<Principal> {
        same(&Sha256::digest(token.as_bytes()).into(), &self.operator).then(Principal::platform_operator)
    }
}

impl fmt::Debug for LocalTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalTokens(***)")
    }
}

/// Takes the same time wherever the two differ.
fn same(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.iter().zip(other).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_in_the_file_is_the_operators_and_stays_so() {
        let data = tempfile::tempdir().unwrap();
        LocalTokens::open(data.path()).unwrap();
        let token = std::fs::read_to_string(data.path().join(FILE)).unwrap();
        let tokens = LocalTokens::open(data.path()).unwrap();
        let operator = tokens.authenticate(token.trim()).unwrap();
        assert_eq!(operator, Principal::platform_operator());
        assert!(operator.subject.is_some());
    }

    #[test]
    fn another_token_is_nobodys() {
        let data = tempfile::tempdir().unwrap();
        let tokens = LocalTokens::open(data.path()).unwrap();
        let token = std::fs::read_to_string(data.path().join(FILE)).unwrap();
        let elsewhere = tempfile::tempdir().unwrap();
        assert_eq!(LocalTokens::open(elsewhere.path()).unwrap().authenticate(token.trim()), None);
        assert_eq!(tokens.authenticate(""), None);
        assert_eq!(tokens.authenticate(&token.trim()[1..]), None);
    }

    #[test]
    fn an_empty_token_file_does_not_open_the_door() {
        let data = tempfile::tempdir().unwrap();
        std::fs::write(data.path().join(FILE), "\n").unwrap();
        assert!(matches!(LocalTokens::open(data.path()), Err(SecretFileError::Damaged { .. })));
    }
}

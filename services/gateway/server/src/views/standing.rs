//! What every call asks: whether a person's session may still be going on, and what they may do.

use allmende_gateway_domain::{PLATFORM_TENANT, SessionId};
use allmende_kernel::{Position, SubjectId, TenantId, Timestamp};
use allmende_runtime::authorize::{Grant, Scope};
use allmende_views::{Keys, Order, Snapshot, Tables as _, ViewError};

use super::keys::{
    CHANGED, ENDED, GRANTS_OF, STANDINGS, TENANTS, grant_of, position_of, split_tenant, time_bytes, time_of,
};

/// Which sessions of a person may be going on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sessions {
    /// Those begun at this moment or later.
    Since(Timestamp),
    /// None: the account is gone.
    None,
}

impl Sessions {
    /// The row of an account, with its tenant.
    pub(super) fn to_bytes(self, home: &str) -> Vec<u8> {
        let since = match self {
            Self::Since(at) => time_bytes(at),
            Self::None => [0xff; 8],
        };
        [since.as_slice(), home.as_bytes()].concat()
    }

    pub(super) fn of(bytes: &[u8]) -> Option<(Self, TenantId)> {
        let (since, home) = bytes.split_first_chunk()?;
        let home = TenantId::parse(std::str::from_utf8(home).ok()?).ok()?;
        let sessions = if *since == [0xff; 8] { Self::None } else { Self::Since(time_of(*since)) };
        Some((sessions, home))
    }
}

/// What a person may do at this moment, and since when their sessions count.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    sessions: Sessions,
    session_ended: bool,
    /// What they may be.
    pub(crate) grants: Vec<Grant>,
}

impl Standing {
    /// Reads it for a person and one of their sessions. Somebody without an account here, who was vouched for
    /// elsewhere, has grants only.
    pub(crate) fn load(tables: &Snapshot, subject: SubjectId, session: Option<SessionId>) -> Result<Self, ViewError> {
        let sessions = match tables.get(STANDINGS, subject.as_bytes())? {
            Some(row) => Sessions::of(&row).ok_or(ViewError::Row(STANDINGS))?.0,
            None => Sessions::Since(Timestamp::from_micros(i64::MIN)),
        };
        let session_ended = match session {
            Some(session) => tables.get(ENDED, session.as_bytes())?.is_some(),
            None => false,
        };
        let mut grants = Vec::new();
        for row in tables.scan(GRANTS_OF, &Keys::prefix(subject.as_bytes()), Order::Ascending) {
            let row = row?;
            let parts = row.key().get(16..).and_then(split_tenant);
            let (tenant, grant) =
                parts.and_then(|(tenant, grant)| Some((tenant, grant_of(grant)?))).ok_or(ViewError::Row(GRANTS_OF))?;
            let scope = match grant.procedure {
                _ if tenant.as_str() == PLATFORM_TENANT => Scope::AllTenants,
                Some(procedure) => Scope::Procedure(tenant, procedure.as_uuid()),
                None => Scope::Tenant(tenant),
            };
            grants.push(Grant { role: grant.role, scope });
        }
        Ok(Self { sessions, session_ended, grants })
    }

    /// Whether there is such a tenant.
    pub(crate) fn is_registered(tables: &Snapshot, tenant: &TenantId) -> Result<bool, ViewError> {
        Ok(tables.get(TENANTS, tenant.as_str().as_bytes())?.is_some())
    }

    /// Where anything about anybody's standing changed last.
    pub(crate) fn changed(tables: &Snapshot) -> Result<Position, ViewError> {
        let Some(row) = tables.get(CHANGED, &[])? else { return Ok(Position::START) };
        position_of(&row).ok_or(ViewError::Row(CHANGED))
    }

    /// Whether a token issued at this moment still counts: one of a session to the microsecond, one of an issuer outside,
    /// who tells whole seconds, from the second on.
    pub(crate) fn admits(&self, issued_at: Timestamp, of_session: bool) -> bool {
        let since = match self.sessions {
            Sessions::Since(since) if of_session => since,
            Sessions::Since(since) => Timestamp::from_secs(since.as_micros().div_euclid(1_000_000)),
            Sessions::None => return false,
        };
        issued_at >= since && !self.session_ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standings_are_read_as_they_were_written() {
        let home = TenantId::parse("koeln").unwrap();
        for sessions in [Sessions::Since(Timestamp::from_secs(5)), Sessions::None] {
            assert_eq!(Sessions::of(&sessions.to_bytes("koeln")), Some((sessions, home.clone())));
        }
        assert_eq!(Sessions::of(b"short"), None);
    }

    #[test]
    fn a_token_counts_from_the_moment_of_the_last_password() {
        let standing = |sessions| Standing { sessions, session_ended: false, grants: Vec::new() };
        let (since, at) = (standing(Sessions::Since(Timestamp::from_millis(5_400))), Timestamp::from_millis);
        assert!(since.admits(at(5_400), true) && !since.admits(at(5_399), true));
        assert!(since.admits(at(5_000), false) && !since.admits(at(4_000), false));
        assert!(!standing(Sessions::None).admits(at(5_400), true));
        let ended = Standing { session_ended: true, ..since };
        assert!(!ended.admits(at(9_000), true));
    }
}

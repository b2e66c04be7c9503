use std::fmt;
use std::sync::Arc;

use allmende_kernel::TenantId;

use super::{Denied, Principal};

/// Tells whose token it is, and which tenants there are. Asked for every call, so it must be cheap and never wait: signatures
/// that were checked before are remembered, keys, grants and tenants are at hand, and what has to be fetched is fetched
/// beside the calls.
pub trait Authenticator: Send + Sync + 'static {
    /// Who holds the token, with what they may be at this moment. An unknown, forged or withdrawn token is
    /// [`Denied::Unauthenticated`], one whose time is over [`Denied::Expired`].
    fn authenticate(&self, token: &str) -> Result<Principal, Denied>;

    /// Whether there is such a tenant. Who knows of tokens alone takes each name for one.
    fn has_tenant(&self, _: &TenantId) -> Result<bool, Denied> {
        Ok(true)
    }
}

impl<A: Authenticator + ?Sized> Authenticator for Arc<A> {
    fn authenticate(&self, token: &str) -> Result<Principal, Denied> {
        self.as_ref().authenticate(token)
    }

    fn has_tenant(&self, tenant: &TenantId) -> Result<bool, Denied> {
        self.as_ref().has_tenant(tenant)
    }
}

/// The tenants that an authenticator knows.
#[derive(Clone)]
pub(super) struct Tenants(pub(super) Arc<dyn Authenticator>);

impl Tenants {
    /// Refuses one that is not there.
    pub(super) fn check(&self, tenant: &TenantId) -> Result<(), Denied> {
        if self.0.has_tenant(tenant)? { Ok(()) } else { Err(Denied::UnknownTenant) }
    }
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tenants(..)")
    }
}

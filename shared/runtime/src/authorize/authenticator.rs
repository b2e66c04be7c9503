use std::sync::Arc;

use super::{Denied, Principal};

/// Tells whose token it is. Asked for every call, so it must be cheap and never wait: signatures that were checked
/// before are remembered, keys and grants are at hand, and what has to be fetched is fetched beside the calls.
pub trait Authenticator: Send + Sync + 'static {
    /// Who holds the token, with what they may be at this moment. An unknown, forged or withdrawn token is
    /// [`Denied::Unauthenticated`], one whose time is over [`Denied::Expired`].
    fn authenticate(&self, token: &str) -> Result<Principal, Denied>;
}

impl<A: Authenticator + ?Sized> Authenticator for Arc<A> {
    fn authenticate(&self, token: &str) -> Result<Principal, Denied> {
        self.as_ref().authenticate(token)
    }
}

//! Who may call what: the one place where tenant and role are checked, on every read and write.
//!
//! Each service has a constant list of (rpc path, [`Rule`]); [`Table`] joins them. An rpc that is not in the table
//! cannot be called, and a test with [`assert_covers`] shows that the table and the descriptors hold the same rpcs.
//! Before a handler runs, the server has authenticated the caller and checked that the rule can be met by some grant;
//! the handler gets a tenant's id only from [`Caller::tenant`], which checks the grant for that very tenant.

mod caller;
mod principal;
mod table;

pub(crate) use caller::admit;
pub use caller::{AuthorizedTenant, Caller, authorize};
pub use principal::{Grant, LocalTokens, Principal, Role, Scope};
pub(crate) use table::rpcs;
pub use table::{Denied, Entry, Rule, Table, assert_covers};

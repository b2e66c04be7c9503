//! Who may call what: the one place where tenant and role are checked, on every read and write.
//!
//! Each service has a constant list of ([rpc path or HTTP route](Entry), [`Rule`]); [`Table`] joins them. An rpc or a
//! route that is not in the table cannot be called, and tests with [`assert_covers`] and [`assert_covers_routes`] show
//! that the table holds the same rpcs as the descriptors and the same routes as the routers. Before a handler runs, the
//! server has authenticated the caller with its [`Authenticator`] and checked that the rule can be met by some grant;
//! the handler gets a tenant's id only from [`Caller::tenant`] and [`Caller::procedure`], which check the grant for
//! that very tenant and that the tenant is there.

mod authenticator;
mod caller;
mod cover;
mod http;
mod local_tokens;
mod principal;
mod table;

pub use allmende_kernel::{Level, Role};
pub use authenticator::Authenticator;
pub(crate) use caller::admit;
pub use caller::{AuthorizedProcedure, AuthorizedTenant, Caller, authorize};
pub(crate) use cover::rpcs;
pub use cover::{assert_covers, assert_covers_packages, assert_covers_routes};
pub use http::{Guard, Refuse, Routes, SESSION_COOKIE};
pub use local_tokens::LocalTokens;
pub use principal::{Grant, Principal, Scope};
pub use table::{Denied, Entry, Rule, Table};

//! How much one caller may have of what all share: so many at once, and so many a second.
//!
//! Used by the gRPC port for every rpc and by gateway for the HTTP port.

mod callers;
mod client;
mod rate;
mod shares;

pub(crate) use callers::{Callers, Held};
pub use callers::{Config, Most, Origin};
pub use client::Proxies;
pub use rate::Rate;
pub use shares::{Share, Shares};

//! How much one caller may have of what all share: so many connections and calls at once, and so many calls a second.
//!
//! Used by the gRPC port for every rpc and by gateway for the HTTP port.

mod callers;
mod client;
mod connections;
mod network;
mod origin;
mod rate;
mod shares;

pub(crate) use callers::{Callers, Held};
pub use callers::{Config, Most};
pub use client::Proxies;
pub use connections::{Closed, Connections, Open};
pub use network::{Network, Within};
pub use origin::Origin;
pub use rate::Rate;
pub use shares::{Share, Shares};

//! What every service repeats around its own work: a partition with its views, opened, watched and closed; commands
//! that are measured; reads at a consistency token; and what a refusal is answered with.
//!
//! A service's `wiring.rs` opens the partition with [`Partition::open`], runs its views with [`Partition::run`], and
//! has a [`Host`] from [`Partition::watched`]. Its use cases run commands by [`Commands`] and read by [`Queries`]; its
//! `error.rs` is a table of reasons: [`Refusal`]. Its `grpc/` parses and replies, with [`asked`] and [`rpcs!`]. What it
//! does about another service's events is a [`Reaction`], run by [`Host::react`]; what else it does beside the calls is run
//! by [`Host::work`].

mod asked;
pub mod cluster;
mod commands;
mod error;
mod follow;
mod host;
mod kept;
mod member;
mod queries;
mod readiness;
mod sharing;
mod tasks;
mod wiring;

pub use asked::{asked, asked_as, opened};
pub use cluster::Cluster;
pub use commands::Commands;
pub use error::{Error, Failure, Refusal};
pub use follow::{Cause, Reaction, ReactionError};
pub use host::{CloseError, Host, Logs, Ports};
pub use queries::{Answer, Queries};
pub use wiring::{Caches, Partition, StartError};

#[doc(hidden)]
pub use tonic;

//! A stream in memory, for tests: what a server promises, and what it does not.
//!
//! [`ModelStream`] keeps the promises of the port. What a real server does once a month (answers that are lost, messages
//! that come late, a tail that is lost) is what the simulation in this crate's tests makes of the same
//! [`Sequence`].

mod adapter;
mod bodies;
mod cluster;
mod sequence;

pub use adapter::ModelStream;
pub use bodies::ModelBodies;
pub use cluster::ModelCluster;
pub use sequence::Sequence;

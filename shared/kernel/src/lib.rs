//! The words every part of Allmende shares: deciders, names, ids, revisions, positions and time.
//!
//! Nothing here does I/O, reads a clock or draws a random number; nothing here knows a service.

mod decider;
mod ids;
mod names;
mod position;
mod time;

pub use decider::Decider;
pub use ids::{InvalidId, RequestId, SubjectId};
pub use names::{Category, InvalidName, PartitionName, StreamName, TenantId};
pub use position::{ExpectedRevision, Position, Revision};
pub use time::{Clock, Duration, Timestamp};

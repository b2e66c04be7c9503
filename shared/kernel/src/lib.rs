//! The words every part of Allmende shares: deciders, names, ids, revisions, positions, time and sealed
//! content.
//!
//! Nothing here does I/O, reads a clock or draws a random number; nothing here knows a service.

mod decider;
mod ids;
mod months;
mod names;
mod position;
mod roles;
mod sealed;
mod time;
mod uuid_id;

pub use decider::Decider;
pub use ids::{InvalidId, RequestId, SubjectId};
pub use months::{MONTHS_IN_ENGLISH, MONTHS_IN_GERMAN};
pub use names::{Category, InvalidName, PartitionName, StreamName, TenantId};
pub use position::{ExpectedRevision, Position, Revision};
pub use roles::{Level, Role};
pub use sealed::Sealed;
pub use time::{Clock, Duration, Timestamp};
pub use uuid::Uuid;
pub use uuid_id::InvalidUuid;

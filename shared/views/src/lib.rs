//! Checkpointed read models: a [`View`] is a fold of one partition's commits into tables of keys and values.
//!
//! Promises:
//!
//! - A view's data and its checkpoint (position, epoch, hash) change in one write, and a view starts from its own
//!   checkpoint (L5). Nothing is synced: after a crash a view is older, never wrong, and catches up.
//! - A database that is torn, or whose checkpoint does not lie on the log's chain, is set aside and folded anew.
//! - A view never skips: what it cannot read or understand stops it, visibly, and what it has is still served.
//! - A read is of one position, which it tells; a read that has to see a commit can wait for it.
//!
//! A view's tables and its checkpoint lie in one keyspace, which is one LSM tree, because fjall makes a tree durable
//! whole but different trees at different times, and does not sync its journal before it does: after a power loss
//! data in one tree could be newer than a checkpoint in another.

mod checkpoint;
mod database;
mod error;
mod handle;
mod merge;
mod runner;
mod set_aside;
mod snapshot;
mod stats;
mod store;
mod tables;
mod view;
mod write_set;

pub use checkpoint::Checkpoint;
pub use error::{OpenError, StopCause, StorageError, ViewError, WaitError};
pub use fjall::Slice;
pub use handle::{Lag, Progress, State, ViewHandle};
pub use set_aside::{Damage, SetAside};
pub use snapshot::Snapshot;
pub use stats::Stats;
pub use store::{Options, ViewStore};
pub use tables::{Keys, Order, Row, Scan, Table, Tables};
pub use view::View;
pub use write_set::WriteSet;

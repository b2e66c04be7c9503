//! The log's port and what stands on it alike for every adapter: commits and groups in their stored form, admission
//! (expected revisions, request ids, time), subscriptions, the shell that runs deciders, and the contract suite.
//!
//! Promises, by the design's numbers: an acknowledged commit is durable (L1), visible as a whole and never before it is
//! durable (L2), at one position for ever (L3); a repeated request id gets the first outcome (L4); damage is named, never
//! served (L6).

mod admission;
mod append;
mod commit;
pub mod contract;
mod group;
mod memory;
mod port;
mod reading;
mod replica;
mod replicated;
mod shell;
mod subscription;
mod wire;

pub use admission::{Admission, Known, Lookup, OpenGroup, Sealer, StreamEntry, Window};
pub use append::{
    AppendError, Appended, Digest, NewCommit, NewEvent, Origin, OriginKey, StopReason, StreamAppend, Submitted,
    TraceContext,
};
pub use commit::{CommitView, EventView, WriteView};
pub use group::{GroupError, GroupHeader, Hash, RecordedEvent, RecordedGroup, TermId, genesis_hash};
pub use memory::MemoryLog;
pub use port::EventLog;
pub use reading::{Direction, Head, ReadError, Reading};
pub use replica::{ApplyError, Arrived, MemoryReplica, Replica};
pub use replicated::{barrier, missing_body, with_body, without_body};
pub use shell::{Aggregate, CommandError, Done, Fault, Partition, Rehearsal, Request, Transaction, UnknownEvent};
pub use subscription::{Delivery, Filter, Subscription};

//! The embedded log: commit groups in segment files, found again through an index in sled.
//!
//! The commit point is the group: it is appended to the open segment, made durable with one `fdatasync`, and only then
//! seen and acknowledged (L1, L2). The index is derived: written in the background, trusted after a clean end or a
//! crash of the process alone, and rebuilt from the segments otherwise.
//!
//! A partition's directory:
//!
//! ```text
//! LOCK                           held while the log is open
//! STATE                          how the log was closed
//! segments/00000000000000000001.segment   groups from number 1 on; the last file is written, the others are sealed
//! index/                         sled
//! ids/                           request ids that are remembered
//! ```

mod backup;
mod committer;
mod damage;
mod frame;
mod gathering;
mod ids;
mod index;
mod indexer;
mod layout;
mod log;
mod memtable;
mod offline;
mod options;
mod places;
mod recovery;
mod replica;
mod segment;
mod segments;
mod state;
mod stats;
mod store;
mod survey;
mod transfer;
mod verify;

pub use backup::{BackupError, BackupReport, backup, backup_telling, restore, restore_listed};
pub use damage::Damage;
pub use log::SledLog;
pub use offline::{GroupOrDamage, Groups, OfflineLog, Stored};
pub use options::{Hooks, OpenError, Options, Told, Written};
pub use replica::SledReplica;
pub use stats::{Stats, stats};
pub use transfer::{TransferError, export, import};
pub use verify::{VerifyReport, verify};

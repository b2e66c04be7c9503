//! `allmende backup` and `allmende restore`: everything that a platform keeps, copied beside it and put back where nothing
//! is.
//!
//! ```text
//! BACKUP              the list of what belongs to the last complete backup, with its own checksum
//! BACKUP.lock         held while one is made; tells that the folder is one of backups
//! log/{partition}/    a log's segments
//! datasets/           files of datasets, named for their content
//! attachments/        sealed files, named for their content
//! keyring/            keys, wrapped by the master key, and the list of the erased
//! unfinished/         files that are being copied
//! ```
//!
//! Views, search indexes, the logs' indexes and mails that have gone out are not copied: the first three are made anew, and
//! the last is no longer ours. The master key and the other [secrets] go to places apart.
//!
//! # One moment of several logs
//!
//! A backup is one that the platform could have been left with by a crash. Who follows a log is copied before it, so that
//! nothing refers to what is not there yet. Where two follow each other, what one of them took from the other behind the
//! other's copy is found by its origin, and the other is copied further. Files are copied after the logs that name them
//! and the keys last, because each is durable before a commit rests on it. What goes meanwhile goes after the log has
//! said so, or is put on the list of the erased first; so if a file of a standing version is not found, or the list
//! has grown, everything is copied further once more.

mod files;
mod list;
mod logs;
mod places;
mod report;
mod restore;
mod save;
mod secrets;

pub(crate) use logs::{is_unwritten, partitions};
pub use restore::run as restore;
pub use save::run as save;

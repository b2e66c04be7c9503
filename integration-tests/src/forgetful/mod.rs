//! A file system that forgets: at a cut it keeps what was synced and an arbitrary part of what was not.

mod disk;
mod file;
mod mount;
mod process;

pub use disk::{Disk, Fault};
pub use process::{DiskProcess, serve_disk};

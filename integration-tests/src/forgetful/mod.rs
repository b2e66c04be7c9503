//! A file system that forgets: at a cut it keeps what was synced and an arbitrary part of what was not.

mod disk;
mod file;
mod mount;

pub use disk::{Disk, Fault};
pub use mount::Mounted;

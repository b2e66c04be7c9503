use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use allmende_eventlog::{ReadError, StopReason, Window};

/// How a log is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Size of a segment file in bytes.
    pub segment_bytes: u64,
    /// Memory for the index's pages in bytes.
    pub index_cache_bytes: u64,
    /// Most commits a group may hold.
    pub group_commits: u32,
    /// How long request ids are remembered.
    pub window: Window,
    /// Told about what the log does.
    pub hooks: Hooks,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes: 64 << 20,
            index_cache_bytes: 32 << 20,
            group_commits: 4_096,
            window: Window::default(),
            hooks: Hooks::default(),
        }
    }
}

/// Somebody who is told, or nobody.
pub type Told<T> = Option<Arc<dyn Fn(T) + Send + Sync>>;

/// Called from the log's threads; must return at once.
#[derive(Clone, Default)]
pub struct Hooks {
    /// A group became durable.
    pub written: Told<Written>,
    /// Places that wait to be indexed.
    pub index_lag: Told<usize>,
    /// The log takes no more commits, for another reason than that it was closed.
    pub stopped: Told<StopReason>,
    /// Damage was met for the first time.
    pub damaged: Told<crate::Damage>,
}

impl std::fmt::Debug for Hooks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hooks")
    }
}

/// A group that became durable.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    /// Its number.
    pub group: u64,
    /// How many commits it holds.
    pub commits: u32,
    /// Its size on disk.
    pub bytes: usize,
    /// What write and sync took.
    pub sync: std::time::Duration,
}

/// Why a log does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process has it open.
    #[error("{} is in use by another process", .0.display())]
    InUse(PathBuf),
    /// The directory is another partition's.
    #[error("{} holds partition {found}, not {wanted}", .folder.display())]
    OtherPartition {
        /// The directory.
        folder: PathBuf,
        /// Whose it is.
        found: String,
        /// Whose it should be.
        wanted: String,
    },
    /// A file could not be used.
    #[error("{what}")]
    Io {
        /// What was done.
        what: &'static str,
        /// The system's word.
        #[source]
        source: io::Error,
    },
    /// The index could neither be opened nor rebuilt.
    #[error("the index could not be rebuilt")]
    Index(#[source] sled::Error),
    /// The segments could not be read.
    #[error("the segments could not be read")]
    Read(#[from] ReadError),
}

impl OpenError {
    pub(crate) fn io(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, source }
    }
}

use std::io;
use std::path::{Path, PathBuf};

/// Why a keyring was not opened, backed up or restored.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// Another process has it open.
    #[error("{0} is in use by another process")]
    InUse(PathBuf),
    /// Reading or writing failed.
    #[error("{path}")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// The system's word.
        source: io::Error,
    },
    /// Something is not as it was written. It is to be restored; nothing is guessed.
    #[error("{0} is damaged")]
    Damaged(String),
    /// There are keys, but a part that belongs to them is not where it should be.
    #[error("{0} is missing")]
    Missing(PathBuf),
    /// The part belongs to another keyring.
    #[error("{0} belongs to another keyring")]
    Foreign(PathBuf),
    /// There are keys where others should be put.
    #[error("{0} holds a keyring already")]
    Occupied(PathBuf),
    /// The master key is being changed; a copy would need the old one and the new one.
    #[error("the master key is being rotated")]
    Rotating,
    /// A copy is wrapped by a master key that is not at hand: it was destroyed, or is not the one given.
    #[error("the keys are wrapped by generation {0} of the master key, which is not at hand")]
    OtherMaster(u32),
}

impl FileError {
    /// With the path that an error of the system leaves out.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

//! The data folder of the embedded platform: one process at a time.
//!
//! ```text
//! LOCK               held while a platform runs on it
//! installation.key   secret of the installation
//! operator.token     access token of the operator
//! restoring/         there while a backup is put back
//! ```

use std::fs::{self, File};
use std::path::Path;

use anyhow::Context as _;

/// Name of the file with the operator's token.
pub(crate) const TOKEN_FILE: &str = "operator.token";

/// Name of the folder in which a backup is put together. A data folder that has it is not whole.
pub(crate) const RESTORING: &str = "restoring";

/// Refuses a folder in which putting a backup back was cut off.
pub(crate) fn check_whole(data: &Path) -> anyhow::Result<()> {
    anyhow::ensure!(
        !data.join(RESTORING).exists(),
        "restoring {} was cut off: empty the folder and restore again",
        data.display()
    );
    Ok(())
}

/// Makes the folder if there is none, and takes it for this process as long as the file lives.
pub(crate) fn lock(data: &Path) -> anyhow::Result<File> {
    fs::create_dir_all(data).with_context(|| format!("cannot create {}", data.display()))?;
    let file = File::create(data.join("LOCK")).with_context(|| format!("cannot write to {}", data.display()))?;
    rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive)
        .with_context(|| format!("{} is in use by another process", data.display()))?;
    Ok(file)
}

/// Where a partition's log lies.
pub(crate) fn log(data: &Path, partition: &str) -> std::path::PathBuf {
    data.join("log").join(partition)
}

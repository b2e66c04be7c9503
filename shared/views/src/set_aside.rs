use std::io;
use std::path::{Path, PathBuf};

/// Why a database cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It does not open.
    #[error("it does not open: {0}")]
    Database(String),
    /// Reading it showed damage the last time.
    #[error("it was found damaged")]
    Marked,
    /// A view's checkpoint cannot be read.
    #[error("the checkpoint of {keyspace} cannot be read")]
    Checkpoint {
        /// The view and its version.
        keyspace: String,
    },
    /// A view has folded a group that the log does not have: the log lost its tail, or is another one.
    #[error("{keyspace} has folded a group {group} that the log does not have")]
    OffChain {
        /// The view and its version.
        keyspace: String,
        /// Number of the group.
        group: u64,
    },
}

/// A database that was set aside, to be looked at by people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Where it lies now.
    pub to: PathBuf,
    /// Why.
    pub damage: Damage,
}

/// How many are kept.
const KEPT: usize = 2;

/// Renames `dir` to `{dir}.damaged-{n}`, and removes the oldest of those beyond two.
pub(crate) fn set_aside(dir: &Path, damage: Damage) -> io::Result<SetAside> {
    let mut before = already_aside(dir)?;
    let number = before.last().map_or(1, |last| last + 1);
    let to = named(dir, number);
    std::fs::rename(dir, &to)?;
    before.push(number);
    for old in &before[..before.len().saturating_sub(KEPT)] {
        std::fs::remove_dir_all(named(dir, *old))?;
    }
    tracing::warn!(from = %dir.display(), to = %to.display(), %damage, "views are set aside and folded anew");
    Ok(SetAside { to, damage })
}

fn named(dir: &Path, number: u64) -> PathBuf {
    let mut name = dir.as_os_str().to_owned();
    name.push(format!(".damaged-{number}"));
    PathBuf::from(name)
}

/// Numbers in use, ascending.
fn already_aside(dir: &Path) -> io::Result<Vec<u64>> {
    let (Some(parent), Some(name)) = (dir.parent(), dir.file_name().and_then(|name| name.to_str())) else {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    };
    let prefix = format!("{name}.damaged-");
    let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
    let mut numbers = Vec::new();
    for entry in std::fs::read_dir(parent)? {
        let name = entry?.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix(&prefix));
        numbers.extend(number.and_then(|number| number.parse::<u64>().ok()));
    }
    numbers.sort_unstable();
    Ok(numbers)
}

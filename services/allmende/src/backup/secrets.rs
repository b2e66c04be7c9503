//! What opens doors and boxes, and so is kept apart from what it opens.
//!
//! ```text
//! installation.key    without it nobody signs in and repeated requests are taken for others
//! operator.token      made anew if it is not there; whoever uses it needs the new one then
//! tokens/*.key        what access tokens are signed with; made anew likewise, and everybody's are void
//! demo.password       of a demo's users
//! keyring/master      opens every copy of the keys, so that it is destroyed after each rotation: in a place of its own
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use allmende_keyring::{BackupReport, FileError, Places, backup, copy_master};
use allmende_runtime::installation::Installation;
use anyhow::{Context as _, bail, ensure};

use super::places::{copy_file, create_private, hex, parent_of, sync_folder};

const INSTALLATION: &str = "installation.key";
const SINGLE: [&str; 3] = [INSTALLATION, "operator.token", "demo.password"];
const TOKENS: &str = "tokens";
/// How often the keys are copied again because the master key was rotated meanwhile.
const MOST_ROTATIONS: usize = 3;

/// Tells an installation's key from another's without giving it away.
pub(super) fn installation(folder: &Path) -> anyhow::Result<String> {
    let path = folder.join(INSTALLATION);
    let key = fs::read(&path).with_context(|| path.display().to_string())?;
    let key = key.as_slice().try_into().with_context(|| format!("{} is damaged", path.display()))?;
    Ok(hex(&Installation::from_key(key).keyed_hash("backup", &[b"installation"])))
}

/// The secrets in a folder, from there on.
fn paths(folder: &Path) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut paths: BTreeSet<PathBuf> =
        SINGLE.into_iter().map(PathBuf::from).filter(|path| folder.join(path).is_file()).collect();
    let tokens = folder.join(TOKENS);
    let entries = match fs::read_dir(&tokens) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(paths),
        entries => entries.with_context(|| tokens.display().to_string())?,
    };
    for entry in entries {
        let name = PathBuf::from(entry.with_context(|| tokens.display().to_string())?.file_name());
        if name.extension().is_some_and(|extension| extension == "key") {
            paths.insert(Path::new(TOKENS).join(name));
        }
    }
    Ok(paths)
}

/// Copies all secrets but the master key from one folder to another, and removes keys there that are no more; tells their
/// names.
pub(super) fn copy(from: &Path, to: &Path) -> anyhow::Result<Vec<String>> {
    let paths = paths(from)?;
    let mut names = Vec::new();
    for path in &paths {
        let kept = to.join(path);
        let unfinished = kept.with_extension("new");
        create_private(parent_of(&kept)).with_context(|| kept.display().to_string())?;
        copy_file(&from.join(path), &unfinished, true, |_| {})?;
        let finish = fs::rename(&unfinished, &kept).and_then(|()| sync_folder(parent_of(&kept)));
        finish.with_context(|| kept.display().to_string())?;
        names.push(path.display().to_string());
    }
    for path in self::paths(to)?.iter().filter(|path| path.starts_with(TOKENS) && !paths.contains(*path)) {
        fs::remove_file(to.join(path)).with_context(|| to.join(path).display().to_string())?;
    }
    Ok(names)
}

/// Copies the keys, and the master key if a place for it is given: the one that opens them.
pub(super) fn copy_keys(data: &Path, target: &Path, master: Option<&Path>) -> anyhow::Result<BackupReport> {
    let places = Places::under(data);
    let keys = || match backup(&places, target) {
        Err(error @ FileError::Rotating) => Err(error).context("copying the keys; try again when that is done"),
        report => report.context("copying the keys"),
    };
    let Some(master) = master else { return keys() };
    create_private(parent_of(master)).with_context(|| master.display().to_string())?;
    for _ in 0..MOST_ROTATIONS {
        let before = fs::read(&places.master).with_context(|| places.master.display().to_string())?;
        copy_master(&places, master).context("copying the master key")?;
        let report = keys()?;
        let after = fs::read(&places.master).with_context(|| places.master.display().to_string())?;
        if before == after {
            return Ok(report);
        }
    }
    bail!("the master key is rotated again and again: try again later")
}

/// Puts the keys back, and the list of the erased: the backup's, or a later one. Tells how many had to be erased again.
pub(super) fn put_keys_back(
    source: &Path,
    data: &Path,
    master: &Path,
    erased: Option<&Path>,
) -> anyhow::Result<(BackupReport, u64)> {
    let places = Places::under(data);
    if let Some(later) = erased {
        create_private(parent_of(&places.erased)).with_context(|| places.erased.display().to_string())?;
        copy_file(later, &places.erased, true, |_| {})?;
    }
    let restored = allmende_keyring::restore(source, &places, Some(master));
    let report = restored.with_context(|| {
        format!("putting the keys of {} back with the master key in {}", source.display(), master.display())
    })?;
    let keyring = allmende_keyring::FileKeyring::open(&places, allmende_keyring::Options::default());
    let again = keyring.with_context(|| format!("the keys of {} do not open", source.display()))?.erased_again();
    Ok((report, again))
}

/// How long the list of the erased is. It only grows, and an id is on it before anything else of it goes.
pub(super) fn erased_len(data: &Path) -> anyhow::Result<u64> {
    let path = Places::under(data).erased;
    Ok(fs::metadata(&path).with_context(|| path.display().to_string())?.len())
}

/// What belongs apart does not lie in the backup.
pub(super) fn check_apart(what: &str, place: &Path, target: &Path) -> anyhow::Result<()> {
    ensure!(
        !super::places::resolved(place)?.starts_with(super::places::resolved(target)?),
        "{what} {} would lie in the backup that it opens: it belongs in another place",
        place.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn secrets_are_copied_for_their_owner_and_go_when_they_are_gone() {
        let (data, apart) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(data.path().join(INSTALLATION), [7; 32]).unwrap();
        fs::create_dir(data.path().join(TOKENS)).unwrap();
        fs::write(data.path().join("tokens/old.key"), "old").unwrap();
        let apart = apart.path().join("secrets");
        assert_eq!(copy(data.path(), &apart).unwrap(), [INSTALLATION, "tokens/old.key"]);
        assert_eq!(installation(data.path()).unwrap(), installation(&apart).unwrap());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&apart), mode(&apart.join(INSTALLATION))), (0o700, 0o600));
        fs::rename(data.path().join("tokens/old.key"), data.path().join("tokens/new.key")).unwrap();
        copy(data.path(), &apart).unwrap();
        assert!(apart.join("tokens/new.key").exists() && !apart.join("tokens/old.key").exists());
    }

    #[test]
    fn what_opens_a_backup_does_not_lie_in_it() {
        let target = tempfile::tempdir().unwrap();
        check_apart("the master key", &target.path().join("../master"), target.path()).unwrap();
        assert!(check_apart("the master key", &target.path().join("a/master"), target.path()).is_err());
    }
}

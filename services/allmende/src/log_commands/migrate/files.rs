//! Files that events name: attachments, and files of datasets.

use std::fs;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use allmende_files::{Files, FolderShelves, Name, Shelf, Shelves as _};
use allmende_nats::{Connection, ObjectShelves};
use anyhow::ensure;
use sha2::{Digest as _, Sha256};

use super::shared::passing;
use crate::terminal;

/// All that there are.
pub(super) const SHELVES: [Shelf; 2] = [allmende_participation::SHELF, allmende_opendata::SHELF];
const BUFFER_BYTES: usize = 64 << 10;

/// Has the members' shelf take the folder's files. Whether each was what its name says; one that was not stays behind, and is
/// counted.
pub(super) fn carry(data: &Path, shelf: Shelf, connection: &Connection, replicas: usize) -> anyhow::Result<bool> {
    if !data.join(shelf.name).is_dir() {
        return Ok(true);
    }
    let passing = passing(data);
    clear(&passing)?;
    let carried = carry_through(&passing, data, shelf, connection, replicas);
    clear(&passing)?;
    carried
}

fn carry_through(
    passing: &Path,
    data: &Path,
    shelf: Shelf,
    connection: &Connection,
    replicas: usize,
) -> anyhow::Result<bool> {
    let open = |folder| ObjectShelves::new(connection, replicas, &passing.join(folder)).with_local_bytes(0).open(shelf);
    let from = FolderShelves::new(data).open(shelf)?;
    // What is read back comes from the servers, and not out of a folder into which it was written.
    let (to, back) = (open("written")?, open("read")?);
    let names = from.settled()?;
    let progress = terminal::progress(names.len() as u64, "files taken over");
    let (mut new, mut there, mut damaged) = (0, 0, 0);
    for name in &names {
        if is_there(back.as_ref(), name)? {
            there += 1;
        } else if copy(from.as_ref(), &to, name)? {
            ensure!(is_there(back.as_ref(), name)?, "a file that was written is not found");
            new += 1;
        } else {
            damaged += 1;
        }
        progress.inc(1);
    }
    progress.finish_and_clear();
    let (new, there) = (terminal::count(new), terminal::count(there));
    terminal::line(&format!("{}: {new} files taken over, {there} were there; read back and checked", shelf.name));
    if damaged > 0 {
        let damaged = terminal::count(damaged);
        terminal::line(&format!("{}: {damaged} files are not what their names say, and stay behind", shelf.name));
    }
    Ok(damaged == 0)
}

/// Whether the members have the file. Fetching it compares it with its name.
fn is_there(files: &dyn Files, name: &Name) -> io::Result<bool> {
    match files.read(name) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the file was what its name says; nothing was kept otherwise.
fn copy(from: &dyn Files, to: &Arc<dyn Files>, name: &Name) -> io::Result<bool> {
    let mut file = Arc::clone(to).begin()?;
    let (mut content, mut hash, mut buffer) = (from.read(name)?, Sha256::new(), vec![0; BUFFER_BYTES]);
    loop {
        match content.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => {
                hash.update(&buffer[..read]);
                file.write_all(&buffer[..read])?;
            }
            // A compressed file that does not decompress.
            Err(error)
                if matches!(error.kind(), ErrorKind::InvalidData | ErrorKind::UnexpectedEof | ErrorKind::Other) =>
            {
                return Ok(false);
            }
            Err(error) => return Err(error),
        }
    }
    if hash.finalize()[..] != name.0 {
        return Ok(false);
    }
    file.keep().map(|_| true)
}

/// Removes what is on its way, or a run before left.
fn clear(passing: &Path) -> io::Result<()> {
    match fs::remove_dir_all(passing) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

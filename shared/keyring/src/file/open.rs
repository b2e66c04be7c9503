//! Opening: what must be there, what belongs together, and what is erased again.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::file::erased::{self, ErasedList};
use crate::file::error::FileError;
use crate::file::master::{Masters, fill};
use crate::file::shared::{Disk, Shared};
use crate::file::store::Store;
use crate::file::table::{Table, table_path};
use crate::file::writer::Writer;
use crate::file::{FileKeyring, Options, Places, disk};

/// Requests that wait for the writer; more wait for their turn to wait.
const QUEUE: usize = 4096;

pub(crate) fn open(places: &Places, options: Options) -> Result<FileKeyring, FileError> {
    let lock = lock(places)?;
    let disk = parts(places)?;
    let shared = Arc::new(Shared::new(disk, options.cache_keys));
    let (sender, requests) = mpsc::channel(QUEUE);
    let list = ErasedList::open(&places.erased)?;
    let rotating = shared.disk.read().masters.is_rotating();
    let mut writer = Writer {
        shared: Arc::clone(&shared),
        list,
        requests,
        rotation: rotating.then(Default::default),
        unsynced: places.unsynced(),
        dirty: 0,
    };
    let erased_again = apply_list(&mut writer, places)?;
    let thread = std::thread::Builder::new()
        .name("keyring".into())
        .spawn(move || writer.run())
        .map_err(FileError::at(&places.keys))?;
    Ok(FileKeyring { shared, requests: Some(sender), writer: Some(thread), erased_again, _lock: lock })
}

/// Takes the keyring for this process.
pub(crate) fn lock(places: &Places) -> Result<File, FileError> {
    let path = places.lock();
    disk::create_folder(&places.keys).map_err(FileError::at(&places.keys))?;
    let file = File::create(&path).map_err(FileError::at(&path))?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(FileError::InUse(places.keys.clone())),
        Err(error) => Err(FileError::at(&path)(error.into())),
    }
}

/// Opens keys and master key, and makes what an unused keyring lacks, in this order: the list, the first table, the
/// master key. So a crash in between is told from a part that was lost: no keys, no master key and nobody erased is a
/// keyring that is not made yet; everything else that is missing is missed.
pub(crate) fn parts(places: &Places) -> Result<Disk, FileError> {
    let first = table_path(&places.keys, 0);
    // A table that a crash kept from being finished may be large.
    disk::remove_file(&disk::unfinished(&first)).map_err(FileError::at(&places.keys))?;
    let exists = |path: &Path| path.try_exists().map_err(FileError::at(path));
    let (keys, master) = (exists(&first)?, exists(&places.master)?);
    if !exists(&places.erased)? {
        if keys || master {
            return Err(FileError::Missing(places.erased.clone()));
        }
        let mut id = [0; 16];
        fill(&mut id).map_err(FileError::at(&places.erased))?;
        let folder = disk::parent_of(&places.erased);
        disk::create_folder(folder).map_err(FileError::at(folder))?;
        ErasedList::create(&places.erased, id).map_err(FileError::at(&places.erased))?;
    }
    let list = erased::scan(&places.erased, |_| {})?;
    if !keys {
        if master || list.records > 0 {
            return Err(FileError::Missing(first));
        }
        Table::create(&places.keys, list.id, 0).map_err(FileError::at(&first))?;
    }
    let store = Store::open(&places.keys)?;
    if !master {
        if !store.is_empty().map_err(FileError::at(&first))? {
            return Err(FileError::Missing(places.master.clone()));
        }
        Masters::create(&places.master, list.id).map_err(FileError::at(&places.master))?;
    }
    let masters = Masters::open(&places.master)?;
    if store.id() != list.id {
        return Err(FileError::Foreign(places.erased.clone()));
    }
    if store.id() != masters.id() {
        return Err(FileError::Foreign(places.master.clone()));
    }
    make_durable(&store, places)?;
    Ok(Disk { store, masters })
}

/// What the process before wrote may be in the system's memory only; after a failed sync the system even calls it
/// clean, so then it is written once more.
fn make_durable(store: &Store, places: &Places) -> Result<(), FileError> {
    let failed = places.unsynced();
    let durable = match fs::exists(&failed) {
        Ok(true) => store.rewrite().and_then(|()| fs::remove_file(&failed)),
        Ok(false) => store.sync(),
        Err(error) => Err(error),
    };
    // The names of what was made by a process that was ended before it had synced them.
    let folders = [places.keys.as_path(), disk::parent_of(&places.master), disk::parent_of(&places.erased)];
    let durable = durable.and_then(|()| folders.into_iter().try_for_each(disk::sync_folder));
    durable.map_err(FileError::at(&places.keys))
}

fn apply_list(writer: &mut Writer, places: &Places) -> Result<u64, FileError> {
    let mut applied: io::Result<u64> = Ok(0);
    erased::scan(&places.erased, |name| {
        if let Ok(count) = &mut applied {
            match writer.apply(name) {
                Ok(erased) => *count += u64::from(erased),
                Err(error) => applied = Err(error),
            }
        }
    })?;
    let applied = applied.and_then(|count| writer.sync().map(|()| count));
    applied.map_err(FileError::at(&places.keys))
}

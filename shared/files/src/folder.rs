//! Shelves in folders of one process.
//!
//! ```text
//! {shelf}/{name}                     a plain file; `{number}.unfinished` beside it, until it has its name
//! {shelf}/{two digits}/{name}.zst    a compressed one; `unfinished/{number}`, until it has its name
//! ```

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::name::Name;
use crate::port::{Content, Files, Form, Keeps, Shelf, Shelves, Unfinished};
use crate::staging::{self, Incoming, Staged, Staging};

const UNFINISHED: &str = "unfinished";
const COMPRESSED: &str = ".zst";

/// Shelves in a data folder.
pub struct FolderShelves(PathBuf);

impl FolderShelves {
    /// Those of this data folder, which the process holds for itself.
    pub fn new(data: &Path) -> Self {
        Self(data.to_owned())
    }
}

impl Shelves for FolderShelves {
    fn open(&self, shelf: Shelf) -> io::Result<Arc<dyn Files>> {
        Ok(Arc::new(FolderFiles::open(&self.0.join(shelf.name), shelf)?))
    }
}

/// A shelf in a folder.
pub struct FolderFiles {
    folder: PathBuf,
    shelf: Shelf,
    next: AtomicU64,
    used: AtomicU64,
}

impl FolderFiles {
    /// Opens the folder, or makes it, and counts what is in it. What was not finished before is gone.
    pub fn open(folder: &Path, shelf: Shelf) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let files = Self { folder: folder.to_owned(), shelf, next: AtomicU64::new(0), used: AtomicU64::new(0) };
        files.clear_unfinished()?;
        let used = files.all()?.iter().map(|(_, bytes)| bytes).sum();
        files.used.store(used, Ordering::Relaxed);
        Ok(files)
    }

    /// A file of this shelf's form, which `keeps` makes one of its own.
    pub fn stage(&self, keeps: Arc<dyn Keeps>) -> io::Result<Unfinished> {
        Ok(Unfinished::new(Staging::begin(self.passing_path(), self.shelf)?, keeps))
    }

    /// A place for a file of this shelf that is elsewhere, for [`take`](Self::take).
    pub fn incoming(&self) -> io::Result<Incoming> {
        Incoming::begin(self.passing_path())
    }

    /// Makes a file that came from elsewhere one of this shelf's, if it is what its name says.
    pub fn take(&self, name: &Name, incoming: Incoming) -> io::Result<()> {
        self.keep(incoming.finish(name, self.shelf.form)?)
    }

    fn passing_path(&self) -> PathBuf {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        match self.shelf.form {
            Form::Plain => self.folder.join(format!("{number}.{UNFINISHED}")),
            Form::Compressed => self.folder.join(UNFINISHED).join(number.to_string()),
        }
    }

    /// Every file with what it takes.
    pub fn all(&self) -> io::Result<Vec<(Name, u64)>> {
        let mut all = Vec::new();
        match self.shelf.form {
            Form::Plain => self.list(&self.folder, &mut all)?,
            Form::Compressed => {
                for folder in fs::read_dir(&self.folder)? {
                    let folder = folder?;
                    if folder.file_name() != UNFINISHED && folder.file_type()?.is_dir() {
                        self.list(&folder.path(), &mut all)?;
                    }
                }
            }
        }
        Ok(all)
    }

    fn list(&self, folder: &Path, all: &mut Vec<(Name, u64)>) -> io::Result<()> {
        for file in fs::read_dir(folder)? {
            let file = file?;
            let name = file.file_name();
            let name = match self.shelf.form {
                Form::Plain => name.to_str(),
                Form::Compressed => name.to_str().and_then(|name| name.strip_suffix(COMPRESSED)),
            };
            if let Some(name) = name.and_then(Name::parse) {
                all.push((name, file.metadata()?.len()));
            }
        }
        Ok(())
    }

    fn clear_unfinished(&self) -> io::Result<()> {
        match self.shelf.form {
            Form::Plain => {
                for file in fs::read_dir(&self.folder)? {
                    let path = file?.path();
                    if path.extension().is_some_and(|extension| extension == UNFINISHED) {
                        fs::remove_file(path)?;
                    }
                }
                Ok(())
            }
            Form::Compressed => {
                let unfinished = self.folder.join(UNFINISHED);
                match fs::remove_dir_all(&unfinished) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
                fs::create_dir_all(&unfinished)
            }
        }
    }

    /// Where a file of this name lies.
    pub fn path(&self, name: &Name) -> PathBuf {
        let name = name.to_string();
        match self.shelf.form {
            Form::Plain => self.folder.join(name),
            Form::Compressed => self.folder.join(&name[..2]).join(format!("{name}{COMPRESSED}")),
        }
    }
}

impl Keeps for FolderFiles {
    fn keep(&self, staged: Staged) -> io::Result<()> {
        let path = self.path(&staged.name());
        let folder = path.parent().unwrap_or(&self.folder);
        if !folder.is_dir() {
            fs::create_dir_all(folder)?;
            sync_folder(&self.folder)?;
        }
        let replaced = fs::metadata(&path).map_or(0, |file| file.len());
        fs::rename(staged.path(), &path)?;
        self.used.fetch_add(staged.stored_bytes(), Ordering::Relaxed);
        self.used.fetch_sub(replaced, Ordering::Relaxed);
        sync_folder(folder)
    }
}

impl Files for FolderFiles {
    fn begin(self: Arc<Self>) -> io::Result<Unfinished> {
        self.stage(Arc::clone(&self) as _)
    }

    fn read(&self, name: &Name) -> io::Result<Content> {
        staging::content(File::open(self.path(name))?, self.shelf.form)
    }

    fn contains(&self, name: &Name) -> io::Result<bool> {
        self.path(name).try_exists()
    }

    fn remove(&self, name: &Name) -> io::Result<()> {
        let path = self.path(name);
        let size = match fs::metadata(&path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        match fs::remove_file(&path) {
            // Somebody else was faster, and counted it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            removed => removed?,
        }
        self.used.fetch_sub(size, Ordering::Relaxed);
        sync_folder(path.parent().unwrap_or(&self.folder))
    }

    fn settled(&self) -> io::Result<Vec<Name>> {
        Ok(self.all()?.into_iter().map(|(name, _)| name).collect())
    }

    fn used(&self) -> io::Result<u64> {
        Ok(self.used.load(Ordering::Relaxed))
    }
}

/// A name is durable once its folder is.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn shelf(form: Form) -> Shelf {
        Shelf { name: "test", form, largest: 1 << 20 }
    }

    /// Backups and the platform before this crate know these places.
    #[test]
    fn files_lie_where_they_always_did() {
        for (form, expected) in [(Form::Plain, "{name}"), (Form::Compressed, "{two}/{name}.zst")] {
            let data = tempfile::tempdir().unwrap();
            let files = FolderShelves::new(data.path()).open(shelf(form)).unwrap();
            let mut file = files.begin().unwrap();
            file.write_all(b"content").unwrap();
            let name = file.keep().unwrap().name.to_string();
            let path = expected.replace("{two}", &name[..2]).replace("{name}", &name);
            assert!(data.path().join("test").join(&path).is_file(), "{path}");
        }
    }

    #[test]
    fn what_a_crash_left_unfinished_is_gone() {
        for form in [Form::Plain, Form::Compressed] {
            let data = tempfile::tempdir().unwrap();
            let files = Arc::new(FolderFiles::open(data.path(), shelf(form)).unwrap());
            let mut left = Arc::clone(&files).begin().unwrap();
            left.write_all(b"half").unwrap();
            std::mem::forget(left);
            // As it was called before this crate was there.
            fs::write(data.path().join(format!("{}.unfinished", "ab".repeat(32))), b"half").unwrap();
            let unfinished = || {
                let folder = if form == Form::Plain { data.path().to_owned() } else { data.path().join(UNFINISHED) };
                fs::read_dir(folder).unwrap().count()
            };
            assert!(unfinished() > 0);
            let files = FolderFiles::open(data.path(), shelf(form)).unwrap();
            assert_eq!((unfinished(), files.used().unwrap()), (0, 0));
        }
    }

    #[test]
    fn what_comes_from_elsewhere_is_taken_if_it_is_what_its_name_says() {
        for form in [Form::Plain, Form::Compressed] {
            let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let theirs = Arc::new(FolderFiles::open(there.path(), shelf(form)).unwrap());
            let mut file = Arc::clone(&theirs).begin().unwrap();
            file.write_all(b"content").unwrap();
            let name = file.keep().unwrap().name;
            let stored = fs::read(theirs.path(&name)).unwrap();
            let ours = FolderFiles::open(here.path(), shelf(form)).unwrap();
            let take = |stored: &[u8]| {
                let mut incoming = ours.incoming().unwrap();
                incoming.file().write_all(stored).unwrap();
                ours.take(&name, incoming)
            };
            for wrong in [&stored[..stored.len() - 1], b"", b"something else"] {
                assert!(take(wrong).is_err() && !ours.contains(&name).unwrap());
            }
            take(&stored).unwrap();
            assert_eq!(io::read_to_string(ours.read(&name).unwrap()).unwrap(), "content");
            assert_eq!(ours.used().unwrap(), stored.len() as u64);
        }
    }

    #[test]
    fn what_files_take_is_counted_also_when_one_comes_twice() {
        let data = tempfile::tempdir().unwrap();
        let files = Arc::new(FolderFiles::open(data.path(), shelf(Form::Plain)).unwrap());
        let keep = |content: &[u8]| {
            let mut file = Arc::clone(&files).begin().unwrap();
            file.write_all(content).unwrap();
            file.keep().unwrap().name
        };
        let (one, _) = (keep(b"one"), keep(b"four"));
        keep(b"one");
        assert_eq!(files.used().unwrap(), 7);
        assert_eq!(FolderFiles::open(data.path(), shelf(Form::Plain)).unwrap().used().unwrap(), 7);
        files.remove(&one).unwrap();
        files.remove(&one).unwrap();
        assert_eq!(files.used().unwrap(), 4);
    }
}

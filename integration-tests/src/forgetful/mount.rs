use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fuser::{
    BackgroundSession, BsdFileFlags, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags, Generation,
    INodeNo, LockOwner, MountOption, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory,
    ReplyEmpty, ReplyEntry, ReplyOpen, ReplyStatfs, ReplyWrite, Request, TimeOrNow, WriteFlags,
};
use parking_lot::Mutex;

use super::Disk;
use super::disk::{Names, Node};
use super::file::FileData;

/// A disk, mounted. Needs `/dev/fuse` and the right to mount.
pub(super) struct Mounted {
    disk: Arc<Mutex<Disk>>,
    session: Option<BackgroundSession>,
    folder: PathBuf,
}

impl Mounted {
    /// Mounts the disk on a folder.
    pub(super) fn mount(disk: Disk, folder: &Path) -> io::Result<Self> {
        let disk = Arc::new(Mutex::new(disk));
        let mut config = Config::default();
        config.mount_options = vec![MountOption::FSName("forgetful".into()), MountOption::NoAtime];
        let session = fuser::spawn_mount(Served(Arc::clone(&disk)), folder, &config)?;
        Ok(Self { disk, session: Some(session), folder: folder.to_owned() })
    }

    /// Works on the disk behind.
    pub(super) fn disk<T>(&self, work: impl FnOnce(&mut Disk) -> T) -> T {
        work(&mut self.disk.lock())
    }

    /// Whether the power has not gone yet.
    pub(super) fn has_power(&self) -> bool {
        self.disk.lock().has_power()
    }

    /// Cuts the power, unmounts, and returns the disk as it is found afterwards.
    pub(super) fn cut(self) -> Disk {
        let left = self.disk.lock().cut();
        drop(self);
        left
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        // Lazily: files that are still open keep a mount busy.
        let detached = Command::new("umount").arg("--lazy").arg(&self.folder).status();
        if detached.is_ok_and(|status| status.success()) {
            // Its thread ends with the last open file.
            drop(session);
        } else {
            let _ = session.umount_and_join();
        }
    }
}

/// Only the kernel changes anything while the disk is mounted.
const FOR_EVER: Duration = Duration::from_secs(3_600);

struct Served(Arc<Mutex<Disk>>);

fn attributes(number: u64, node: &Node) -> FileAttr {
    let (kind, size) = match node {
        Node::File(file) => (FileType::RegularFile, file.now.len() as u64),
        Node::Folder(_) => (FileType::Directory, 0),
    };
    FileAttr {
        ino: INodeNo(number),
        size,
        blocks: size.div_ceil(512),
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind,
        perm: 0o755,
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

fn text(name: &OsStr) -> String {
    name.to_string_lossy().into_owned()
}

impl Served {
    /// Something that changes or syncs.
    fn change<T>(&self, work: impl FnOnce(&mut Disk) -> Result<T, Errno>) -> Result<T, Errno> {
        let mut disk = self.0.lock();
        disk.operate();
        work(&mut disk)
    }

    fn look<T>(&self, work: impl FnOnce(&mut Disk) -> Result<T, Errno>) -> Result<T, Errno> {
        work(&mut self.0.lock())
    }

    fn make(&self, parent: INodeNo, name: &OsStr, node: Node) -> Result<FileAttr, Errno> {
        self.change(|disk| {
            let number = disk.add(parent.0, &text(name), node);
            Ok(attributes(number, &disk.nodes[&number]))
        })
    }
}

fn file_of(disk: &mut Disk, node: INodeNo) -> Result<&mut FileData, Errno> {
    match disk.nodes.get_mut(&node.0) {
        Some(Node::File(file)) => Ok(file),
        Some(Node::Folder(_)) => Err(Errno::EISDIR),
        None => Err(Errno::ENOENT),
    }
}

fn answer(reply: ReplyEmpty, done: Result<(), Errno>) {
    match done {
        Ok(()) => reply.ok(),
        Err(error) => reply.error(error),
    }
}

impl Filesystem for Served {
    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let found = self.look(|disk| {
            let number = disk.names(parent.0).get(&text(name)).copied().ok_or(Errno::ENOENT)?;
            Ok(attributes(number, &disk.nodes[&number]))
        });
        match found {
            Ok(attributes) => reply.entry(&FOR_EVER, &attributes, Generation(0)),
            Err(error) => reply.error(error),
        }
    }

    fn getattr(&self, _: &Request, node: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        match self.look(|disk| disk.nodes.get(&node.0).map(|found| attributes(node.0, found)).ok_or(Errno::ENOENT)) {
            Ok(attributes) => reply.attr(&FOR_EVER, &attributes),
            Err(error) => reply.error(error),
        }
    }

    fn setattr(
        &self,
        _: &Request,
        node: INodeNo,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let done = self.change(|disk| {
            if let Some(size) = size {
                file_of(disk, node)?.resize(size as usize);
            }
            disk.nodes.get(&node.0).map(|found| attributes(node.0, found)).ok_or(Errno::ENOENT)
        });
        match done {
            Ok(attributes) => reply.attr(&FOR_EVER, &attributes),
            Err(error) => reply.error(error),
        }
    }

    fn mkdir(&self, _: &Request, parent: INodeNo, name: &OsStr, _: u32, _: u32, reply: ReplyEntry) {
        match self.make(parent, name, Node::Folder(Names::new())) {
            Ok(attributes) => reply.entry(&FOR_EVER, &attributes, Generation(0)),
            Err(error) => reply.error(error),
        }
    }

    fn create(&self, _: &Request, parent: INodeNo, name: &OsStr, _: u32, _: u32, _: i32, reply: ReplyCreate) {
        match self.make(parent, name, Node::File(FileData::default())) {
            Ok(attributes) => {
                reply.created(&FOR_EVER, &attributes, Generation(0), FileHandle(0), FopenFlags::empty());
            }
            Err(error) => reply.error(error),
        }
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(
            reply,
            self.change(|disk| {
                disk.remove(parent.0, &text(name));
                Ok(())
            }),
        );
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        answer(
            reply,
            self.change(|disk| {
                let node = disk.names(parent.0).get(&text(name)).copied().ok_or(Errno::ENOENT)?;
                if !disk.names(node).is_empty() {
                    return Err(Errno::ENOTEMPTY);
                }
                disk.remove(parent.0, &text(name));
                Ok(())
            }),
        );
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        _: RenameFlags,
        reply: ReplyEmpty,
    ) {
        answer(
            reply,
            self.change(|disk| {
                disk.rename((parent.0, text(name)), (new_parent.0, text(new_name)));
                Ok(())
            }),
        );
    }

    fn open(&self, _: &Request, _: INodeNo, _: OpenFlags, reply: ReplyOpen) {
        reply.opened(FileHandle(0), FopenFlags::empty());
    }

    fn read(
        &self,
        _: &Request,
        node: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let read = self.look(|disk| {
            let bytes = &file_of(disk, node)?.now;
            let from = bytes.len().min(offset as usize);
            Ok(bytes[from..bytes.len().min(from + size as usize)].to_vec())
        });
        match read {
            Ok(bytes) => reply.data(&bytes),
            Err(error) => reply.error(error),
        }
    }

    fn write(
        &self,
        _: &Request,
        node: INodeNo,
        _: FileHandle,
        offset: u64,
        bytes: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let written = self.change(|disk| {
            file_of(disk, node)?.write(offset as usize, bytes);
            Ok(())
        });
        match written {
            Ok(()) => reply.written(bytes.len() as u32),
            Err(error) => reply.error(error),
        }
    }

    fn fallocate(
        &self,
        _: &Request,
        node: INodeNo,
        _: FileHandle,
        offset: u64,
        length: u64,
        mode: i32,
        reply: ReplyEmpty,
    ) {
        answer(
            reply,
            self.change(|disk| {
                if mode != 0 {
                    return Err(Errno::EOPNOTSUPP);
                }
                let file = file_of(disk, node)?;
                file.resize(file.now.len().max((offset + length) as usize));
                Ok(())
            }),
        );
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, node: INodeNo, _: FileHandle, _data_only: bool, reply: ReplyEmpty) {
        answer(
            reply,
            self.change(|disk| {
                disk.sync_file(node.0);
                Ok(())
            }),
        );
    }

    fn fsyncdir(&self, _: &Request, node: INodeNo, _: FileHandle, _data_only: bool, reply: ReplyEmpty) {
        answer(
            reply,
            self.change(|disk| {
                disk.sync_folder(node.0);
                Ok(())
            }),
        );
    }

    fn readdir(&self, _: &Request, node: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let entries = self.look(|disk| {
            let names = disk.names(node.0).clone();
            let kind = |node: &u64| match disk.nodes.get(node) {
                Some(Node::Folder(_)) => FileType::Directory,
                _ => FileType::RegularFile,
            };
            Ok(names.into_iter().map(|(name, node)| (node, kind(&node), name)).collect::<Vec<_>>())
        });
        match entries {
            Ok(entries) => {
                for (index, (node, kind, name)) in entries.into_iter().enumerate().skip(offset as usize) {
                    if reply.add(INodeNo(node), index as u64 + 1, kind, name) {
                        break;
                    }
                }
                reply.ok();
            }
            Err(error) => reply.error(error),
        }
    }

    fn statfs(&self, _: &Request, _: INodeNo, reply: ReplyStatfs) {
        reply.statfs(1 << 20, 1 << 20, 1 << 20, 1 << 20, 1 << 20, 4096, 255, 4096);
    }
}

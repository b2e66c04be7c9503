//! Request ids: looked up, their files merged, and made anew from the segments where they are damaged.

use allmende_eventlog::{Origin, RecordedGroup};

use super::*;
use crate::ids::{Entry, Id, IdFile, MergeError, Unreadable};
use crate::segments::Segments;

/// Entries of a file that is made of segments, and what is read of them at once: what that takes in memory.
const REBUILT_ENTRIES: usize = 200_000;
const REBUILT_BYTES: usize = 4 << 20;
/// How often a lookup has a file made anew before it gives up on the disk.
const ATTEMPTS: usize = 3;

impl Index {
    /// Where the commit of a request or a process manager stands. A file of ids that turns out to be damaged is made
    /// anew from the segments first: not knowing an id would be the wrong answer.
    pub(crate) fn known(&self, origin: &OriginKey, segments: &Segments) -> Result<Option<Known>, IndexError> {
        let Some(id) = ids::request_of(origin) else { return self.known_process(origin) };
        for _ in 0..ATTEMPTS {
            match self.ids.find(&id) {
                Ok(known) => return Ok(known),
                Err(Unreadable(file)) => self.heal(&file, segments)?,
            }
        }
        Err(IndexError::Entry)
    }

    /// Makes one file of several, if that is due. Tells whether it was.
    pub(crate) fn merge_ids(&self, segments: &Segments) -> Result<bool, IndexError> {
        let mut checkpoint = self.checkpoint.lock();
        let files = self.ids.files();
        let (Some(head), Some(due)) = (*checkpoint, ids::due(&files)) else { return Ok(false) };
        match self.ids.merge(&due, &ids::lowest_from(head.window_floor)) {
            Ok(merged) => {
                let others = files.iter().filter(|file| !due.iter().any(|due| Arc::ptr_eq(due, file)));
                self.list(&mut checkpoint, head, others.cloned().collect(), merged)?;
            }
            Err(MergeError::Write(error)) => return Err(IndexError::Ids(error)),
            Err(MergeError::Read(Unreadable(file))) => {
                drop(checkpoint);
                if self.heal(&file, segments).is_err() {
                    file.set_broken();
                }
            }
        }
        Ok(true)
    }

    /// Makes a damaged file anew, unless that has been done, or it has become part of another one.
    fn heal(&self, file: &Arc<IdFile>, segments: &Segments) -> Result<(), IndexError> {
        let mut checkpoint = self.checkpoint.lock();
        let is_listed = self.ids.files().iter().any(|listed| Arc::ptr_eq(listed, file));
        if is_listed { self.rebuild(&mut checkpoint, &file.listed, segments) } else { Ok(()) }
    }

    /// Makes a file anew that was found missing or damaged when the index was opened.
    pub(crate) fn rebuild_ids(&self, lost: &Listed, segments: &Segments) -> Result<(), IndexError> {
        self.rebuild(&mut self.checkpoint.lock(), lost, segments)
    }

    fn rebuild(&self, checkpoint: &mut Option<Head>, lost: &Listed, segments: &Segments) -> Result<(), IndexError> {
        let Some(head) = *checkpoint else { return Ok(()) };
        let floor = ids::lowest_from(head.window_floor);
        let mut rebuilt = Vec::new();
        let mut entries = Vec::new();
        let (mut first, mut next) = (lost.first, lost.first);
        while next <= lost.last {
            let mark = self.mark_before(next)?;
            let read = segments
                .find(next, mark, head.group)
                .and_then(|address| segments.read_run(next, address, lost.last, REBUILT_BYTES));
            for (group, _) in read.map_err(IndexError::Segments)? {
                next = group.header().number + 1;
                entries.extend(requests_in(&group).filter(|entry| entry.id >= floor));
            }
            if entries.len() >= REBUILT_ENTRIES || next > lost.last {
                let written = self.ids.write(std::mem::take(&mut entries), first..=next - 1);
                rebuilt.extend(written.map_err(IndexError::Ids)?);
                first = next;
            }
        }
        let others = self.ids.files();
        let others = others.iter().filter(|file| file.listed.number != lost.number).cloned().collect();
        self.list(checkpoint, head, others, rebuilt)
    }

    /// Notes a head and the files that count, and then lets go of those that do not any more.
    pub(super) fn list(
        &self,
        checkpoint: &mut Option<Head>,
        head: Head,
        mut files: Vec<Arc<IdFile>>,
        added: impl IntoIterator<Item = IdFile>,
    ) -> Result<(), IndexError> {
        files.extend(added.into_iter().map(Arc::new));
        let value = checkpoint::encode(&head, files.iter().map(|file| file.listed));
        self.db.insert(CHECKPOINT, value)?;
        self.db.flush()?;
        *checkpoint = Some(head);
        self.ids.replace(files.into()).map_err(IndexError::Ids)
    }
}

fn requests_in(group: &RecordedGroup) -> impl Iterator<Item = Entry> {
    group.commits().filter_map(|commit| match commit.origin() {
        Origin::Request { id, digest } => {
            Some(Entry { id: Id::from(*id.as_bytes()), known: Known { position: commit.position(), digest } })
        }
        _ => None,
    })
}

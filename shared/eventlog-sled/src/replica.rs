//! A member's log of a replicated partition: the same files, but groups come from outside, many with one sync.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use allmende_eventlog::{
    ApplyError, Arrived, Direction, Head, Known, Lookup, OriginKey, ReadError, Reading, RecordedEvent, RecordedGroup,
    Replica, StopReason,
};
use allmende_kernel::{PartitionName, Revision, StreamName};
use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::Damage;
use crate::frame::{self, Kind};
use crate::indexer::Indexer;
use crate::layout::{self, IDS, INDEX};
use crate::log::{lock, spawn, sync_files};
use crate::options::{Hooks, OpenError, Options};
use crate::recovery;
use crate::segment::SegmentWriter;
use crate::store::Store;

/// The replica of one partition on this machine's disk.
///
/// A void group is a frame like any other: what a stream has lost can be published again as it was. What was not synced
/// when the machine went down is wiped at the next start, from the first broken frame on, as it comes again; the file is
/// kept aside before that.
pub struct SledReplica {
    store: Arc<Store>,
    writer: Mutex<Writer>,
    folder: PathBuf,
    hooks: Hooks,
    indexer: Mutex<Option<JoinHandle<()>>>,
    index_failed: Arc<AtomicBool>,
    _lock: File,
}

struct Writer {
    folder: PathBuf,
    segment: Option<SegmentWriter>,
    segment_bytes: u64,
    head: Head,
    frame: Vec<u8>,
    failed: Option<ApplyError>,
}

/// Where a group was written.
struct Written {
    offset: u32,
    begins_segment: bool,
}

impl SledReplica {
    /// Opens the replica in `folder`, or begins one. A damaged one does not open: it is rebuilt from a peer and the stream.
    ///
    /// Blocks as [`SledLog::open`](crate::SledLog::open) does.
    pub fn open(folder: &Path, partition: PartitionName, options: Options) -> Result<Self, OpenError> {
        layout::create_folder(folder).map_err(OpenError::io("creating the log's folder"))?;
        let lock = lock(folder)?;
        let recovered = recovery::recover(folder, &partition, &options, true)?;
        if let Some(Damage { first, last }) = recovered.unindexed_damage {
            return Err(ReadError::Damaged { partition, first, last }.into());
        }
        let (head, indexer) = (recovered.head, Indexer::new(recovered.recent));
        let store = Arc::new(Store::new(partition, recovered.segments, indexer, recovered.index, true, head));
        store.note_open(folder).map_err(OpenError::io("writing the log's state"))?;
        let index_failed = Arc::new(AtomicBool::new(false));
        let (indexing, failed) = (Arc::clone(&store), Arc::clone(&index_failed));
        let indexer = spawn("log-indexer", move || {
            if !indexing.run_indexer() {
                // Entries would pile up in memory from now on.
                failed.store(true, Ordering::Release);
            }
        })?;
        let writer = Writer {
            folder: folder.to_owned(),
            segment: recovered.writer,
            segment_bytes: options.segment_bytes,
            head,
            frame: Vec::new(),
            failed: None,
        };
        Ok(Self {
            store,
            writer: Mutex::new(writer),
            folder: folder.to_owned(),
            hooks: options.hooks,
            indexer: Mutex::new(Some(indexer)),
            index_failed,
            _lock: lock,
        })
    }

    /// Damage met since the replica was opened.
    pub fn damage(&self) -> Vec<Damage> {
        self.store.segments.damage()
    }

    /// Brings the index up to date and notes that the replica was closed. Nothing is applied any more.
    pub fn close(&self) -> io::Result<()> {
        let Some(indexer) = self.indexer.lock().take() else { return Ok(()) };
        let written = self.writer.lock().failed.replace(ApplyError::Io(io::ErrorKind::NotConnected)).is_none();
        let indexed = match self.store.indexer.close() {
            Some(clean) => indexer.join().is_ok() && clean,
            None => false,
        };
        if written && indexed {
            sync_files(&self.folder.join(INDEX))?;
            sync_files(&self.folder.join(IDS))?;
            self.store.note_closed(&self.folder)?;
        }
        Ok(())
    }
}

impl Drop for SledReplica {
    fn drop(&mut self) {
        // An error leaves the state "open", which the next start takes for a crash.
        let _ = self.close();
    }
}

impl Writer {
    fn append(&mut self, store: &Store, arrived: &Arrived) -> io::Result<Written> {
        if arrived.stored.len() > frame::MAX_PAYLOAD {
            // It could not be read again.
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.frame.clear();
        let start = frame::begin(&mut self.frame);
        self.frame.extend_from_slice(&arrived.stored);
        frame::finish(&mut self.frame, start, Kind::Group, arrived.head.group);
        let mut segment = self.segment_with_room(store)?;
        let begins_segment = segment.first == arrived.head.group;
        let offset = segment.append_unsynced(&self.frame)? as u32;
        self.segment = Some(segment);
        self.head = arrived.head;
        Ok(Written { offset, begins_segment })
    }

    /// The open segment, or a new one when the frame does not fit any more; then all of the one before is durable.
    fn segment_with_room(&mut self, store: &Store) -> io::Result<SegmentWriter> {
        if let Some(mut segment) = self.segment.take() {
            if segment.is_empty() || segment.has_room(self.frame.len()) {
                return Ok(segment);
            }
            segment.seal(self.head.group, self.head.hash)?;
            // Before the next segment: behind this head alone may anything be missing.
            store.note_durable(&self.folder, self.head)?;
        }
        let first = self.head.group + 1;
        let folder = store.segments.folder();
        let segment = SegmentWriter::create(folder, &store.partition, first, self.head.hash, self.segment_bytes)?;
        store.segments.add(first);
        Ok(segment)
    }

    fn append_all(&mut self, store: &Store, arrived: &[Arrived]) -> io::Result<Vec<Written>> {
        let written = arrived.iter().map(|arrived| self.append(store, arrived)).collect::<io::Result<Vec<_>>>()?;
        if let Some(segment) = &mut self.segment {
            segment.sync()?;
        }
        Ok(written)
    }
}

impl Lookup for SledReplica {
    fn revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        self.store.revision(stream)
    }

    fn known(&self, origin: &OriginKey) -> Result<Option<Known>, ReadError> {
        self.store.known(origin)
    }
}

impl Reading for SledReplica {
    fn partition(&self) -> &PartitionName {
        self.store.partition()
    }

    fn head(&self) -> watch::Receiver<Head> {
        self.store.head()
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        self.store.read_stream(stream, from, direction, max)
    }

    fn read_groups(&self, after: u64, max_bytes: usize) -> Result<Vec<Arc<RecordedGroup>>, ReadError> {
        self.store.read_groups(after, max_bytes)
    }

    fn groups_of_category(&self, tenant_category: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        self.store.groups_of_category(tenant_category, after, max)
    }

    fn groups_of_type(&self, event_type: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        self.store.groups_of_type(event_type, after, max)
    }

    fn read_group(&self, number: u64) -> Result<Arc<RecordedGroup>, ReadError> {
        self.store.read_group(number)
    }
}

impl Replica for SledReplica {
    fn apply(&self, arrived: &[Arrived]) -> Result<Head, ApplyError> {
        let mut writer = self.writer.lock();
        if let Some(failed) = writer.failed {
            return Err(failed);
        }
        if self.index_failed.load(Ordering::Acquire) {
            return Err(ApplyError::Index);
        }
        let mut head = writer.head;
        for next in arrived {
            if !next.follows(&head) {
                return Err(ApplyError::Unfitting(next.head.group));
            }
            head = next.head;
        }
        let written = match writer.append_all(&self.store, arrived) {
            Ok(written) => written,
            Err(error) => {
                let failed = ApplyError::Io(error.kind());
                writer.failed = Some(failed);
                if let Some(told) = &self.hooks.stopped {
                    told(StopReason::Io(error.kind()));
                }
                return Err(failed);
            }
        };
        let mut lag = 0;
        for (arrived, Written { offset, begins_segment }) in arrived.iter().zip(written) {
            let (group, head) = (&arrived.group, arrived.head);
            lag = self.store.indexer.add(|table| table.add_recorded(group, head, offset, begins_segment));
            self.store.publish(head);
        }
        if let Some(told) = &self.hooks.index_lag {
            told(lag);
        }
        Ok(head)
    }

    fn event_types(&self) -> Result<BTreeSet<String>, ReadError> {
        self.store.event_types()
    }

    fn stored(&self, number: u64) -> Result<Bytes, ReadError> {
        self.store.stored(number)
    }
}

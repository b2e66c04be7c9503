//! The writer's thread: takes what waits as one group, makes it durable with one sync, then lets it be seen.
//!
//! What follows the sync (index entries, the head, acknowledgements) is done by the writer itself while nobody waits or
//! the group is small, so that it meets no second thread, and by a thread beside it under load, so that the disk does not
//! wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use allmende_eventlog::{Head, OpenGroup, Sealer, StopReason};

use crate::frame::{self, Kind};
use crate::gathering::Gathering;
use crate::log::Shared;
use crate::options::Written;
use crate::segment::SegmentWriter;

/// Durable groups that may wait to be seen.
const UNSEEN_GROUPS: usize = 2;
/// So few commits are seen sooner than another thread is awake.
const FEW_COMMITS: u32 = 16;

pub(crate) struct Committer {
    shared: Arc<Shared>,
    sealer: Sealer,
    writer: Option<SegmentWriter>,
    head: Head,
    frame: Vec<u8>,
}

/// A group that is durable and not seen yet.
struct Durable {
    group: Arc<OpenGroup>,
    head: Head,
    offset: u32,
    begins_segment: bool,
    bytes: usize,
    sync: Duration,
}

impl Committer {
    pub(crate) fn new(shared: Arc<Shared>, sealer: Sealer, writer: Option<SegmentWriter>, head: Head) -> Self {
        Self { shared, sealer, writer, head, frame: Vec::new() }
    }

    /// Runs until the log is closed and nothing waits, or until a write fails.
    pub(crate) fn run(mut self) {
        // Whatever ends this thread, nobody is left waiting.
        let _stop = StopOnExit(Arc::clone(&self.shared));
        let Ok(publisher) = Publisher::start(&self.shared) else { return };
        let mut gathering = Gathering::default();
        while let Some(group) = self.shared.next_group(&gathering) {
            match self.commit(group) {
                Ok(durable) => {
                    gathering.wrote(durable.group.commits(), durable.sync);
                    publisher.publish(durable);
                }
                Err(error) => {
                    // What is durable is acknowledged before the rest is told that it may not be.
                    publisher.finish();
                    self.shared.stop(StopReason::Io(error.kind()));
                    return;
                }
            }
        }
        publisher.finish();
    }

    fn commit(&mut self, group: Arc<OpenGroup>) -> std::io::Result<Durable> {
        self.frame.clear();
        // An unusually large group does not keep its memory.
        self.frame.shrink_to(4 << 20);
        let start = frame::begin(&mut self.frame);
        let head = self.sealer.seal(&group, &mut self.frame);
        frame::finish(&mut self.frame, start, Kind::Group, head.group);

        let begun = Instant::now();
        let mut writer = self.writer_with_room()?;
        let begins_segment = writer.first == head.group;
        let offset = writer.append(&self.frame)? as u32;
        self.writer = Some(writer);
        self.head = head;
        Ok(Durable { group, head, offset, begins_segment, bytes: self.frame.len(), sync: begun.elapsed() })
    }

    /// The open segment, or a new one when the frame does not fit any more.
    fn writer_with_room(&mut self) -> std::io::Result<SegmentWriter> {
        if let Some(mut writer) = self.writer.take() {
            if writer.is_empty() || writer.has_room(self.frame.len()) {
                return Ok(writer);
            }
            writer.seal(self.head.group, self.head.hash)?;
        }
        let (first, shared) = (self.head.group + 1, &self.shared);
        let folder = shared.store.segments.folder();
        let writer =
            SegmentWriter::create(folder, &shared.store.partition, first, self.head.hash, shared.segment_bytes)?;
        shared.store.segments.add(first);
        Ok(writer)
    }
}

/// Lets durable groups be seen, in order.
struct Publisher {
    shared: Arc<Shared>,
    unseen: Arc<AtomicUsize>,
    sender: SyncSender<Durable>,
    thread: JoinHandle<()>,
}

impl Publisher {
    fn start(shared: &Arc<Shared>) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::sync_channel::<Durable>(UNSEEN_GROUPS);
        let unseen = Arc::new(AtomicUsize::new(0));
        let (beside, counted) = (Arc::clone(shared), Arc::clone(&unseen));
        let thread = thread::Builder::new().name("log-publisher".into()).spawn(move || {
            let _stop = StopOnPanic(Arc::clone(&beside));
            for durable in receiver {
                beside.let_be_seen(&durable);
                counted.fetch_sub(1, Ordering::Release);
            }
        })?;
        Ok(Self { shared: Arc::clone(shared), unseen, sender, thread })
    }

    fn publish(&self, durable: Durable) {
        let at_once = durable.group.commits() <= FEW_COMMITS || !self.shared.has_work();
        // Only when the thread beside has nothing left is the order kept.
        if at_once && self.unseen.load(Ordering::Acquire) == 0 {
            self.shared.let_be_seen(&durable);
            return;
        }
        self.unseen.fetch_add(1, Ordering::Relaxed);
        // Fails only if the thread panicked; it has told everyone who waits.
        let _ = self.sender.send(durable);
    }

    /// Waits until everything is seen.
    fn finish(self) {
        drop(self.sender);
        let _ = self.thread.join();
    }
}

impl Shared {
    fn let_be_seen(&self, durable: &Durable) {
        let Durable { group, head, offset, begins_segment, bytes, sync } = durable;
        let lag = self.store.indexer.add(|table| table.add_open(group, *head, *offset, *begins_segment));
        self.store.publish(*head);
        group.acknowledge();
        self.written();
        if let Some(told) = &self.hooks.written {
            told(Written { group: head.group, commits: group.commits(), bytes: *bytes, sync: *sync });
        }
        if let Some(told) = &self.hooks.index_lag {
            told(lag);
        }
    }
}

struct StopOnPanic(Arc<Shared>);

impl Drop for StopOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop(StopReason::Closed);
        }
    }
}

struct StopOnExit(Arc<Shared>);

impl Drop for StopOnExit {
    fn drop(&mut self) {
        self.0.stop(StopReason::Closed);
    }
}

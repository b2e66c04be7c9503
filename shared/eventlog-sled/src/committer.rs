//! The writer's thread: takes what waits as one group, makes it durable with one sync, then lets it be seen.

use std::sync::Arc;
use std::time::Instant;

use allmende_eventlog::{Head, OpenGroup, Sealer, StopReason};

use crate::frame::{self, Kind};
use crate::log::Shared;
use crate::options::Written;
use crate::segment::SegmentWriter;

pub(crate) struct Committer {
    shared: Arc<Shared>,
    sealer: Sealer,
    writer: Option<SegmentWriter>,
    head: Head,
    frame: Vec<u8>,
}

impl Committer {
    pub(crate) fn new(shared: Arc<Shared>, sealer: Sealer, writer: Option<SegmentWriter>, head: Head) -> Self {
        Self { shared, sealer, writer, head, frame: Vec::new() }
    }

    /// Runs until the log is closed and nothing waits, or until a write fails.
    pub(crate) fn run(mut self) {
        // Whatever ends this thread, nobody is left waiting.
        let _stop = StopOnExit(Arc::clone(&self.shared));
        while let Some(group) = self.shared.next_group() {
            if let Err(error) = self.commit(&group) {
                self.shared.stop(StopReason::Io(error.kind()));
                return;
            }
        }
    }

    fn commit(&mut self, group: &OpenGroup) -> std::io::Result<()> {
        self.frame.clear();
        let start = frame::begin(&mut self.frame);
        let head = self.sealer.seal(group, &mut self.frame);
        frame::finish(&mut self.frame, start, Kind::Group, head.group);

        let begun = Instant::now();
        let mut writer = self.writer_with_room()?;
        let begins_segment = writer.first == head.group;
        let offset = writer.append(&self.frame)?;
        self.writer = Some(writer);
        let sync = begun.elapsed();
        self.head = head;

        let lag = self.shared.indexer.add(|table| table.add_open(group, head, offset as u32, begins_segment));
        self.shared.publish(head);
        group.acknowledge();
        self.shared.written();

        let hooks = &self.shared.hooks;
        if let Some(told) = &hooks.written {
            told(Written { group: head.group, commits: group.commits(), bytes: self.frame.len(), sync });
        }
        if let Some(told) = &hooks.index_lag {
            told(lag);
        }
        self.shrink();
        Ok(())
    }

    /// The open segment, or a new one when the frame does not fit any more.
    fn writer_with_room(&mut self) -> std::io::Result<SegmentWriter> {
        if let Some(mut writer) = self.writer.take() {
            if writer.has_room(self.frame.len()) {
                return Ok(writer);
            }
            writer.seal(self.head.group, self.head.hash)?;
        }
        let (first, shared) = (self.head.group + 1, &self.shared);
        let folder = shared.segments.folder();
        let writer = SegmentWriter::create(folder, &shared.partition, first, self.head.hash, shared.segment_bytes)?;
        shared.segments.add(first);
        Ok(writer)
    }

    /// An unusually large group does not keep its memory.
    fn shrink(&mut self) {
        if self.frame.capacity() > 4 << 20 {
            self.frame = Vec::new();
        }
    }
}

struct StopOnExit(Arc<Shared>);

impl Drop for StopOnExit {
    fn drop(&mut self) {
        self.0.stop(StopReason::Closed);
    }
}

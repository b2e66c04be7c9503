use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread::{self, JoinHandle};

use allmende_eventlog::{
    Admission, AppendError, Direction, EventLog, Head, Known, Lookup, NewCommit, OpenGroup, Origin, OriginKey,
    ReadError, RecordedEvent, RecordedGroup, Sealer, StopReason, Submitted,
};
use allmende_kernel::{Clock, PartitionName, Revision, StreamName, Timestamp};
use parking_lot::{Condvar, Mutex};
use tokio::sync::watch;

use crate::Damage;
use crate::committer::Committer;
use crate::gathering::Gathering;
use crate::index::{Index, IndexError, Posting};
use crate::indexer::Indexer;
use crate::layout::{self, IDS, INDEX, LOCK};
use crate::options::{Hooks, OpenError, Options};
use crate::places::Place;
use crate::recovery;
use crate::segments::{Address, Segments};
use crate::state::{self, Durable};

/// What the log, its writer and its indexer share.
pub(crate) struct Shared {
    pub(crate) partition: PartitionName,
    pub(crate) segments: Segments,
    pub(crate) indexer: Indexer,
    pub(crate) segment_bytes: u64,
    pub(crate) hooks: Hooks,
    index: Index,
    /// The index's id, unless it lacks what damaged groups held.
    whole_index: Option<u64>,
    index_contradicts: AtomicBool,
    admission: Mutex<Admission>,
    work: Condvar,
    /// So many commits wake a writer that waits for more of them.
    company: AtomicU32,
    closing: AtomicBool,
    head: watch::Sender<Head>,
}

/// No group holds as many: nobody waits for company.
const NO_COMPANY: u32 = u32::MAX;

impl Shared {
    /// The next group to write; `None` when the log is closed and nothing waits.
    pub(crate) fn next_group(&self, gathering: &Gathering) -> Option<Arc<OpenGroup>> {
        let mut admission = self.admission.lock();
        while !admission.has_work() {
            if self.closing.load(Ordering::Acquire) {
                return None;
            }
            self.work.wait(&mut admission);
        }
        if !admission.has_gathered(gathering.company()) && !self.closing.load(Ordering::Acquire) {
            self.company.store(gathering.company(), Ordering::Relaxed);
            self.work.wait_for(&mut admission, gathering.patience());
            self.company.store(NO_COMPANY, Ordering::Relaxed);
        }
        admission.take()
    }

    pub(crate) fn publish(&self, head: Head) {
        self.head.send_replace(head);
    }

    /// Whether commits wait that the writer has not taken.
    pub(crate) fn has_work(&self) -> bool {
        self.admission.lock().has_work()
    }

    pub(crate) fn written(&self) {
        self.admission.lock().written();
    }

    pub(crate) fn stop(&self, reason: StopReason) {
        self.admission.lock().stop(reason.clone());
        if let Some(told) = self.hooks.stopped.as_ref().filter(|_| reason != StopReason::Closed) {
            told(reason);
        }
    }

    fn durable(&self) -> u64 {
        self.head.borrow().group
    }

    fn contradiction(&self) -> ReadError {
        self.index_contradicts.store(true, Ordering::Release);
        ReadError::Index(self.partition.clone())
    }

    fn indexed<T>(&self, read: Result<T, IndexError>) -> Result<T, ReadError> {
        read.map_err(|_| self.contradiction())
    }

    /// Why a stream's revisions do not follow one another before this group, or behind it.
    fn hole_before(&self, group: u64) -> ReadError {
        let damage = self.segments.damage();
        match damage.iter().rev().find(|damage| damage.last < group).or(damage.first()) {
            Some(damage) => {
                ReadError::Damaged { partition: self.partition.clone(), first: damage.first, last: damage.last }
            }
            None => self.contradiction(),
        }
    }

    fn find(&self, number: u64) -> Result<Address, ReadError> {
        let recent = self
            .indexer
            .recent
            .read()
            .tables()
            .find_map(|table| table.marks.range(..=number).next_back().map(|(group, offset)| (*group, *offset)));
        let mark = match recent {
            Some(mark) => Some(mark),
            None => self.indexed(self.index.mark_before(number))?,
        };
        self.segments.find(number, mark, self.durable())
    }

    /// Places of a stream from revision `from` on, until they hold `max` events.
    fn places(
        &self,
        stream: &StreamName,
        from: u64,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Place>, ReadError> {
        let durable = self.durable();
        // Memory first, sled second: entries move in that direction, so none is missed; what is met twice is in memory.
        let mut recent = Vec::new();
        {
            let tables = self.indexer.recent.read();
            for table in tables.moving.as_deref().into_iter().chain([&tables.current]) {
                recent.extend(table.places(stream).into_iter().filter(|place| place.group <= durable));
            }
        }
        let recent_begins = recent.first().map_or(u64::MAX, |place| place.first_revision);
        let reaches_below = |place: &Place| match direction {
            Direction::Forward => place.last_revision() >= from,
            Direction::Backward => place.first_revision <= from,
        };
        let indexed = || {
            let mut places = self.indexed(self.index.places(stream, from, direction, max))?;
            places.retain(|place| place.first_revision < recent_begins);
            Ok(places)
        };
        recent.retain(reaches_below);
        match direction {
            Direction::Forward if from >= recent_begins => Ok(recent),
            Direction::Forward => {
                let mut places: Vec<Place> = indexed()?;
                places.append(&mut recent);
                Ok(places)
            }
            Direction::Backward => {
                recent.reverse();
                let held: u64 =
                    recent.iter().map(|place| place.last_revision().min(from) + 1 - place.first_revision).sum();
                if held < max as u64 {
                    recent.append(&mut indexed()?);
                }
                Ok(recent)
            }
        }
    }

    fn groups_of(&self, posting: Posting, name: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        let mut recent: Vec<u64> = Vec::new();
        {
            let tables = self.indexer.recent.read();
            for table in tables.moving.as_deref().into_iter().chain([&tables.current]) {
                let lists = match posting {
                    Posting::Category => &table.categories,
                    Posting::EventType => &table.types,
                };
                recent.extend_from_slice(lists.get(name));
            }
        }
        let recent_begins = recent.first().copied().unwrap_or(u64::MAX);
        let mut groups = self.indexed(self.index.numbers(posting, name, after, max))?;
        groups.retain(|group| *group < recent_begins);
        let durable = self.durable();
        groups.extend(recent.into_iter().filter(|group| *group > after && *group <= durable));
        groups.truncate(max);
        Ok(groups)
    }
}

impl Lookup for Shared {
    fn revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        if let Some(revision) = self.indexer.recent.read().tables().find_map(|table| table.revision(stream)) {
            return Ok(Revision(revision));
        }
        self.indexed(self.index.revision(stream)).map(Revision)
    }

    fn known(&self, origin: &OriginKey) -> Result<Option<Known>, ReadError> {
        if let Some(known) = self.indexer.recent.read().tables().find_map(|table| table.known(origin)) {
            return Ok(Some(known));
        }
        self.indexed(self.index.known(origin, &self.segments))
    }
}

/// The embedded log of one partition.
pub struct SledLog {
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    folder: PathBuf,
    threads: Mutex<Option<Threads>>,
}

struct Threads {
    committer: JoinHandle<()>,
    indexer: JoinHandle<()>,
    /// Held as long as the log is open.
    _lock: File,
}

impl SledLog {
    /// Opens the log in `folder`, or begins one. Blocks while the end of the log is checked: not longer for a longer
    /// log, unless the index has to be built anew.
    pub fn open(
        folder: &Path,
        partition: PartitionName,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Self, OpenError> {
        layout::create_folder(folder).map_err(OpenError::io("creating the log's folder"))?;
        let lock = lock(folder)?;
        let recovered = recovery::recover(folder, &partition, &options)?;
        let head = recovered.head;
        // An index with gaps would give revisions that are taken, once it is believed to be whole.
        let whole_index = recovered.unindexed_damage.is_none().then(|| recovered.index.id());
        state::write_open(folder, Durable { group: head.group, hash: head.hash }, whole_index)
            .map_err(OpenError::io("writing the log's state"))?;

        let admission = Admission::new(head, options.window, options.group_commits);
        let shared = Arc::new(Shared {
            partition,
            segments: recovered.segments,
            indexer: Indexer::new(recovered.recent),
            segment_bytes: options.segment_bytes,
            hooks: options.hooks,
            index: recovered.index,
            whole_index,
            index_contradicts: AtomicBool::new(false),
            admission: Mutex::new(admission),
            work: Condvar::new(),
            company: AtomicU32::new(NO_COMPANY),
            closing: AtomicBool::new(false),
            head: watch::Sender::new(head),
        });
        if let Some(damage) = recovered.unindexed_damage {
            shared.stop(StopReason::Damaged { first: damage.first, last: damage.last });
        }
        let sealer = Sealer::new(head, options.window);
        let committer = Committer::new(Arc::clone(&shared), sealer, recovered.writer, head);
        let indexing = Arc::clone(&shared);
        let threads = Threads {
            committer: spawn("log-writer", move || committer.run())?,
            indexer: spawn("log-indexer", move || {
                if !indexing.indexer.run(&indexing.index, &indexing.segments) {
                    // Entries would pile up in memory from now on.
                    indexing.stop(StopReason::Index);
                }
            })?,
            _lock: lock,
        };
        Ok(Self { shared, clock, folder: folder.to_owned(), threads: Mutex::new(Some(threads)) })
    }

    /// Damage met since the log was opened.
    pub fn damage(&self) -> Vec<Damage> {
        self.shared.segments.damage()
    }

    /// Writes what waits, brings the index up to date and notes that the log was closed. Later appends are refused.
    pub fn close(&self) -> io::Result<()> {
        let Some(threads) = self.threads.lock().take() else { return Ok(()) };
        {
            let _admission = self.shared.admission.lock();
            self.shared.closing.store(true, Ordering::Release);
        }
        self.shared.work.notify_all();
        // A thread that panicked has told everyone who waited; the state file then says "open".
        let written = threads.committer.join().is_ok();
        let indexed = match self.shared.indexer.close() {
            // Joined, so that sled is let go of when the log is.
            Some(clean) => threads.indexer.join().is_ok() && clean,
            None => false,
        };
        if written && indexed {
            sync_files(&self.folder.join(INDEX))?;
            sync_files(&self.folder.join(IDS))?;
            let head = *self.shared.head.borrow();
            let contradicts = self.shared.index_contradicts.load(Ordering::Acquire);
            let index = self.shared.whole_index.filter(|_| !contradicts);
            state::write_closed(&self.folder, Durable { group: head.group, hash: head.hash }, index)?;
        }
        Ok(())
    }
}

impl Drop for SledLog {
    fn drop(&mut self) {
        // An error leaves the state "open", which the next start takes for a crash.
        let _ = self.close();
    }
}

fn spawn(name: &str, run: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, OpenError> {
    thread::Builder::new().name(name.into()).spawn(run).map_err(OpenError::io("starting a thread"))
}

fn lock(folder: &Path) -> Result<File, OpenError> {
    let file = File::create(folder.join(LOCK)).map_err(OpenError::io("opening the lock file"))?;
    match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(OpenError::InUse(folder.to_owned())),
        Err(error) => Err(OpenError::Io { what: "locking the log", source: error.into() }),
    }
}

/// The index is left to the page cache; after this it survives a loss of power.
fn sync_files(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sync_files(&path)?;
        } else {
            File::open(&path)?.sync_all()?;
        }
    }
    layout::sync_folder(folder)
}

impl EventLog for SledLog {
    fn partition(&self) -> &PartitionName {
        &self.shared.partition
    }

    fn now(&self) -> Timestamp {
        self.shared.admission.lock().monotone(self.clock.now())
    }

    fn submit(&self, commit: NewCommit) -> Result<Submitted, AppendError> {
        let mut admission = self.shared.admission.lock();
        if self.shared.closing.load(Ordering::Acquire) {
            return Err(AppendError::Stopped(StopReason::Closed));
        }
        let had_work = admission.has_work();
        let submitted = admission.submit(commit, self.shared.as_ref())?;
        let begins = !had_work && admission.has_work();
        if begins || admission.has_gathered(self.shared.company.load(Ordering::Relaxed)) {
            self.shared.work.notify_one();
        }
        Ok(submitted)
    }

    fn recall(&self, origin: &Origin, now: Timestamp) -> Result<Option<Submitted>, AppendError> {
        self.shared.admission.lock().recall(origin, now, self.shared.as_ref())
    }

    fn settle(&self) -> Submitted {
        self.shared.admission.lock().settle()
    }

    fn head(&self) -> watch::Receiver<Head> {
        self.shared.head.subscribe()
    }

    fn admitted_revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        self.shared.admission.lock().revision(stream, self.shared.as_ref())
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let shared = &self.shared;
        let durable = shared.durable();
        let mut events = Vec::new();
        let mut last: Option<Arc<RecordedGroup>> = None;
        let mut next = (direction == Direction::Forward).then_some(from.0.max(1));
        for place in shared.places(stream, from.0.max(1), direction, max)? {
            if events.len() == max || from.0 == 0 && direction == Direction::Backward {
                break;
            }
            let group = match &last {
                Some(group) if group.header().number == place.group => Arc::clone(group),
                _ => shared.segments.read_at(
                    place.group,
                    shared.segments.address(place.group, place.offset)?,
                    durable,
                )?,
            };
            let (first, end) = (place.first_revision, place.last_revision());
            let wanted = max - events.len();
            let revisions: Vec<u64> = match direction {
                Direction::Forward => (first.max(from.0)..=end).take(wanted).collect(),
                Direction::Backward => (first..=end.min(from.0)).rev().take(wanted).collect(),
            };
            for revision in revisions {
                if next.is_some_and(|next| next != revision) {
                    return Err(shared.hole_before(place.group));
                }
                next = Some(match direction {
                    Direction::Forward => revision + 1,
                    Direction::Backward => revision - 1,
                });
                let event = RecordedEvent::find(&group, place.commit, stream.as_str(), Revision(revision));
                events.push(event.ok_or_else(|| shared.contradiction())?);
            }
            last = Some(group);
        }
        Ok(events)
    }

    fn read_groups(&self, after: u64, max_bytes: usize) -> Result<Vec<Arc<RecordedGroup>>, ReadError> {
        let durable = self.shared.durable();
        if after >= durable {
            return Ok(Vec::new());
        }
        let address = self.shared.find(after + 1)?;
        let run = self.shared.segments.read_run(after + 1, address, durable, max_bytes)?;
        Ok(run.into_iter().map(|(group, _)| group).collect())
    }

    fn read_group(&self, number: u64) -> Result<Arc<RecordedGroup>, ReadError> {
        let durable = self.shared.durable();
        if number == 0 || number > durable {
            return Err(ReadError::Beyond(number));
        }
        self.shared.segments.read_at(number, self.shared.find(number)?, durable)
    }

    fn groups_of_category(&self, tenant_category: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        self.shared.groups_of(Posting::Category, tenant_category, after, max)
    }

    fn groups_of_type(&self, event_type: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        self.shared.groups_of(Posting::EventType, event_type, after, max)
    }
}

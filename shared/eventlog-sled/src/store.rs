//! What is durable of a partition and how it is found again: segments, the index, and what is on its way there.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use allmende_eventlog::{Direction, Head, Known, Lookup, OriginKey, ReadError, Reading, RecordedEvent, RecordedGroup};
use allmende_kernel::{PartitionName, Revision, StreamName};
use bytes::Bytes;
use tokio::sync::watch;

use crate::index::{Index, IndexError, Posting};
use crate::indexer::Indexer;
use crate::places::Place;
use crate::segments::{Address, Segments};
use crate::state::{self, Durable};

/// Read by everybody; written by whoever appends, in the order: segments, indexer, head.
pub(crate) struct Store {
    pub(crate) partition: PartitionName,
    pub(crate) segments: Segments,
    pub(crate) indexer: Indexer,
    index: Index,
    /// The index's id, unless it lacks what damaged groups held.
    whole_index: Option<u64>,
    index_contradicts: AtomicBool,
    head: watch::Sender<Head>,
}

impl Store {
    pub(crate) fn new(
        partition: PartitionName,
        segments: Segments,
        indexer: Indexer,
        index: Index,
        is_whole: bool,
        head: Head,
    ) -> Self {
        Self {
            partition,
            segments,
            indexer,
            whole_index: is_whole.then(|| index.id()),
            index,
            index_contradicts: AtomicBool::new(false),
            head: watch::Sender::new(head),
        }
    }

    /// Lets the group be seen.
    pub(crate) fn publish(&self, head: Head) {
        self.head.send_replace(head);
    }

    /// The indexer's thread: false if sled failed.
    pub(crate) fn run_indexer(&self) -> bool {
        self.indexer.run(&self.index, &self.segments)
    }

    /// Notes that a log which was opened with this store may be cut off at any time from now on.
    pub(crate) fn note_open(&self, folder: &Path) -> io::Result<()> {
        // An index with gaps would give revisions that are taken, once it is believed to be whole.
        state::write_open(folder, self.noted(), self.whole_index)
    }

    /// Notes that everything up to this head is durable, also what is not seen yet.
    pub(crate) fn note_durable(&self, folder: &Path, head: Head) -> io::Result<()> {
        state::write_open(folder, Durable { group: head.group, hash: head.hash }, self.whole_index)
    }

    /// Notes that the log was closed, with everything written and indexed.
    pub(crate) fn note_closed(&self, folder: &Path) -> io::Result<()> {
        let contradicts = self.index_contradicts.load(Ordering::Acquire);
        state::write_closed(folder, self.noted(), self.whole_index.filter(|_| !contradicts))
    }

    fn noted(&self) -> Durable {
        let head = *self.head.borrow();
        Durable { group: head.group, hash: head.hash }
    }

    pub(crate) fn durable(&self) -> u64 {
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

    /// Group `number` as it stands in its segment.
    pub(crate) fn stored(&self, number: u64) -> Result<Bytes, ReadError> {
        let durable = self.durable();
        if number == 0 || number > durable {
            return Err(ReadError::Beyond(number));
        }
        self.segments.read_payload(number, self.find(number)?, durable).map(Bytes::from)
    }

    /// Every type of event. Memory first, as everywhere: what is met twice is one name.
    pub(crate) fn event_types(&self) -> Result<BTreeSet<String>, ReadError> {
        let mut types: BTreeSet<String> = BTreeSet::new();
        for table in self.indexer.recent.read().tables() {
            types.extend(table.types.iter().map(|(name, _)| name.to_owned()));
        }
        types.extend(self.indexed(self.index.names(Posting::EventType))?);
        Ok(types)
    }
}

impl Reading for Store {
    fn partition(&self) -> &PartitionName {
        &self.partition
    }

    fn head(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    fn read_stream(
        &self,
        stream: &StreamName,
        from: Revision,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let durable = self.durable();
        let mut events = Vec::new();
        let mut last: Option<Arc<RecordedGroup>> = None;
        let mut next = (direction == Direction::Forward).then_some(from.0.max(1));
        for place in self.places(stream, from.0.max(1), direction, max)? {
            if events.len() == max || from.0 == 0 && direction == Direction::Backward {
                break;
            }
            let group = match &last {
                Some(group) if group.header().number == place.group => Arc::clone(group),
                _ => self.segments.read_at(place.group, self.segments.address(place.group, place.offset)?, durable)?,
            };
            let (first, end) = (place.first_revision, place.last_revision());
            let wanted = max - events.len();
            let revisions: Vec<u64> = match direction {
                Direction::Forward => (first.max(from.0)..=end).take(wanted).collect(),
                Direction::Backward => (first..=end.min(from.0)).rev().take(wanted).collect(),
            };
            for revision in revisions {
                if next.is_some_and(|next| next != revision) {
                    return Err(self.hole_before(place.group));
                }
                next = Some(match direction {
                    Direction::Forward => revision + 1,
                    Direction::Backward => revision - 1,
                });
                let event = RecordedEvent::find(&group, place.commit, stream.as_str(), Revision(revision));
                events.push(event.ok_or_else(|| self.contradiction())?);
            }
            last = Some(group);
        }
        Ok(events)
    }

    fn read_groups(&self, after: u64, max_bytes: usize) -> Result<Vec<Arc<RecordedGroup>>, ReadError> {
        let durable = self.durable();
        if after >= durable {
            return Ok(Vec::new());
        }
        let address = self.find(after + 1)?;
        let run = self.segments.read_run(after + 1, address, durable, max_bytes)?;
        Ok(run.into_iter().map(|(group, _)| group).collect())
    }

    fn read_group(&self, number: u64) -> Result<Arc<RecordedGroup>, ReadError> {
        let durable = self.durable();
        if number == 0 || number > durable {
            return Err(ReadError::Beyond(number));
        }
        self.segments.read_at(number, self.find(number)?, durable)
    }

    fn groups_of_category(&self, tenant_category: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        self.groups_of(Posting::Category, tenant_category, after, max)
    }

    fn groups_of_type(&self, event_type: &str, after: u64, max: usize) -> Result<Vec<u64>, ReadError> {
        self.groups_of(Posting::EventType, event_type, after, max)
    }
}

impl Lookup for Store {
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

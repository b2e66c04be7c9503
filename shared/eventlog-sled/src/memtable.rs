//! Index entries of durable groups that are not in the index yet. Bounded: the writer waits when the index falls behind.

use std::collections::BTreeMap;

use allmende_eventlog::{Head, Known, OpenGroup, OriginKey, RecordedGroup};
use allmende_kernel::{StreamName, Timestamp};
use hashbrown::HashMap;

use crate::ids::{self, Entry, Id};
use crate::places::Place;

/// Every such group's offset is kept, so that any group is found by at most this many steps from a marked one.
pub(crate) const MARK_EVERY: u64 = 32;

#[derive(Default)]
pub(crate) struct Memtable {
    /// Each stream's last place.
    streams: HashMap<StreamName, PlaceIndex>,
    /// Of all streams, in the order of the log: a stream of its own for each would be an allocation for each.
    places: Vec<Linked>,
    /// Groups by `tenant/category`.
    pub(crate) categories: Postings,
    /// Groups by event type.
    pub(crate) types: Postings,
    requests: HashMap<Id, Known>,
    pub(crate) processes: HashMap<OriginKey, Known>,
    /// Group to offset in its segment.
    pub(crate) marks: BTreeMap<u64, u32>,
    /// The first group in it.
    pub(crate) first_group: u64,
    pub(crate) head: Option<Head>,
    /// Requests with lower ids are not remembered any more.
    floor: Id,
    entries: usize,
}

/// Where a place stands among all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlaceIndex(u32);

/// Before the first place of a stream.
const NONE: PlaceIndex = PlaceIndex(u32::MAX);

/// A place, and the one before it of the same stream.
struct Linked {
    first_revision: u64,
    group: u64,
    count: u32,
    commit: u32,
    offset: u32,
    before: PlaceIndex,
}

impl Linked {
    fn place(&self) -> Place {
        let Self { first_revision, group, count, commit, offset, .. } = *self;
        Place { first_revision, count, group, commit, offset }
    }
}

impl Memtable {
    /// An empty one that leaves out requests minted before `floor`.
    pub(crate) fn with_floor(floor: Timestamp) -> Self {
        Self { floor: ids::lowest_from(floor), ..Self::default() }
    }

    /// A measure of its size.
    pub(crate) fn entries(&self) -> usize {
        self.entries
    }

    pub(crate) fn add_open(&mut self, group: &OpenGroup, head: Head, offset: u32, begins_segment: bool) {
        self.begin(head, offset, begins_segment);
        for entry in group.entries() {
            let place = Place {
                first_revision: entry.first_revision.0,
                count: entry.event_types.len() as u32,
                group: head.group,
                commit: entry.commit,
                offset,
            };
            self.add(&entry.stream, place, entry.event_types.iter().copied());
        }
        for (key, known) in group.origins() {
            self.add_origin(key, *known);
        }
    }

    /// The same from a group's stored form. A stream whose name breaks today's rules is left out of the index.
    pub(crate) fn add_recorded(&mut self, group: &RecordedGroup, head: Head, offset: u32, begins_segment: bool) {
        self.begin(head, offset, begins_segment);
        for commit in group.commits() {
            for write in commit.writes() {
                let Some(stream) = write.stream_name() else { continue };
                let place = Place {
                    first_revision: write.first_revision().0,
                    count: write.len() as u32,
                    group: head.group,
                    commit: commit.position().index,
                    offset,
                };
                self.add(&stream, place, write.events().map(|event| event.event_type()));
            }
            let origin = commit.origin();
            if let Some(key) = OriginKey::of(&origin) {
                self.add_origin(&key, Known { position: commit.position(), digest: origin.digest() });
            }
        }
    }

    fn begin(&mut self, head: Head, offset: u32, begins_segment: bool) {
        if begins_segment || head.group.is_multiple_of(MARK_EVERY) {
            self.marks.insert(head.group, offset);
        }
        if self.head.is_none() {
            self.first_group = head.group;
        }
        self.head = Some(head);
    }

    fn add<'a>(&mut self, stream: &StreamName, place: Place, event_types: impl Iterator<Item = &'a str>) {
        let category = stream.as_str().rsplit_once('/').map_or("", |(tenant_and_category, _)| tenant_and_category);
        self.categories.add(category, place.group);
        event_types.for_each(|event_type| self.types.add(event_type, place.group));
        let Place { first_revision, count, group, commit, offset } = place;
        let index = PlaceIndex(self.places.len() as u32);
        let before = match self.streams.get_mut(stream) {
            Some(last) => std::mem::replace(last, index),
            None => {
                self.streams.insert(stream.clone(), index);
                NONE
            }
        };
        self.places.push(Linked { first_revision, group, count, commit, offset, before });
        self.entries += 1;
    }

    fn add_origin(&mut self, key: &OriginKey, known: Known) {
        // The first one wins, whatever a damaged or foreign log repeats.
        match ids::request_of(key) {
            Some(id) if id < self.floor => return,
            Some(id) => drop(self.requests.entry(id).or_insert(known)),
            None => drop(self.processes.entry(key.clone()).or_insert(known)),
        }
        self.entries += 1;
    }

    /// All requests, in no order.
    pub(crate) fn requests(&self) -> Vec<Entry> {
        self.requests.iter().map(|(id, known)| Entry { id: *id, known: *known }).collect()
    }

    pub(crate) fn known(&self, origin: &OriginKey) -> Option<Known> {
        match ids::request_of(origin) {
            Some(id) => self.requests.get(&id).copied(),
            None => self.processes.get(origin).copied(),
        }
    }

    pub(crate) fn revision(&self, stream: &StreamName) -> Option<u64> {
        let last = self.streams.get(stream)?;
        Some(self.places[last.0 as usize].place().last_revision())
    }

    /// All streams in order, each with its last place.
    pub(crate) fn sorted_streams(&self) -> Vec<(&StreamName, PlaceIndex)> {
        let mut streams: Vec<_> = self.streams.iter().map(|(stream, last)| (stream, *last)).collect();
        streams.sort_unstable_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
        streams
    }

    /// The places of a stream up to its last one, in order, in place of what is in `places`.
    pub(crate) fn places_until(&self, last: PlaceIndex, places: &mut Vec<Place>) {
        places.clear();
        let mut at = last;
        while let Some(linked) = self.places.get(at.0 as usize) {
            places.push(linked.place());
            at = linked.before;
        }
        places.reverse();
    }

    /// The places of a stream, in order.
    pub(crate) fn places(&self, stream: &StreamName) -> Vec<Place> {
        let mut places = Vec::new();
        if let Some(last) = self.streams.get(stream) {
            self.places_until(*last, &mut places);
        }
        places
    }
}

/// Numbers of groups by name.
#[derive(Default)]
pub(crate) struct Postings {
    lists: HashMap<Box<str>, Vec<u64>>,
    /// What was added last: mostly the same is added again.
    last: (String, u64),
}

impl Postings {
    fn add(&mut self, name: &str, group: u64) {
        if self.last.1 == group && self.last.0 == name {
            return;
        }
        match self.lists.get_mut(name) {
            Some(groups) if groups.last() == Some(&group) => {}
            Some(groups) => groups.push(group),
            None => {
                self.lists.insert(name.into(), vec![group]);
            }
        }
        self.last.0.clear();
        self.last.0.push_str(name);
        self.last.1 = group;
    }

    pub(crate) fn get(&self, name: &str) -> &[u64] {
        self.lists.get(name).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[u64])> {
        self.lists.iter().map(|(name, groups)| (&**name, groups.as_slice()))
    }
}

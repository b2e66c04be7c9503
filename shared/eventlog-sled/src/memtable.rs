//! Index entries of durable groups that are not in sled yet. Bounded: the writer waits when the index falls behind.

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
    pub(crate) streams: HashMap<StreamName, Vec<Place>>,
    /// Groups by `tenant/category`.
    pub(crate) categories: HashMap<Box<str>, Vec<u64>>,
    /// Groups by event type.
    pub(crate) types: HashMap<Box<str>, Vec<u64>>,
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
            self.add_origin(key.clone(), *known);
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
                self.add_origin(key, Known { position: commit.position(), digest: origin.digest() });
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
        add_number(&mut self.categories, category, place.group);
        let mut last = "";
        for event_type in event_types {
            // Mostly all are of one type.
            if event_type != last {
                add_number(&mut self.types, event_type, place.group);
                last = event_type;
            }
        }
        match self.streams.get_mut(stream) {
            Some(places) => places.push(place),
            None => {
                self.streams.insert(stream.clone(), vec![place]);
            }
        }
        self.entries += 1;
    }

    fn add_origin(&mut self, key: OriginKey, known: Known) {
        // The first one wins, whatever a damaged or foreign log repeats.
        match ids::request_of(&key) {
            Some(id) if id < self.floor => return,
            Some(id) => drop(self.requests.entry(id).or_insert(known)),
            None => drop(self.processes.entry(key).or_insert(known)),
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
        Some(self.streams.get(stream)?.last()?.last_revision())
    }
}

fn add_number(lists: &mut HashMap<Box<str>, Vec<u64>>, name: &str, group: u64) {
    match lists.get_mut(name) {
        Some(groups) if groups.last() == Some(&group) => {}
        Some(groups) => groups.push(group),
        None => {
            lists.insert(name.into(), vec![group]);
        }
    }
}

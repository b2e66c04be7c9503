//! Reads what clients were told beside what the log holds.

use std::collections::HashMap;

use allmende_eventlog::{Direction, Reading, RecordedGroup};
use allmende_kernel::{Position, Revision, StreamName};

use super::client::{STREAMS, stream};
use super::counter::Seen;
use super::history::{Answer, Asked, Said};
use super::node::Node;
use super::world::World;

/// What a replica tells of a stream.
pub(super) fn fold(replica: &dyn Reading, stream: &StreamName, most: Revision) -> Seen {
    let events = replica.read_stream(stream, Revision(1), Direction::Forward, most.0 as usize).unwrap();
    let entry = |payload: &[u8]| u64::from_be_bytes(payload.try_into().unwrap());
    events.iter().fold(Seen::default(), |seen, event| seen.with(entry(event.view().payload())))
}

/// What happened, by the longest of the replicas.
struct Happened {
    /// Of each stream, in order: the entry, where it stands, and what there was with it.
    streams: Vec<Vec<(u64, Position, Seen)>>,
    /// Stream and place in it of each entry.
    entries: HashMap<u64, (usize, usize)>,
}

fn groups(node: &Node) -> Vec<std::sync::Arc<RecordedGroup>> {
    node.replica.read_groups(0, usize::MAX).unwrap()
}

/// Every promise that was broken, the first one only.
pub(super) fn audit(world: &World) -> Result<(), String> {
    let replicas: Vec<_> = world.nodes.iter().map(groups).collect();
    let longest = replicas.iter().max_by_key(|groups| groups.len()).cloned().unwrap_or_default();
    for (node, replica) in replicas.iter().enumerate() {
        for (group, of_longest) in replica.iter().zip(&longest) {
            if group.header() != of_longest.header() {
                return Err(format!("member {node} has another history at group {}", group.header().number));
            }
        }
    }
    let happened = happened(&longest)?;
    for asked in &world.history.asked {
        let first = asked.answers.iter().find_map(|answer| match answer.said {
            Said::Added(position, _) => Some(position),
            _ => None,
        });
        for answer in &asked.answers {
            check(world, &happened, asked, answer, first).map_err(|broken| {
                format!("request {} at {:?} by member {}: {broken}", asked.entry, answer.told, answer.by)
            })?;
        }
    }
    for read in &world.history.reads {
        let due = happened.streams[read.stream].iter().filter(|(_, position, _)| *position <= read.token).count();
        if (read.seen.entries as usize) < due || !happened.was(read.stream, read.seen) {
            return Err(format!("member {} read older than its token {}", read.by, read.token));
        }
    }
    Ok(())
}

fn happened(groups: &[std::sync::Arc<RecordedGroup>]) -> Result<Happened, String> {
    let mut happened = Happened { streams: vec![Vec::new(); STREAMS], entries: HashMap::new() };
    let names: Vec<_> = (0..STREAMS).map(stream).collect();
    let mut before = None;
    for (index, group) in groups.iter().enumerate() {
        let header = group.header();
        let number = header.number;
        if number != index as u64 + 1 || group.verify().is_err() {
            return Err(format!("group {number} is not what it says"));
        }
        if let Some((hash, epoch, time)) = before
            && (hash != header.previous_hash || epoch > header.epoch || time > header.leader_time)
        {
            return Err(format!("group {number} does not follow the one before"));
        }
        before = Some((header.hash, header.epoch, header.leader_time));
        for write in group.commits().flat_map(|commit| commit.writes()) {
            let stream = names.iter().position(|name| name.as_str() == write.stream()).unwrap();
            for event in write.events() {
                let entries = &mut happened.streams[stream];
                if event.revision().0 != entries.len() as u64 + 1 {
                    return Err(format!("revision {} follows {} in stream {stream}", event.revision(), entries.len()));
                }
                let entry = u64::from_be_bytes(event.payload().try_into().unwrap());
                let seen = entries.last().map_or(Seen::default(), |(.., seen)| *seen).with(entry);
                entries.push((entry, event.position(), seen));
                if happened.entries.insert(entry, (stream, entries.len() - 1)).is_some() {
                    return Err(format!("entry {entry} happened twice"));
                }
            }
        }
    }
    Ok(happened)
}

impl Happened {
    /// Whether this was ever the content of a stream.
    fn was(&self, stream: usize, seen: Seen) -> bool {
        match seen.entries as usize {
            0 => seen == Seen::default(),
            entries => self.streams[stream].get(entries - 1).is_some_and(|(.., was)| *was == seen),
        }
    }
}

fn check(
    world: &World,
    happened: &Happened,
    asked: &Asked,
    answer: &Answer,
    first: Option<Position>,
) -> Result<(), String> {
    let (seen, since) = match answer.said {
        Said::Added(position, seen) => {
            if Some(position) != first {
                return Err(format!("was added at {position} and before that at {first:?}"));
            }
            let stored = happened.entries.get(&asked.entry).map(|(stream, at)| happened.streams[*stream][*at]);
            if stored != Some((asked.entry, position, seen)) {
                return Err(format!("was acknowledged at {position} and is {stored:?}"));
            }
            (seen, asked.began)
        }
        Said::Looked(_, seen) => (seen, answer.sent),
        Said::Rejected(seen) if seen.entries % 2 == 1 => (seen, answer.sent),
        Said::Rejected(seen) => return Err(format!("was refused for {} entries", seen.entries)),
    };
    if !happened.was(asked.stream, seen) {
        return Err(format!("rests on {} entries that never were", seen.entries));
    }
    // Whatever anybody was told before this was asked must show in the answer.
    for other in world.history.asked.iter().filter(|other| other.stream == asked.stream && other.entry != asked.entry) {
        for told in other.answers.iter().filter(|told| told.told < since) {
            let known = match told.said {
                Said::Added(_, known) | Said::Looked(_, known) | Said::Rejected(known) => known.entries,
            };
            if known > seen.entries {
                return Err(format!("shows {} entries, though {known} were told at {:?}", seen.entries, told.told));
            }
        }
    }
    Ok(())
}

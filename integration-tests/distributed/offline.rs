//! Reads what a member has stored, from its files, after it has ended.

use std::collections::BTreeMap;
use std::path::Path;

use allmende_columns::Encoding;
use allmende_eventlog::{CommitView, EventView, Origin, RecordedGroup};
use allmende_eventlog_sled::OfflineLog;
use allmende_proto::participation::events::v1 as participation;
use allmende_proto::telemetry::events::v1 as telemetry;
use prost::Message as _;
use uuid::Uuid;

use crate::ledger::{Commit, Event, Fact, Group, Ledger};
use crate::workload::slot_of;

/// All partitions of a member's data folder.
pub(crate) fn read(member: &str, data: &Path) -> Vec<Ledger> {
    let folders = std::fs::read_dir(data.join("log")).unwrap().map(|entry| entry.unwrap().path());
    folders.map(|folder| partition(member, &folder)).collect()
}

fn partition(member: &str, folder: &Path) -> Ledger {
    let log = OfflineLog::open(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let groups = log.groups(0).map(|read| match read.unwrap() {
        Ok(recorded) => group(&recorded),
        Err(damage) => panic!("{} on {member} is damaged: {damage:?}", log.partition()),
    });
    Ledger { member: member.to_owned(), partition: log.partition().to_string(), groups: groups.collect() }
}

fn group(recorded: &RecordedGroup) -> Group {
    let header = recorded.header();
    Group {
        number: header.number,
        previous: header.previous_hash,
        hash: header.hash,
        whole: recorded.verify().is_ok(),
        commits: recorded.commits().map(commit).collect(),
    }
}

fn commit(stored: CommitView<'_>) -> Commit {
    let request = match stored.origin() {
        Origin::Request { id, .. } => Some(Uuid::from_bytes(*id.as_bytes())),
        _ => None,
    };
    let event = |event: EventView<'_>| Event {
        stream: event.stream().to_owned(),
        revision: event.revision().0,
        fact: fact(event),
    };
    Commit { position: stored.position(), request, events: stored.events().map(event).collect() }
}

fn fact(event: EventView<'_>) -> Fact {
    let (category, name) = event.event_type().rsplit_once('.').unwrap();
    let payload = event.payload();
    match (category, name) {
        ("allmende.participation.events.v1", "StatusPublished") => {
            Fact::Notice { text: participation::StatusPublished::decode(payload).unwrap().text }
        }
        ("allmende.telemetry.events.v1", "ObservationsRecorded") => {
            Fact::Readings { values: values(&telemetry::ObservationsRecorded::decode(payload).unwrap()) }
        }
        ("allmende.telemetry.events.v1", "ObservationConflicted") => {
            let conflict = telemetry::ObservationConflicted::decode(payload).unwrap();
            Fact::Conflict { slot: slot_of(conflict.time_us), refused: conflict.refused as u32 }
        }
        ("allmende.telemetry.events.v1", "StationRegistered") => {
            let registered = telemetry::StationRegistered::decode(payload).unwrap();
            let (_, id) = event.stream().rsplit_once('/').unwrap();
            let reference = registered.kind() == telemetry::StationKind::Reference;
            Fact::Station { station: Uuid::try_parse(id).unwrap(), reference }
        }
        _ => Fact::Other,
    }
}

fn values(block: &telemetry::ObservationsRecorded) -> BTreeMap<u32, u32> {
    let encoding = match block.encoding() {
        telemetry::ColumnEncoding::Pco => Encoding::Pco,
        _ => Encoding::Plain,
    };
    let decoded = allmende_columns::decode(encoding, block.count as usize, &block.times, &block.results);
    let (times, results) = decoded.unwrap();
    times.into_iter().map(slot_of).zip(results.into_iter().map(|result| result as u32)).collect()
}

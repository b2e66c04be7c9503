//! Opening a log: finds its end, tells an unfinished write from damage, and brings the index up to date or builds it
//! anew.

use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use allmende_eventlog::{Head, ReadError};
use allmende_kernel::PartitionName;

use crate::Damage;
use crate::ids::Listed;
use crate::index::{Index, IndexError};
use crate::layout::{self, INDEX, SEGMENTS};
use crate::memtable::Memtable;
use crate::options::{OpenError, Options};
use crate::segment::{SegmentHeader, SegmentWriter};
use crate::segments::Segments;
use crate::state::{self, Durable, LastEnd, State};
use crate::survey::{self, Survey, Writing};

/// A log that is ready to be used.
pub(crate) struct Recovered {
    pub(crate) head: Head,
    pub(crate) segments: Segments,
    pub(crate) index: Index,
    pub(crate) recent: Memtable,
    /// The segment to go on with, unless a new one is due.
    pub(crate) writer: Option<SegmentWriter>,
    /// Damage whose content the index does not know either: with it, no revision can be given safely.
    pub(crate) unindexed_damage: Option<Damage>,
}

/// Entries that are indexed in one batch while an index is built.
const REBUILD_ENTRIES: usize = 200_000;
/// What is read at once while an index is brought up to date.
const REPLAY_BYTES: usize = 4 << 20;

pub(crate) fn recover(
    folder: &Path,
    partition: &PartitionName,
    options: &Options,
    batches: bool,
) -> Result<Recovered, OpenError> {
    let segments_folder = folder.join(SEGMENTS);
    layout::create_folder(&segments_folder).map_err(OpenError::io("creating the segments' folder"))?;
    let state = state::read(folder).map_err(OpenError::io("reading the log's state"))?;
    drop_unborn_segment(&segments_folder)?;
    check_partition(&segments_folder, partition)?;

    let writing = match batches {
        true => Writing::InBatches { durable: state.durable.map_or(0, |durable| durable.group) },
        false => Writing::OneByOne,
    };
    let mut survey =
        survey::survey(&segments_folder, partition, writing).map_err(OpenError::io("reading the last segment"))?;
    if let State { last_end: LastEnd::Closed, durable: Some(durable), index } = state {
        // From here on the index is written: after a loss of power it must not be trusted any more.
        state::write_open(folder, durable, index).map_err(OpenError::io("writing the log's state"))?;
    }
    let (mut index, trusted) = match open_index(folder, &state, options)? {
        Some((index, lost)) => (index, Some(lost)),
        None => (fresh_index(folder, options)?, None),
    };
    let mut checkpoint = index.checkpoint();

    // What is known to have been durable decides whether a broken end is an unfinished write or damage.
    let known = state.durable.map_or(0, |durable| durable.group).max(checkpoint.map_or(0, |head| head.group));
    let lost = (known > survey.head.group).then(|| Damage { first: survey.head.group + 1, last: known });
    let surveyed = survey.head;
    if lost.is_some() {
        continue_behind(&mut survey.head, checkpoint, state.durable, known);
    }

    let segments =
        Segments::new(partition.clone(), segments_folder.clone(), &survey.firsts, options.hooks.damaged.clone());
    let tail_damage = survey.tail.iter().flat_map(|tail| tail.damage.iter().copied());
    let damage: Vec<Damage> = tail_damage.chain(survey.gap).chain(lost).collect();
    damage.iter().for_each(|damage| segments.report(*damage));
    let writer = open_writer(&segments_folder, &survey, lost.is_some(), options, batches)?;

    let on_chain = checkpoint.is_some_and(|checkpoint| {
        checkpoint.group > surveyed.group || is_on_chain(&segments, &index, checkpoint, surveyed)
    });
    if let Some(lost_ids) = trusted
        && (!on_chain || lost_ids.iter().any(|lost| index.rebuild_ids(lost, &segments).is_err()))
    {
        drop(index);
        index = fresh_index(folder, options)?;
        checkpoint = None;
    }
    let indexed = checkpoint.map_or(0, |checkpoint| checkpoint.group);
    let unindexed_damage = damage.into_iter().rfind(|damage| damage.last > indexed);
    let mut recent = Memtable::with_floor(surveyed.window_floor);
    let gap = replay(&segments, &index, indexed, surveyed, &mut recent, || {
        // An index that lacks what a damaged group held is of no use to the next start.
        let head = Durable { group: survey.head.group, hash: survey.head.hash };
        state::write_open(folder, head, None).map_err(OpenError::io("writing the log's state"))
    })?;
    let unindexed_damage = gap.or(unindexed_damage);
    Ok(Recovered { head: survey.head, segments, index, recent, writer, unindexed_damage })
}

/// A segment file whose creation was cut: nothing in it was ever acknowledged.
fn drop_unborn_segment(folder: &Path) -> Result<(), OpenError> {
    let firsts = layout::list_segments(folder).map_err(OpenError::io("listing segments"))?;
    let Some(last) = firsts.last() else { return Ok(()) };
    let path = layout::segment_path(folder, *last);
    let file = File::open(&path).map_err(OpenError::io("opening the last segment"))?;
    let header = SegmentHeader::read(&file).map_err(OpenError::io("reading the last segment"))?;
    if header.is_some() {
        return Ok(());
    }
    let mut bytes = Vec::new();
    let len = file.metadata().map_err(OpenError::io("reading the last segment"))?.len();
    crate::segments::read_some(&file, 0, len as usize, &mut bytes)
        .map_err(OpenError::io("reading the last segment"))?;
    if crate::frame::find_next(&bytes, 0, 0).is_some() {
        return Ok(());
    }
    if bytes.iter().all(|byte| *byte == 0) {
        fs::remove_file(&path).map_err(OpenError::io("removing an unfinished segment"))?;
    } else {
        // No cut leaves this: what is left of it is kept for whoever looks into the damage.
        fs::rename(&path, path.with_extension("damaged")).map_err(OpenError::io("setting a segment aside"))?;
    }
    layout::sync_folder(folder).map_err(OpenError::io("syncing the segments' folder"))
}

fn check_partition(folder: &Path, partition: &PartitionName) -> Result<(), OpenError> {
    let firsts = layout::list_segments(folder).map_err(OpenError::io("listing segments"))?;
    for first in firsts.iter().rev().take(1) {
        let file = File::open(layout::segment_path(folder, *first)).map_err(OpenError::io("opening a segment"))?;
        let header = SegmentHeader::read(&file).map_err(OpenError::io("reading a segment"))?;
        if let Some(header) = header.filter(|header| header.partition != partition.as_str()) {
            return Err(OpenError::OtherPartition {
                folder: folder.to_owned(),
                found: header.partition,
                wanted: partition.to_string(),
            });
        }
    }
    Ok(())
}

/// The log goes on behind groups that are gone, with the hash that is remembered of the last of them.
fn continue_behind(head: &mut Head, checkpoint: Option<Head>, durable: Option<Durable>, known: u64) {
    match (checkpoint, durable) {
        (Some(checkpoint), _) if checkpoint.group == known => *head = checkpoint,
        (_, Some(durable)) => (head.group, head.hash) = (durable.group, durable.hash),
        _ => {}
    }
}

fn open_writer(
    folder: &Path,
    survey: &Survey,
    lost_end: bool,
    options: &Options,
    batches: bool,
) -> Result<Option<SegmentWriter>, OpenError> {
    let Some(tail) = &survey.tail else { return Ok(None) };
    let mut writer = SegmentWriter::open(folder, tail.first, tail.end, options.segment_bytes)
        .map_err(OpenError::io("opening the last segment"))?;
    // The process before may have ended between write and sync, or for a sync that failed, after which the system takes
    // what it could not write for written: all that was waiting for it. Nothing is served that is not durable.
    writer.rewrite(tail.unsynced_from).map_err(OpenError::io("writing the end of the last segment"))?;
    // A damaged segment is not written any more: what it still holds stays as it is.
    if tail.sealed || lost_end || !tail.damage.is_empty() || tail.header.is_none() {
        return Ok(None);
    }
    if tail.dirty_to > tail.end {
        if batches {
            keep_aside(folder, tail.first)?;
        }
        writer.wipe(tail.dirty_to).map_err(OpenError::io("wiping an unfinished write"))?;
    }
    Ok(Some(writer))
}

/// What is about to be wiped behind a broken frame may hold groups that the stream has lost: it stays for an operator, the
/// newest such file of each segment.
fn keep_aside(folder: &Path, first: u64) -> Result<(), OpenError> {
    let segment = layout::segment_path(folder, first);
    fs::copy(&segment, segment.with_extension("wiped")).map_err(OpenError::io("keeping the end of a segment"))?;
    layout::sync_folder(folder).map_err(OpenError::io("syncing the segments' folder"))
}

/// Opens the index if its content can be trusted; tells also which files of request ids it lacks.
fn open_index(folder: &Path, state: &State, options: &Options) -> Result<Option<(Index, Vec<Listed>)>, OpenError> {
    let trusted = matches!(state.last_end, LastEnd::Closed | LastEnd::ProcessCrashed);
    match state.index.filter(|_| trusted && folder.join(INDEX).exists()) {
        // Whatever is wrong with it, there is another way.
        Some(id) => Ok(without_panic(|| Index::open(folder, options.index_cache_bytes, id)).unwrap_or(None)),
        None => Ok(None),
    }
}

/// Sets an index that cannot be used aside, replacing the one set aside before, and makes a new one.
fn fresh_index(folder: &Path, options: &Options) -> Result<Index, OpenError> {
    let path = folder.join(INDEX);
    if path.exists() {
        let aside = folder.join("index.set-aside");
        if aside.exists() {
            fs::remove_dir_all(&aside).map_err(OpenError::io("removing an old index"))?;
        }
        fs::rename(&path, &aside).map_err(OpenError::io("setting the index aside"))?;
    }
    // The standard library's hasher keys are random, and nobody has to guess this number.
    let id = RandomState::new().build_hasher().finish();
    without_panic(|| Index::create(folder, options.index_cache_bytes, id))
        .map_err(|error| OpenError::Index(error.into()))
}

/// sled panics over files that it cannot make sense of, and over some errors of reading and writing them.
fn without_panic<T>(work: impl FnOnce() -> Result<T, IndexError>) -> Result<T, IndexError> {
    let panicked = |_| Err(sled::Error::ReportableBug("sled panicked".into()).into());
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(panicked)
}

fn is_on_chain(segments: &Segments, index: &Index, checkpoint: Head, head: Head) -> bool {
    if checkpoint.group == head.group {
        return checkpoint.hash == head.hash;
    }
    let mark = index.mark_before(checkpoint.group).ok().flatten();
    let group = segments
        .find(checkpoint.group, mark, head.group)
        .and_then(|address| segments.read_at(checkpoint.group, address, head.group));
    match group {
        Ok(group) => group.header().hash == checkpoint.hash,
        // The group is damaged; that the index knows of it is all the better.
        Err(ReadError::Damaged { .. }) => true,
        Err(_) => false,
    }
}

/// Adds the groups after `from` to the index, and what does not fill a batch to `recent`. Tells the last damage;
/// `before_gap` is called before anything behind damage reaches the index.
fn replay(
    segments: &Segments,
    index: &Index,
    from: u64,
    head: Head,
    recent: &mut Memtable,
    before_gap: impl Fn() -> Result<(), OpenError>,
) -> Result<Option<Damage>, OpenError> {
    let mut damage = None;
    let mut next = from + 1;
    while next <= head.group {
        let mark = recent.marks.range(..=next).next_back().map(|(group, offset)| (*group, *offset));
        let mark = mark.or_else(|| index.mark_before(next).ok().flatten());
        let read = segments
            .find(next, mark, head.group)
            .and_then(|address| Ok((address, segments.read_run(next, address, head.group, REPLAY_BYTES)?)));
        let (address, groups) = match read {
            Ok(read) => read,
            Err(ReadError::Damaged { first, last, .. }) => {
                if damage.is_none() {
                    before_gap()?;
                }
                damage = Some(Damage { first, last });
                next = last + 1;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let mut offset = address.offset;
        for (group, frame_len) in groups {
            let header = group.header();
            let begins = header.number == address.segment;
            recent.add_recorded(&group, survey::head_of(header), offset as u32, begins);
            offset += frame_len as u64;
            next = header.number + 1;
        }
        if recent.entries() >= REBUILD_ENTRIES {
            index.apply(recent).map_err(|error| OpenError::Index(error.into()))?;
            while index.merge_ids(segments).map_err(|error| OpenError::Index(error.into()))? {}
            *recent = Memtable::with_floor(head.window_floor);
        }
    }
    Ok(damage)
}

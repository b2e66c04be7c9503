//! The index. Derived from the segments, written by one thread in large batches, each followed by its checkpoint.
//!
//! Request ids are in files of their own ([`crate::ids`]), all else is in sled. Keys of its single tree:
//!
//! | key | value |
//! |---|---|
//! | `s` stream `\0` | the stream's last places, fewer than a full chunk |
//! | `S` stream `\0` first revision | a full chunk of places |
//! | `c` tenant/category `\0`, `t` type `\0` | last group numbers, fewer than a full chunk |
//! | `C` … `\0` first group, `T` … `\0` first group | a full chunk of group numbers |
//! | `p` process origin | position and digest |
//! | `g` group | offset of its frame |
//! | `m` | checkpoint: head and files of request ids |
//! | `i` | the index's id |
//!
//! Full chunks are not among what is written again and again: what a batch touches then does not grow with the log.

mod checkpoint;
mod requests;

use std::io;
use std::ops::Deref;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::sync::Arc;

use allmende_eventlog::{Digest, Direction, Head, Known, OriginKey, ReadError};
use allmende_kernel::{Position, StreamName};
use parking_lot::Mutex;
use sled::Db;

use crate::ids::{self, Ids, Listed};
use crate::layout::{IDS, INDEX};
use crate::memtable::Memtable;
use crate::places::{Place, decode_numbers, decode_places, encode_numbers, encode_places};

/// Places in a full chunk: what is read and written again for one more event of a stream is bounded by it.
const PLACES_IN_CHUNK: usize = 32;
/// Group numbers in a full chunk.
const NUMBERS_IN_CHUNK: usize = 512;
const CHECKPOINT: &[u8] = b"m";
const ID: &[u8] = b"i";

#[derive(Debug, Clone, Copy)]
pub(crate) enum Posting {
    Category,
    EventType,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    #[error(transparent)]
    Sled(#[from] sled::Error),
    /// A value is not of the form its key asks for.
    #[error("an index entry is not readable")]
    Entry,
    /// A file of request ids could not be written.
    #[error("a file of request ids could not be written")]
    Ids(#[source] io::Error),
    /// A file of request ids is damaged, and so are the segments that it would be made of.
    #[error("a file of request ids could not be made anew")]
    Segments(#[source] ReadError),
}

impl From<IndexError> for sled::Error {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::Sled(error) => error,
            IndexError::Ids(error) => Self::Io(error),
            error => Self::ReportableBug(error.to_string()),
        }
    }
}

pub(crate) struct Index {
    db: GuardedDb,
    id: u64,
    ids: Ids,
    /// As it stands in sled; held while the files of ids change.
    checkpoint: Mutex<Option<Head>>,
}

/// sled syncs its file when it is dropped and panics if that fails, which must not take a thread down that is closing a
/// log: an index that was not synced is not trusted after a loss of power anyway.
struct GuardedDb(Option<Db>);

impl Deref for GuardedDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        self.0.as_ref().unwrap_or_else(|| unreachable!("taken by drop alone"))
    }
}

impl Drop for GuardedDb {
    fn drop(&mut self) {
        let db = self.0.take();
        let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(db)));
    }
}

fn open_sled(path: &Path, cache_bytes: u64) -> Result<GuardedDb, sled::Error> {
    let config = sled::Config::new()
        .path(path)
        .cache_capacity(cache_bytes)
        // Flushed by the indexer: a flush in between only costs.
        .flush_every_ms(None);
    Ok(GuardedDb(Some(config.open()?)))
}

impl Index {
    /// Opens the index below `folder` if it is the one with this id; tells also which files of request ids it lacks.
    /// `None` for another one, or one whose making was cut.
    pub(crate) fn open(folder: &Path, cache_bytes: u64, id: u64) -> Result<Option<(Self, Vec<Listed>)>, IndexError> {
        let db = open_sled(&folder.join(INDEX), cache_bytes)?;
        if db.get(ID)?.is_none_or(|value| *value != id.to_le_bytes()) {
            return Ok(None);
        }
        let checkpoint = db.get(CHECKPOINT)?.map(|value| checkpoint::decode(&value).ok_or(IndexError::Entry));
        let (head, listed) = checkpoint.transpose()?.unzip();
        let (ids, lost) = Ids::open(folder.join(IDS), id, &listed.unwrap_or_default()).map_err(IndexError::Ids)?;
        Ok(Some((Self { db, id, ids, checkpoint: Mutex::new(head) }, lost)))
    }

    /// Makes an empty index below `folder`.
    pub(crate) fn create(folder: &Path, cache_bytes: u64, id: u64) -> Result<Self, IndexError> {
        let db = open_sled(&folder.join(INDEX), cache_bytes)?;
        let (ids, _) = Ids::open(folder.join(IDS), id, &[]).map_err(IndexError::Ids)?;
        db.insert(ID, &id.to_le_bytes())?;
        db.flush()?;
        Ok(Self { db, id, ids, checkpoint: Mutex::new(None) })
    }

    /// Tells this index from any other.
    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn checkpoint(&self) -> Option<Head> {
        *self.checkpoint.lock()
    }

    /// Adds the entries of a memtable, and then its head as the checkpoint.
    ///
    /// One by one: a batch of sled keeps every page that it touches in memory until its end, and readers out. Adding is
    /// repeatable instead: what is there already is passed over, so that after a crash the groups behind the checkpoint
    /// are simply added again. A reader meets a full chunk before it leaves the last one, never after.
    pub(crate) fn apply(&self, table: &Memtable) -> Result<(), IndexError> {
        let Some(head) = table.head else { return Ok(()) };
        // Complete before the checkpoint lists it.
        let added = self.ids.write(table.requests(), table.first_group..=head.group).map_err(IndexError::Ids)?;
        let mut places = Vec::new();
        // Neighbours share pages.
        for (stream, last) in table.sorted_streams() {
            table.places_until(last, &mut places);
            self.extend_places(stream, &places)?;
        }
        for (lists, posting) in [(&table.categories, Posting::Category), (&table.types, Posting::EventType)] {
            for (name, numbers) in lists.iter() {
                self.extend_numbers(posting, name, numbers)?;
            }
        }
        for (key, known) in &table.processes {
            self.db.insert(key.as_bytes(), encode_known(known))?;
        }
        for (group, offset) in &table.marks {
            self.db.insert(mark_key(*group), &offset.to_le_bytes())?;
        }
        let floor = ids::lowest_from(head.window_floor);
        let mut checkpoint = self.checkpoint.lock();
        let kept = self.ids.files().iter().filter(|file| !file.is_below(&floor)).cloned().collect();
        self.list(&mut checkpoint, head, kept, added)
    }

    fn extend_places(&self, stream: &StreamName, added: &[Place]) -> Result<(), IndexError> {
        let key = list_key(b's', stream.as_str());
        let mut places = match self.db.get(&key)? {
            Some(value) => decode_places(&value).ok_or(IndexError::Entry)?,
            None => Vec::new(),
        };
        let known = places.last().map_or(0, Place::last_revision);
        places.extend(added.iter().filter(|place| place.first_revision > known));
        // The last chunk stays at the short key and is never empty, so that the stream's length is one read away.
        let mut rest = places.as_slice();
        loop {
            let (chunk, behind) = rest.split_at(places_in_chunk(rest));
            let mut value = Vec::with_capacity(chunk.len() * 8);
            encode_places(chunk, &mut value);
            if behind.is_empty() {
                self.db.insert(&key, value)?;
                return Ok(());
            }
            self.db.insert(chunk_key(&key, chunk[0].first_revision), value)?;
            rest = behind;
        }
    }

    fn extend_numbers(&self, posting: Posting, name: &str, added: &[u64]) -> Result<(), IndexError> {
        let key = list_key(posting.prefix(), name);
        let mut numbers = match self.db.get(&key)? {
            Some(value) => decode_numbers(&value).ok_or(IndexError::Entry)?,
            None => Vec::new(),
        };
        let known = numbers.last().copied().unwrap_or(0);
        numbers.extend(added.iter().filter(|number| **number > known));
        let mut rest = numbers.as_slice();
        while rest.len() > NUMBERS_IN_CHUNK {
            let (chunk, behind) = rest.split_at(NUMBERS_IN_CHUNK);
            self.db.insert(chunk_key(&key, chunk[0]), encoded_numbers(chunk))?;
            rest = behind;
        }
        self.db.insert(&key, encoded_numbers(rest))?;
        Ok(())
    }

    /// The stream's length.
    pub(crate) fn revision(&self, stream: &StreamName) -> Result<u64, IndexError> {
        let Some(value) = self.db.get(list_key(b's', stream.as_str()))? else { return Ok(0) };
        let places = decode_places(&value).ok_or(IndexError::Entry)?;
        places.last().map(Place::last_revision).ok_or(IndexError::Entry)
    }

    /// Places of the stream's events from revision `from` on in the given direction, until they hold `max` events.
    pub(crate) fn places(
        &self,
        stream: &StreamName,
        from: u64,
        direction: Direction,
        max: usize,
    ) -> Result<Vec<Place>, IndexError> {
        let key = list_key(b's', stream.as_str());
        let last = match self.db.get(&key)? {
            Some(value) => decode_places(&value).ok_or(IndexError::Entry)?,
            None => return Ok(Vec::new()),
        };
        let last_begins = last.first().map_or(u64::MAX, |place| place.first_revision);
        let mut found = Found { places: Vec::new(), events: 0, max, from, direction };
        match direction {
            Direction::Forward => {
                if from < last_begins {
                    let begin = self.chunk_holding(&key, from)?;
                    for chunk in self.db.range(begin..chunk_key(&key, u64::MAX)) {
                        if found.take(decode_places(&chunk?.1).ok_or(IndexError::Entry)?) {
                            return Ok(found.places);
                        }
                    }
                }
                found.take(last);
            }
            Direction::Backward => {
                if !found.take(last) {
                    let end = chunk_key(&key, from.saturating_add(1));
                    for chunk in self.db.range(chunk_key(&key, 0)..end).rev() {
                        if found.take(decode_places(&chunk?.1).ok_or(IndexError::Entry)?) {
                            break;
                        }
                    }
                }
            }
        }
        Ok(found.places)
    }

    /// Key of the full chunk that holds `revision`, or of the first one.
    fn chunk_holding(&self, key: &[u8], revision: u64) -> Result<Vec<u8>, IndexError> {
        let before = self.db.range(chunk_key(key, 0)..=chunk_key(key, revision)).next_back();
        Ok(before.transpose()?.map_or_else(|| chunk_key(key, 0), |(key, _)| key.to_vec()))
    }

    /// Numbers of at most `max` groups after `after`.
    pub(crate) fn numbers(&self, posting: Posting, name: &str, after: u64, max: usize) -> Result<Vec<u64>, IndexError> {
        let key = list_key(posting.prefix(), name);
        let decode = |value: &[u8]| decode_numbers(value).ok_or(IndexError::Entry);
        // First of all: what the indexer moves from here to chunks is then met there, not missed.
        let last = self.db.get(&key)?.map_or(Ok(Vec::new()), |value| decode(&value))?;
        let mut found = Vec::new();
        let begin = self.chunk_holding(&key, after)?;
        for chunk in self.db.range(begin..chunk_key(&key, u64::MAX)) {
            found.extend(decode(&chunk?.1)?.into_iter().filter(|number| *number > after));
            if found.len() >= max {
                break;
            }
        }
        let known = found.last().copied().unwrap_or(after);
        found.extend(last.into_iter().filter(|number| *number > known));
        found.truncate(max);
        Ok(found)
    }

    /// Every name that has groups.
    pub(crate) fn names(&self, posting: Posting) -> Result<Vec<String>, IndexError> {
        let name = |key: &[u8]| {
            let name = key.get(1..)?.strip_suffix(&[0])?;
            String::from_utf8(name.to_vec()).ok()
        };
        let lists = self.db.scan_prefix([posting.prefix()]);
        lists.map(|list| name(&list?.0).ok_or(IndexError::Entry)).collect()
    }

    /// What a process manager caused before.
    fn known_process(&self, origin: &OriginKey) -> Result<Option<Known>, IndexError> {
        self.db.get(origin.as_bytes())?.map(|value| decode_known(&value).ok_or(IndexError::Entry)).transpose()
    }

    /// The marked group at or before `group`, and its offset.
    pub(crate) fn mark_before(&self, group: u64) -> Result<Option<(u64, u32)>, IndexError> {
        let Some((key, value)) = self.db.range(mark_key(0)..=mark_key(group)).next_back().transpose()? else {
            return Ok(None);
        };
        let group = key.get(1..).and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
        let offset = value.as_ref().try_into().ok().map(u32::from_le_bytes);
        group.zip(offset).map(Some).ok_or(IndexError::Entry)
    }
}

/// How many places the first chunk takes: a full one, or up to a gap that damage has left, as revisions in a chunk are
/// not written but counted.
fn places_in_chunk(places: &[Place]) -> usize {
    let gap = places.windows(2).position(|pair| pair[1].first_revision != pair[0].last_revision() + 1);
    gap.map_or(places.len(), |index| index + 1).min(PLACES_IN_CHUNK)
}

struct Found {
    places: Vec<Place>,
    events: usize,
    max: usize,
    from: u64,
    direction: Direction,
}

impl Found {
    /// Takes what belongs to the answer; tells whether it is complete.
    fn take(&mut self, chunk: Vec<Place>) -> bool {
        let mut chunk = chunk;
        if self.direction == Direction::Backward {
            chunk.reverse();
        }
        for place in chunk {
            let (first, last) = (place.first_revision, place.last_revision());
            // The indexer may have moved places to a chunk of their own since the last chunk was read.
            let met = self.places.last().is_some_and(|before| match self.direction {
                Direction::Forward => first <= before.last_revision(),
                Direction::Backward => last >= before.first_revision,
            });
            if met {
                continue;
            }
            let events = match self.direction {
                Direction::Forward if last >= self.from => last - first.max(self.from) + 1,
                Direction::Backward if first <= self.from => last.min(self.from) - first + 1,
                _ => continue,
            };
            self.places.push(place);
            self.events += events as usize;
            if self.events >= self.max {
                return true;
            }
        }
        false
    }
}

impl Posting {
    fn prefix(self) -> u8 {
        match self {
            Self::Category => b'c',
            Self::EventType => b't',
        }
    }
}

fn list_key(prefix: u8, name: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(name.len() + 2);
    key.push(prefix);
    key.extend_from_slice(name.as_bytes());
    // Names hold no zero byte, so no list's keys lie among another's.
    key.push(0);
    key
}

fn chunk_key(list: &[u8], first: u64) -> Vec<u8> {
    let mut key = [list, &first.to_be_bytes()].concat();
    key[0].make_ascii_uppercase();
    key
}

fn encoded_numbers(numbers: &[u64]) -> Vec<u8> {
    let mut value = Vec::with_capacity(numbers.len() * 2);
    encode_numbers(numbers, &mut value);
    value
}

fn mark_key(group: u64) -> [u8; 9] {
    let mut key = [b'g'; 9];
    key[1..].copy_from_slice(&group.to_be_bytes());
    key
}

fn encode_known(known: &Known) -> Vec<u8> {
    let mut value = Vec::with_capacity(28);
    value.extend_from_slice(&known.position.group.to_le_bytes());
    value.extend_from_slice(&known.position.index.to_le_bytes());
    value.extend_from_slice(&known.digest);
    value
}

fn decode_known(value: &[u8]) -> Option<Known> {
    let group = u64::from_le_bytes(*value.first_chunk()?);
    let index = u32::from_le_bytes(*value.get(8..)?.first_chunk()?);
    let digest: Digest = *value.get(12..)?.first_chunk()?;
    Some(Known { position: Position::new(group, index), digest })
}

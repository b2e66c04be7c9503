//! All segments of a partition: finds groups, reads them, names what is damaged.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::num::NonZeroUsize;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::Arc;

use allmende_eventlog::{Hash, ReadError, RecordedGroup};
use allmende_kernel::PartitionName;
use lru::LruCache;
use parking_lot::{Mutex, RwLock};

use crate::Damage;
use crate::damage::DamageMap;
use crate::frame::{self, Header, Kind};
use crate::layout;
use crate::segment::FIRST_FRAME;

/// Files kept open for reading.
const OPEN_FILES: NonZeroUsize = NonZeroUsize::new(128).unwrap();
/// Positions kept for readers that come back for what follows.
const HINTS: NonZeroUsize = NonZeroUsize::new(256).unwrap();
/// What a cold read takes at first: enough for most groups.
const FIRST_READ: usize = 16 << 10;
/// What a long read takes at once.
const LONG_READ: usize = 1 << 20;

/// Where a group's frame begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
}

pub(crate) struct Segments {
    partition: PartitionName,
    folder: PathBuf,
    /// First group of each segment; the last one is being written.
    firsts: RwLock<BTreeMap<u64, ()>>,
    files: Mutex<LruCache<u64, Arc<File>>>,
    hints: Mutex<LruCache<u64, Address>>,
    damage: Mutex<DamageMap>,
    on_damage: Option<Arc<dyn Fn(Damage) + Send + Sync>>,
}

/// What stands at an address.
enum Found {
    Group {
        header: Header,
        payload: Vec<u8>,
    },
    /// A seal, zeros, the end of the file, or something damaged.
    Nothing,
}

impl Segments {
    pub(crate) fn new(
        partition: PartitionName,
        folder: PathBuf,
        firsts: &[u64],
        on_damage: Option<Arc<dyn Fn(Damage) + Send + Sync>>,
    ) -> Self {
        Self {
            partition,
            folder,
            firsts: RwLock::new(firsts.iter().map(|first| (*first, ())).collect()),
            files: Mutex::new(LruCache::new(OPEN_FILES)),
            hints: Mutex::new(LruCache::new(HINTS)),
            damage: Mutex::default(),
            on_damage,
        }
    }

    pub(crate) fn folder(&self) -> &PathBuf {
        &self.folder
    }

    pub(crate) fn add(&self, first: u64) {
        self.firsts.write().insert(first, ());
    }

    pub(crate) fn damage(&self) -> Vec<Damage> {
        self.damage.lock().all()
    }

    pub(crate) fn report(&self, damage: Damage) {
        let new = {
            let mut map = self.damage.lock();
            let new = map.containing(damage.last).is_none();
            map.add(damage);
            new
        };
        if new && let Some(told) = &self.on_damage {
            told(damage);
        }
    }

    /// The segment that holds `group`, and the first group of the one after it.
    pub(crate) fn segment_of(&self, group: u64) -> Option<(u64, Option<u64>)> {
        let firsts = self.firsts.read();
        let (segment, ()) = firsts.range(..=group).next_back()?;
        let next = firsts.range(segment + 1..).next().map(|(first, ())| *first);
        Some((*segment, next))
    }

    fn file(&self, segment: u64, head: u64) -> Result<Arc<File>, ReadError> {
        if let Some(file) = self.files.lock().get(&segment) {
            return Ok(Arc::clone(file));
        }
        let file = match File::open(layout::segment_path(&self.folder, segment)) {
            Ok(file) => Arc::new(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let next = self.segment_of(segment).and_then(|(_, next)| next);
                return Err(self.missing(segment, next.map_or(head, |next| next - 1)));
            }
            Err(error) => return Err(io_error(&error)),
        };
        self.files.lock().put(segment, Arc::clone(&file));
        Ok(file)
    }

    /// The file that held these groups is gone.
    fn missing(&self, first: u64, last: u64) -> ReadError {
        let damage = Damage { first, last: last.max(first) };
        self.report(damage);
        self.error(damage)
    }

    /// Where the frame of group `number` begins, of which the index knows the offset.
    pub(crate) fn address(&self, number: u64, offset: u32) -> Result<Address, ReadError> {
        Ok(Address { segment: self.segment_holding(number)?, offset: offset.into() })
    }

    fn segment_holding(&self, number: u64) -> Result<u64, ReadError> {
        match self.segment_of(number) {
            Some((segment, _)) => Ok(segment),
            None => {
                let begins = self.firsts.read().keys().next().copied();
                Err(begins.map_or(ReadError::Beyond(number), |begins| self.missing(1, begins - 1)))
            }
        }
    }

    /// Reads the group whose frame begins at `address`, which the index gave: one read for most.
    pub(crate) fn read_at(&self, number: u64, address: Address, head: u64) -> Result<Arc<RecordedGroup>, ReadError> {
        let payload = self.read_payload(number, address, head)?;
        RecordedGroup::decode(&payload).map(Arc::new).map_err(|_| self.damaged(number, address, head))
    }

    /// The stored form of the group whose frame begins at `address`.
    pub(crate) fn read_payload(&self, number: u64, address: Address, head: u64) -> Result<Vec<u8>, ReadError> {
        let file = self.file(address.segment, head)?;
        match read_frame(&file, address.offset).map_err(|error| io_error(&error))? {
            Found::Group { header, payload } if header.number == number => Ok(payload),
            _ => Err(self.damaged(number, address, head)),
        }
    }

    /// Where group `number` begins, walking from the nearest known frame before it.
    pub(crate) fn find(&self, number: u64, mark: Option<(u64, u32)>, head: u64) -> Result<Address, ReadError> {
        let segment = self.segment_holding(number)?;
        // The group may have come to begin a new segment after the hint was left.
        if let Some(address) = self.hints.lock().get(&number).filter(|address| address.segment == segment) {
            return Ok(*address);
        }
        let (mut at, mut offset) = match mark {
            // A segment's first group needs no mark, and may have got one that goes on behind the segment before.
            Some((group, offset)) if group > segment && group <= number => (group, u64::from(offset)),
            _ => (segment, FIRST_FRAME),
        };
        let file = self.file(segment, head)?;
        let mut bytes = [0; frame::HEADER];
        while at < number {
            let header = match file.read_exact_at(&mut bytes, offset) {
                Ok(()) => Header::parse(&bytes),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => None,
                Err(error) => return Err(io_error(&error)),
            };
            match header {
                Some(header) if header.kind == Kind::Group && header.number == at => {
                    offset += header.frame_len() as u64;
                    at += 1;
                }
                // The way is blocked by a damaged header: look for the group itself behind it.
                _ => return self.find_behind(number, at, Address { segment, offset }, head),
            }
        }
        Ok(Address { segment, offset })
    }

    fn find_behind(&self, number: u64, at: u64, address: Address, head: u64) -> Result<Address, ReadError> {
        let damage = self.measure(at, address, head)?;
        self.report(damage);
        if damage.last >= number {
            return Err(self.error(damage));
        }
        let next = self.next_intact(address, at, head)?;
        match next {
            Some((offset, _)) => self.find(number, Some((damage.last + 1, offset as u32)), head),
            None => Err(self.error(damage)),
        }
    }

    /// Groups from `number` on whose bodies add up to `max_bytes`, at least one, each with its frame's length. They
    /// stand in one segment.
    pub(crate) fn read_run(
        &self,
        number: u64,
        start: Address,
        head: u64,
        max_bytes: usize,
    ) -> Result<Vec<(Arc<RecordedGroup>, usize)>, ReadError> {
        let mut run = Run { groups: Vec::new(), bytes: 0, max_bytes, last_hash: None };
        let (mut number, mut address) = (number, start);
        let next_segment = self.segment_of(number).and_then(|(_, next)| next);
        let file = self.file(address.segment, head)?;
        let mut chunk = Vec::new();
        // Grows with what there is: the reader at the end of a live log wants one group.
        let mut want = FIRST_READ;
        'pages: while number <= head && next_segment.is_none_or(|next| number < next) && !run.is_full() {
            read_some(&file, address.offset, want, &mut chunk).map_err(|error| io_error(&error))?;
            let mut at = 0;
            loop {
                let header = Header::parse(&chunk[at..]);
                let Some(header) = header.filter(|h| h.kind == Kind::Group && h.number == number) else {
                    if at > 0 && chunk.len() - at < frame::HEADER {
                        break;
                    }
                    return run.or_error(|| self.damaged(number, address, head));
                };
                if chunk.len() - at < frame::HEADER + header.len {
                    if at == 0 && chunk.len() < want {
                        return run.or_error(|| self.damaged(number, address, head));
                    }
                    want = want.max(header.frame_len());
                    break;
                }
                let payload = &chunk[at + frame::HEADER..at + frame::HEADER + header.len];
                let group = if header.fits(payload) { RecordedGroup::decode(payload).ok() } else { None };
                let Some(group) = group.filter(|group| run.continues(group)) else {
                    return run.or_error(|| self.damaged(number, address, head));
                };
                if !run.has_room(&group) {
                    break 'pages;
                }
                run.push(group, header.frame_len());
                at += header.frame_len();
                address.offset += header.frame_len() as u64;
                number += 1;
                if number > head || next_segment == Some(number) || run.is_full() {
                    break;
                }
                if at >= chunk.len() {
                    break;
                }
            }
            want = (4 * want).min(LONG_READ).max(want);
        }
        // The next reader of this run goes on here.
        if next_segment != Some(number) {
            self.hints.lock().put(number, address);
        }
        Ok(run.groups)
    }

    fn damaged(&self, number: u64, address: Address, head: u64) -> ReadError {
        let known = self.damage.lock().containing(number);
        match known.map_or_else(|| self.measure(number, address, head), Ok) {
            Ok(damage) => {
                self.report(damage);
                self.error(damage)
            }
            Err(error) => error,
        }
    }

    fn error(&self, damage: Damage) -> ReadError {
        ReadError::Damaged { partition: self.partition.clone(), first: damage.first, last: damage.last }
    }

    /// How far the damage that begins with group `number` at `address` reaches.
    fn measure(&self, number: u64, address: Address, head: u64) -> Result<Damage, ReadError> {
        let last = match self.next_intact(address, number, head)? {
            Some((_, found)) => found - 1,
            None => self.segment_of(number).and_then(|(_, next)| next).map_or(head, |next| next - 1),
        };
        Ok(Damage { first: number, last: last.max(number) })
    }

    /// Offset and number of the next intact group behind `address`.
    fn next_intact(&self, address: Address, above: u64, head: u64) -> Result<Option<(u64, u64)>, ReadError> {
        let file = self.file(address.segment, head)?;
        let mut bytes = Vec::new();
        let len = file.metadata().map_err(|error| io_error(&error))?.len();
        read_some(&file, address.offset, len.saturating_sub(address.offset) as usize, &mut bytes)
            .map_err(|error| io_error(&error))?;
        let found = frame::find_next(&bytes, 0, above);
        Ok(found.map(|(at, header)| (address.offset + at as u64, header.number)))
    }
}

struct Run {
    groups: Vec<(Arc<RecordedGroup>, usize)>,
    bytes: usize,
    max_bytes: usize,
    last_hash: Option<Hash>,
}

impl Run {
    fn is_full(&self) -> bool {
        !self.groups.is_empty() && self.bytes >= self.max_bytes
    }

    fn has_room(&self, group: &RecordedGroup) -> bool {
        self.groups.is_empty() || self.bytes + group.body_length() <= self.max_bytes
    }

    fn continues(&self, group: &RecordedGroup) -> bool {
        self.last_hash.is_none_or(|hash| hash == group.header().previous_hash)
    }

    fn push(&mut self, group: RecordedGroup, frame_len: usize) {
        self.bytes += group.body_length();
        self.last_hash = Some(group.header().hash);
        self.groups.push((Arc::new(group), frame_len));
    }

    /// What was read before the damage is served first; the next read meets the damage at its start.
    fn or_error(self, error: impl FnOnce() -> ReadError) -> Result<Vec<(Arc<RecordedGroup>, usize)>, ReadError> {
        if self.groups.is_empty() { Err(error()) } else { Ok(self.groups) }
    }
}

/// Reads up to `len` bytes at `offset`; fewer at the end of the file.
pub(crate) fn read_some(file: &File, offset: u64, len: usize, out: &mut Vec<u8>) -> io::Result<()> {
    out.resize(len, 0);
    let mut filled = 0;
    while filled < len {
        match file.read_at(&mut out[filled..], offset + filled as u64) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    out.truncate(filled);
    Ok(())
}

fn read_frame(file: &File, offset: u64) -> io::Result<Found> {
    let mut bytes = Vec::new();
    read_some(file, offset, FIRST_READ, &mut bytes)?;
    let Some(header) = Header::parse(&bytes).filter(|header| header.kind == Kind::Group) else {
        return Ok(Found::Nothing);
    };
    if bytes.len() < frame::HEADER + header.len {
        read_some(file, offset, frame::HEADER + header.len, &mut bytes)?;
    }
    bytes.truncate(frame::HEADER + header.len);
    let payload = bytes.split_off(frame::HEADER.min(bytes.len()));
    Ok(if header.fits(&payload) { Found::Group { header, payload } } else { Found::Nothing })
}

fn io_error(error: &io::Error) -> ReadError {
    ReadError::Io { what: "a segment", kind: error.kind() }
}

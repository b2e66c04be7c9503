use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use allmende_kernel::{PartitionName, Position, Revision, Timestamp};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::commit::{self, CommitSpan, CommitView, EventView, WriteView};
use crate::wire::{self, Field, Malformed, Reader, Span};

/// A SHA-256 hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The hash before a partition's first group: what binds its chain to its name.
pub fn genesis_hash(partition: &PartitionName) -> Hash {
    let hash = Sha256::new_with_prefix("allmende.log.v1 genesis").chain_update(partition.as_str());
    Hash(hash.finalize().into())
}

/// RFC 6962, section 2.1: a leaf's hash has a prefix of its own, so that no leaf can pass for an inner node.
pub(crate) fn leaf_hash(canonical: &[u8]) -> [u8; 32] {
    Sha256::new_with_prefix([0u8]).chain_update(canonical).finalize().into()
}

const COMPRESSION_NONE: u64 = 1;
const COMPRESSION_ZSTD: u64 = 2;
/// Field of a message that stands for a body.
pub(crate) const BODY_HASH: u8 = 13;
/// The latest version of the envelope that is known here.
const FORMAT: u64 = 0;

/// The most a group's body may hold, so that a damaged length never asks for all memory.
pub(crate) const MAX_BODY: usize = 64 << 20;

/// What a group says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupHeader {
    /// From 1, without gaps.
    pub number: u64,
    /// Term of leadership.
    pub epoch: u64,
    /// The leader's clock; never goes back.
    pub leader_time: Timestamp,
    /// Request ids minted before are refused.
    pub window_floor: Timestamp,
    /// Hash of the group before.
    pub previous_hash: Hash,
    /// Its own.
    pub hash: Hash,
    /// How many commits.
    pub commit_count: u32,
    /// The term that begins with it: it is a barrier.
    pub term: Option<TermId>,
    /// It stands for a message of the stream that is no valid group: it has a number and means nothing. Epoch, times and
    /// both hashes are those of the group before, as it is not part of the chain.
    pub is_void: bool,
}

/// By which a leader tells its own barrier from another's: random, one for each term.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct TermId(pub [u8; 16]);

impl GroupHeader {
    /// The hash over everything else and the leaves (32 bytes each, in order). The term's 16 bytes behind the leaves
    /// cannot be taken for one, as the number of leaves is hashed before.
    pub(crate) fn chain_hash(&self, leaves: &[u8]) -> Hash {
        let mut hash = Sha256::new_with_prefix([2u8]);
        hash.update(self.number.to_be_bytes());
        hash.update(self.epoch.to_be_bytes());
        hash.update(self.leader_time.as_micros().to_be_bytes());
        hash.update(self.window_floor.as_micros().to_be_bytes());
        hash.update(self.previous_hash.0);
        hash.update(self.commit_count.to_be_bytes());
        hash.update(leaves);
        if let Some(TermId(term)) = self.term {
            hash.update(term);
        }
        Hash(hash.finalize().into())
    }
}

/// Appends a group's stored form to `out`. `body_length` is that of the body before compression.
pub(crate) fn encode(header: &GroupHeader, compressed: bool, body_length: usize, body: &[u8], out: &mut Vec<u8>) {
    out.reserve(body.len() + 128);
    wire::put_uint(out, 1, header.number);
    wire::put_uint(out, 2, header.epoch);
    wire::put_sfixed64(out, 3, header.leader_time.as_micros());
    wire::put_sfixed64(out, 4, header.window_floor.as_micros());
    wire::put_bytes(out, 5, &header.previous_hash.0);
    wire::put_bytes(out, 6, &header.hash.0);
    wire::put_uint(out, 7, header.commit_count.into());
    wire::put_uint(out, 8, body_length as u64);
    wire::put_uint(out, 9, if compressed { COMPRESSION_ZSTD } else { COMPRESSION_NONE });
    wire::put_bytes(out, 10, body);
    if let Some(TermId(term)) = header.term {
        wire::put_bytes(out, 11, &term);
    }
}

/// Bytes that are not a group, or not the group they say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// Not of the envelope's form.
    #[error("not a commit group")]
    Malformed,
    /// Compressed in a way that is not known here.
    #[error("unknown compression")]
    Compression,
    /// Written by a later version of the envelope.
    #[error("unknown format {0}")]
    Format(u64),
    /// The content has another hash.
    #[error("content and hash differ")]
    Hash,
}

impl GroupError {
    /// Whether it may be a group all the same, for a later version than this.
    pub fn is_of_a_later_version(self) -> bool {
        matches!(self, Self::Compression | Self::Format(_))
    }
}

impl From<Malformed> for GroupError {
    fn from(_: Malformed) -> Self {
        Self::Malformed
    }
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct WriteSpan {
    pub(crate) stream: Span,
    pub(crate) first_revision: u64,
    pub(crate) first_event: u32,
    pub(crate) events: u32,
}

#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct EventSpan {
    pub(crate) event_type: Span,
    pub(crate) payload: Span,
}

/// A stored group: one buffer, and where its commits, writes and events lie in it.
#[derive(Debug)]
pub struct RecordedGroup {
    pub(crate) header: GroupHeader,
    /// Of a void group: the message that it stands for.
    pub(crate) body: Bytes,
    pub(crate) commits: Vec<CommitSpan>,
    pub(crate) writes: Vec<WriteSpan>,
    pub(crate) events: Vec<EventSpan>,
}

impl RecordedGroup {
    /// Reads a group's stored form. The caller has checked its checksum; [`verify`](Self::verify) checks the hash too.
    pub fn decode(bytes: &[u8]) -> Result<Self, GroupError> {
        let Decoded { header, format, compression, body_length, body, void_message, .. } = decode_header(bytes)?;
        if format > FORMAT {
            return Err(GroupError::Format(format));
        }
        if let Some(message) = void_message {
            return Self::void(header, Bytes::copy_from_slice(message.of(bytes)));
        }
        let body = match compression {
            COMPRESSION_NONE => Bytes::copy_from_slice(body.of(bytes)),
            COMPRESSION_ZSTD => decompress(body.of(bytes), body_length)?.into(),
            _ => return Err(GroupError::Compression),
        };
        if body.len() != body_length {
            return Err(GroupError::Malformed);
        }
        Self::parse(header, body)
    }

    /// Reads the header alone. Of a later version's group, number, epoch and the hash before are what they say.
    pub fn decode_header(bytes: &[u8]) -> Result<GroupHeader, GroupError> {
        decode_header(bytes).map(|decoded| decoded.header)
    }

    fn void(header: GroupHeader, message: Bytes) -> Result<Self, GroupError> {
        if header.commit_count > 0 || header.term.is_some() {
            return Err(GroupError::Malformed);
        }
        Ok(Self { header, body: message, commits: Vec::new(), writes: Vec::new(), events: Vec::new() })
    }

    pub(crate) fn parse(header: GroupHeader, body: Bytes) -> Result<Self, GroupError> {
        // A commit takes at least two bytes, which bounds what a wrong count can ask for.
        let expected = (header.commit_count as usize).min(body.len() / 2);
        let mut commits = Vec::with_capacity(expected);
        let mut writes = Vec::with_capacity(expected);
        let mut events = Vec::with_capacity(expected);
        let mut reader = Reader::whole(&body)?;
        while !reader.is_empty() {
            let span = reader.span()?;
            commits.push(commit::parse(&body, span, &mut writes, &mut events)?);
        }
        if commits.len() != header.commit_count as usize {
            return Err(GroupError::Malformed);
        }
        Ok(Self { header, body, commits, writes, events })
    }

    /// What the group says of itself.
    pub fn header(&self) -> &GroupHeader {
        &self.header
    }

    /// The message that a void group stands for.
    pub fn void_message(&self) -> Option<&Bytes> {
        self.header.is_void.then_some(&self.body)
    }

    /// Recomputes every leaf and the group's hash. A void group has none of its own, and must not change the chain's.
    pub fn verify(&self) -> Result<(), GroupError> {
        if self.header.is_void {
            return if self.header.hash == self.header.previous_hash { Ok(()) } else { Err(GroupError::Hash) };
        }
        let mut leaves = Vec::with_capacity(self.commits.len() * 32);
        self.commits().for_each(|commit| leaves.extend_from_slice(&leaf_hash(commit.canonical_bytes())));
        if self.header.chain_hash(&leaves) == self.header.hash { Ok(()) } else { Err(GroupError::Hash) }
    }

    /// Its commits in order.
    pub fn commits(&self) -> impl ExactSizeIterator<Item = CommitView<'_>> {
        (0..self.commits.len() as u32).map(|index| CommitView { group: self, index })
    }

    /// The commit at `index`.
    pub fn commit(&self, index: u32) -> Option<CommitView<'_>> {
        ((index as usize) < self.commits.len()).then_some(CommitView { group: self, index })
    }

    /// All its events in order.
    pub fn events(&self) -> impl Iterator<Item = EventView<'_>> {
        self.commits().flat_map(|commit| commit.events())
    }

    /// How many events it holds.
    pub fn event_count(&self) -> usize {
        self.events.len()
    }

    /// Length of its commits before compression, in bytes; of the message, if it is void.
    pub fn body_length(&self) -> usize {
        self.body.len()
    }
}

/// A context takes as long to make as a small group to decompress, so that every thread keeps one.
fn decompress(compressed: &[u8], length: usize) -> Result<Vec<u8>, GroupError> {
    thread_local! {
        static CONTEXT: RefCell<Option<zstd::bulk::Decompressor<'static>>> = const { RefCell::new(None) };
    }
    CONTEXT.with_borrow_mut(|context| {
        let context = match context {
            Some(context) => context,
            None => context.insert(zstd::bulk::Decompressor::new().map_err(|_| GroupError::Compression)?),
        };
        context.decompress(compressed, length).map_err(|_| GroupError::Malformed)
    })
}

/// The fields of a stored group; its body as it lies there.
struct Decoded {
    header: GroupHeader,
    format: u64,
    compression: u64,
    body_length: usize,
    body: Span,
    void_message: Option<Span>,
    body_hash: Option<Span>,
}

fn decode_header(bytes: &[u8]) -> Result<Decoded, GroupError> {
    let header = GroupHeader {
        number: 0,
        epoch: 0,
        leader_time: Timestamp::default(),
        window_floor: Timestamp::default(),
        previous_hash: Hash::default(),
        hash: Hash::default(),
        commit_count: 0,
        term: None,
        is_void: false,
    };
    let (body, void_message, body_hash) = (Span::default(), None, None);
    let mut decoded = Decoded { header, format: 0, compression: 0, body_length: 0, body, void_message, body_hash };
    // What a later version has made of a field is not for this one to refuse.
    let mut is_regular = true;
    let mut reader = Reader::whole(bytes)?;
    while let Some((number, field)) = reader.field()? {
        let header = &mut decoded.header;
        match (number, field) {
            (1, Field::Uint(value)) => header.number = value,
            (2, Field::Uint(value)) => header.epoch = value,
            (3, Field::Fixed64(micros)) => header.leader_time = Timestamp::from_micros(micros),
            (4, Field::Fixed64(micros)) => header.window_floor = Timestamp::from_micros(micros),
            (5, Field::Span(span)) => is_regular &= set(&mut header.previous_hash.0, span.of(bytes)),
            (6, Field::Span(span)) => is_regular &= set(&mut header.hash.0, span.of(bytes)),
            (7, Field::Uint(value)) => match u32::try_from(value) {
                Ok(count) => header.commit_count = count,
                Err(_) => is_regular = false,
            },
            (8, Field::Uint(value)) => decoded.body_length = value as usize,
            (9, Field::Uint(value)) => decoded.compression = value,
            (10, Field::Span(span)) => decoded.body = span,
            (11, Field::Span(span)) => {
                is_regular &= set(&mut header.term.insert(TermId::default()).0, span.of(bytes));
            }
            (12, Field::Span(span)) => (header.is_void, decoded.void_message) = (true, Some(span)),
            (13, Field::Span(span)) => decoded.body_hash = Some(span),
            (14, Field::Uint(value)) => decoded.format = value,
            _ => {}
        }
    }
    is_regular &= decoded.body_length <= MAX_BODY;
    let is_later = decoded.format > FORMAT;
    if decoded.header.number == 0 || !(is_regular || is_later) {
        return Err(GroupError::Malformed);
    }
    Ok(decoded)
}

/// False if it has another length.
fn set<const LEN: usize>(value: &mut [u8; LEN], bytes: &[u8]) -> bool {
    bytes.try_into().map(|bytes: [u8; LEN]| *value = bytes).is_ok()
}

/// Where the body lies in a group's stored form; `None` if there is none.
pub(crate) fn body_span(stored: &[u8]) -> Option<Span> {
    let span = decode_header(stored).ok()?.body;
    (span.len > 0).then_some(span)
}

/// The hash of a body that lies elsewhere, of a message that ends with it in place of the body.
pub(crate) fn missing_body(message: &[u8]) -> Option<Hash> {
    let Decoded { body_length, body, body_hash, .. } = decode_header(message).ok()?;
    let span = body_hash.filter(|span| span.range().end == message.len() && body.len == 0 && body_length > 0)?;
    // As it is written: key and length are a byte each.
    let is_written = message[..span.start as usize].ends_with(&[BODY_HASH << 3 | wire::LENGTH_DELIMITED, 32]);
    if is_written { span.of(message).try_into().map(Hash).ok() } else { None }
}

/// One event of a stream, holding on to its group.
#[derive(Clone)]
pub struct RecordedEvent {
    group: Arc<RecordedGroup>,
    commit: u32,
    write: u32,
    offset: u32,
}

impl RecordedEvent {
    /// The event of `stream` at `revision` in the commit at `index`, if it is there.
    pub fn find(group: &Arc<RecordedGroup>, index: u32, stream: &str, revision: Revision) -> Option<Self> {
        let write = group.commit(index)?.writes().find(|write| write.stream() == stream)?;
        let offset = revision.0.checked_sub(write.first_revision().0)?;
        (offset < write.len() as u64).then(|| Self {
            group: Arc::clone(group),
            commit: index,
            write: write.write,
            offset: offset as u32,
        })
    }

    /// The event itself.
    pub fn view(&self) -> EventView<'_> {
        let write = WriteView { group: &self.group, commit: self.commit, write: self.write };
        EventView { write, offset: self.offset }
    }

    /// Its revision in the stream.
    pub fn revision(&self) -> Revision {
        self.view().revision()
    }

    /// Its commit's position.
    pub fn position(&self) -> Position {
        self.view().position()
    }
}

impl fmt::Debug for RecordedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let view = self.view();
        write!(f, "{} {}@{} at {}", view.event_type(), view.stream(), view.revision(), view.position())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_bytes_are_refused_and_never_panic() {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        for len in 0..2_000usize {
            let bytes: Vec<u8> = (0..len % 97)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    (state >> 33) as u8
                })
                .collect();
            let _ = RecordedGroup::decode(&bytes);
        }
    }
}

use std::collections::VecDeque;
use std::sync::Arc;

use allmende_kernel::{Duration, ExpectedRevision, Position, Revision, StreamName, Timestamp};
use hashbrown::HashMap;
use tokio::sync::watch;

use crate::append::{AppendError, Appended, Digest, GroupState, NewCommit, Origin, OriginKey, StopReason, Submitted};
use crate::commit;
use crate::group::{self, GroupHeader, Hash};
use crate::reading::{Head, ReadError};
use crate::wire;

/// How long request ids are remembered, and how far a client's clock may be ahead.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Ids older than this are refused.
    pub remembered: Duration,
    /// Ids further ahead than this are refused.
    pub ahead: Duration,
}

impl Default for Window {
    fn default() -> Self {
        Self { remembered: Duration::from_secs(24 * 3600), ahead: Duration::from_secs(120) }
    }
}

/// A request or reaction that a log remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Where its commit stands.
    pub position: Position,
    /// Digest of the request; all zero for a process manager's.
    pub digest: Digest,
}

/// What admission asks of the durable part of a log.
pub trait Lookup {
    /// Length of a stream.
    fn revision(&self, stream: &StreamName) -> Result<Revision, ReadError>;
    /// Where an origin's commit stands.
    fn known(&self, origin: &OriginKey) -> Result<Option<Known>, ReadError>;
}

/// What an index needs to know of one write.
#[derive(Debug, Clone)]
pub struct StreamEntry {
    /// The stream.
    pub stream: StreamName,
    /// Index of the commit in its group.
    pub commit: u32,
    /// Revision of the first event.
    pub first_revision: Revision,
    /// Types of the events, one each event.
    pub event_types: Vec<&'static str>,
}

/// Bodies are compressed in pieces of this size, by the callers, so that the writer finds them done.
const PIECE: usize = 16 << 10;
/// A body shorter than this is stored as it is.
const WORTH_COMPRESSING: usize = 512;
/// zstd's fastest ordinary level: the log is written under a lock.
const LEVEL: i32 = 1;

/// Commits that were admitted together and wait to be written.
pub struct OpenGroup {
    number: u64,
    commits: u32,
    leader_time: Timestamp,
    /// Uncompressed bytes of the piece being filled.
    piece: Vec<u8>,
    compressed: Vec<u8>,
    body_length: usize,
    leaves: Vec<u8>,
    entries: Vec<StreamEntry>,
    revisions: HashMap<StreamName, Revision>,
    origins: HashMap<OriginKey, Known>,
    state: watch::Sender<GroupState>,
}

impl OpenGroup {
    fn new(number: u64) -> Self {
        Self {
            number,
            commits: 0,
            leader_time: Timestamp::default(),
            piece: Vec::new(),
            compressed: Vec::new(),
            body_length: 0,
            leaves: Vec::new(),
            entries: Vec::new(),
            revisions: HashMap::new(),
            origins: HashMap::new(),
            state: watch::Sender::new(GroupState::Waiting),
        }
    }

    fn push_body(&mut self, canonical: &[u8], compressor: &mut zstd::bulk::Compressor<'_>) {
        self.leaves.extend_from_slice(&group::leaf_hash(canonical));
        let before = self.piece.len();
        wire::put_varint(&mut self.piece, canonical.len() as u64);
        self.piece.extend_from_slice(canonical);
        self.body_length += self.piece.len() - before;
        if self.piece.len() >= PIECE {
            compress(compressor, &self.piece, &mut self.compressed);
            self.piece.clear();
        }
    }

    /// Its number.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How many commits it holds.
    pub fn commits(&self) -> u32 {
        self.commits
    }

    /// What it writes, for the index.
    pub fn entries(&self) -> &[StreamEntry] {
        &self.entries
    }

    /// Whose repetitions must be known.
    pub fn origins(&self) -> impl Iterator<Item = (&OriginKey, &Known)> {
        self.origins.iter()
    }

    /// Tells everyone who waits that the group is durable.
    pub fn acknowledge(&self) {
        self.state.send_replace(GroupState::Durable);
    }

    /// Tells everyone who waits that it is not known whether the group is stored.
    pub fn stop(&self, reason: StopReason) {
        self.state.send_replace(GroupState::Stopped(reason));
    }

    /// What is durable once the group is. For an empty group that is the group itself.
    fn last(&self) -> Position {
        Position::new(self.number, self.commits.saturating_sub(1))
    }

    fn submitted(&self, position: Position, repeated: bool) -> Submitted {
        Submitted { appended: Appended { position, repeated }, group: Some(self.state.subscribe()) }
    }
}

/// The part of a log that every adapter shares: decides what is admitted, gives revisions and positions, and forms
/// groups. Its owner keeps it behind one lock.
pub struct Admission {
    window: Window,
    group_commits: u32,
    group_bytes: usize,
    commit_bytes: usize,
    /// Answers that store nothing wait for a group that is written after they were asked for, an empty one if need be:
    /// that it counts proves that this writer was the leader.
    confirms: bool,
    last_time: Timestamp,
    floor: Timestamp,
    next_number: u64,
    /// Takes commits.
    open: Option<OpenGroup>,
    /// Full, and not with the writer yet; oldest first.
    full: VecDeque<OpenGroup>,
    /// With the writer, not durable yet; oldest first.
    writing: VecDeque<Arc<OpenGroup>>,
    waiting_bytes: usize,
    compressor: zstd::bulk::Compressor<'static>,
    stopped: Option<StopReason>,
}

/// A group takes no further commit past this many bytes.
const GROUP_BYTES: usize = 1 << 20;
/// What may wait in all; more is refused as overload.
const WAITING_BYTES: usize = 32 << 20;
/// What a commit's length takes before it.
const LENGTH_BYTES: usize = 5;
/// The largest commit.
const COMMIT_BYTES: usize = 4 << 20;

impl Admission {
    /// Continues after `head`. `group_commits` bounds the commits of a group.
    pub fn new(head: Head, window: Window, group_commits: u32) -> Self {
        Self {
            window,
            group_commits: group_commits.max(1),
            group_bytes: GROUP_BYTES,
            commit_bytes: COMMIT_BYTES + LENGTH_BYTES,
            confirms: false,
            last_time: head.leader_time,
            floor: head.window_floor,
            next_number: head.group + 1,
            open: None,
            full: VecDeque::new(),
            writing: VecDeque::new(),
            waiting_bytes: 0,
            compressor: compressor(),
            stopped: None,
        }
    }

    /// The admission of a leader that others may depose: nothing is answered, not even what was durable before, until a
    /// group behind it counts. No group's body is longer than `body_bytes`.
    pub fn of_leader(head: Head, window: Window, group_commits: u32, body_bytes: usize) -> Self {
        Self {
            confirms: true,
            group_bytes: GROUP_BYTES.min(body_bytes),
            commit_bytes: body_bytes.min(COMMIT_BYTES + LENGTH_BYTES),
            ..Self::new(head, window, group_commits)
        }
    }

    /// `now`, or the last admitted time if the clock went back.
    pub fn monotone(&self, now: Timestamp) -> Timestamp {
        now.max(self.last_time)
    }

    /// Refuses everything from now on, and tells everyone who waits.
    pub fn stop(&mut self, reason: StopReason) {
        let reason = self.stopped.get_or_insert(reason).clone();
        self.waiting().for_each(|group| group.stop(reason.clone()));
    }

    /// Whether commits wait that the writer has not taken.
    pub fn has_work(&self) -> bool {
        self.open.is_some() || !self.full.is_empty()
    }

    /// Whether the group that the writer would take is full, or holds so many commits.
    pub fn has_gathered(&self, company: u32) -> bool {
        !self.full.is_empty() || self.open.as_ref().is_some_and(|open| open.commits >= company)
    }

    /// Groups that are not durable yet, newest first.
    fn waiting(&self) -> impl Iterator<Item = &OpenGroup> {
        self.open.iter().chain(self.full.iter().rev()).chain(self.writing.iter().rev().map(Arc::as_ref))
    }

    /// Durable as soon as everything admitted so far is.
    pub fn settle(&mut self) -> Submitted {
        if self.confirms {
            return self.confirmed(None);
        }
        match self.waiting().next() {
            Some(group) => group.submitted(group.last(), false),
            None => Submitted::durable(Appended { position: Position::new(self.next_number - 1, 0), repeated: false }),
        }
    }

    /// What waits for a group that the writer has not taken yet: `appended` before, or everything admitted so far.
    fn confirmed(&mut self, appended: Option<Appended>) -> Submitted {
        if let Some(reason) = &self.stopped {
            return Submitted::stopped(reason.clone());
        }
        if self.open.is_none() && self.full.is_empty() {
            open_group(&mut self.open, &mut self.next_number).leader_time = self.last_time;
        }
        // One of them is there.
        let newest = self.open.as_ref().or(self.full.back());
        match (newest, appended) {
            (Some(group), Some(Appended { position, repeated })) => group.submitted(position, repeated),
            (Some(group), None) => group.submitted(group.last(), false),
            (None, _) => Submitted::stopped(StopReason::Closed),
        }
    }

    /// A stream's length, counting what waits.
    pub fn revision(&self, stream: &StreamName, lookup: &(impl Lookup + ?Sized)) -> Result<Revision, ReadError> {
        match self.waiting().find_map(|group| group.revisions.get(stream)) {
            Some(revision) => Ok(*revision),
            None => lookup.revision(stream),
        }
    }

    /// The commit that `origin` caused before. Checks that the id lies in the window and is not used otherwise.
    pub fn recall(
        &mut self,
        origin: &Origin,
        now: Timestamp,
        lookup: &(impl Lookup + ?Sized),
    ) -> Result<Option<Submitted>, AppendError> {
        // What a stopped log would be decided on is not surely what it holds.
        if let Some(reason) = self.stopped.as_ref().filter(|reason| **reason != StopReason::Closed || self.confirms) {
            return Err(AppendError::Stopped(reason.clone()));
        }
        let now = self.monotone(now);
        if let Origin::Request { id, .. } = origin {
            if id.minted_at() < self.floor.max(now - self.window.remembered) {
                return Err(AppendError::RequestExpired(*id));
            }
            if id.minted_at() > now + self.window.ahead {
                return Err(AppendError::RequestAhead(*id));
            }
        }
        let Some(key) = OriginKey::of(origin) else { return Ok(None) };
        let waiting = self.waiting().find_map(|group| {
            let known = group.origins.get(&key)?;
            Some((*known, group.number, group.submitted(known.position, true)))
        });
        if let Some((known, group, submitted)) = waiting {
            check_same(origin, &known)?;
            // The writer may have given the group away before this was asked, and another may lead since.
            let is_taken = self.writing.iter().any(|writing| writing.number == group);
            let appended = Appended { position: known.position, repeated: true };
            return Ok(Some(if self.confirms && is_taken { self.confirmed(Some(appended)) } else { submitted }));
        }
        let Some(known) = lookup.known(&key)? else { return Ok(None) };
        check_same(origin, &known)?;
        let appended = Appended { position: known.position, repeated: true };
        Ok(Some(if self.confirms { self.confirmed(Some(appended)) } else { Submitted::durable(appended) }))
    }

    /// Admits a commit into the open group.
    pub fn submit(&mut self, commit: NewCommit, lookup: &(impl Lookup + ?Sized)) -> Result<Submitted, AppendError> {
        if let Some(reason) = &self.stopped {
            return Err(AppendError::Stopped(reason.clone()));
        }
        let admitted_at = self.monotone(commit.admitted_at);
        if let Some(before) = self.recall(&commit.origin, admitted_at, lookup)? {
            return Ok(before);
        }
        check_form(&commit)?;
        let revisions = self.check_revisions(&commit, lookup)?;
        let mut canonical = Vec::with_capacity(256);
        commit::encode(&commit, &revisions, admitted_at, &mut canonical);
        if canonical.len() > COMMIT_BYTES {
            return Err(AppendError::Unstorable("a commit holds at most 4 MiB"));
        }
        if canonical.len() + LENGTH_BYTES > self.commit_bytes {
            return Err(AppendError::Unstorable("a commit fits into a message of the stream"));
        }
        if self.waiting_bytes + canonical.len() > WAITING_BYTES {
            return Err(AppendError::Overloaded);
        }
        self.last_time = admitted_at;
        self.floor = self.floor.max(admitted_at - self.window.remembered);
        Ok(self.add(commit, &revisions, &canonical, admitted_at))
    }

    fn check_revisions(
        &self,
        commit: &NewCommit,
        lookup: &(impl Lookup + ?Sized),
    ) -> Result<Vec<Revision>, AppendError> {
        let check = |stream: &StreamName, expected: ExpectedRevision| match self.revision(stream, lookup)? {
            actual if expected.admits(actual) => Ok(actual),
            actual => Err(AppendError::WrongRevision { stream: stream.clone(), expected, actual }),
        };
        for (stream, revision) in &commit.reads {
            check(stream, ExpectedRevision::Exact(*revision))?;
        }
        commit.writes.iter().map(|write| check(&write.stream, write.expected)).collect()
    }

    fn add(&mut self, commit: NewCommit, revisions: &[Revision], canonical: &[u8], at: Timestamp) -> Submitted {
        if let Some(open) = &self.open
            && (open.commits >= self.group_commits
                || open.body_length + canonical.len() + LENGTH_BYTES > self.group_bytes)
        {
            self.full.extend(self.open.take());
        }
        let group = open_group(&mut self.open, &mut self.next_number);
        let before = group.body_length;
        group.push_body(canonical, &mut self.compressor);
        self.waiting_bytes += group.body_length - before;
        group.leader_time = at;

        let position = Position::new(group.number, group.commits);
        group.commits += 1;
        if let Some(key) = OriginKey::of(&commit.origin) {
            group.origins.insert(key, Known { position, digest: commit.origin.digest() });
        }
        for (write, before) in commit.writes.into_iter().zip(revisions) {
            group.revisions.insert(write.stream.clone(), Revision(before.0 + write.events.len() as u64));
            group.entries.push(StreamEntry {
                stream: write.stream,
                commit: position.index,
                first_revision: before.next(),
                event_types: write.events.iter().map(|event| event.event_type).collect(),
            });
        }
        group.submitted(position, false)
    }

    /// Hands the oldest group to the writer. It stays among the waiting until [`written`](Self::written).
    pub fn take(&mut self) -> Option<Arc<OpenGroup>> {
        let group = Arc::new(self.full.pop_front().or_else(|| self.open.take())?);
        self.writing.push_back(Arc::clone(&group));
        Some(group)
    }

    /// The oldest group with the writer is durable and the lookup knows it.
    pub fn written(&mut self) {
        if let Some(group) = self.writing.pop_front() {
            self.waiting_bytes -= group.body_length;
        }
    }
}

fn open_group<'a>(open: &'a mut Option<OpenGroup>, next_number: &mut u64) -> &'a mut OpenGroup {
    open.get_or_insert_with(|| {
        *next_number += 1;
        OpenGroup::new(*next_number - 1)
    })
}

fn compressor() -> zstd::bulk::Compressor<'static> {
    // Fails for a level that does not exist only.
    zstd::bulk::Compressor::new(LEVEL).unwrap_or_default()
}

fn check_form(commit: &NewCommit) -> Result<(), AppendError> {
    if commit.writes.is_empty() {
        return Err(AppendError::Unstorable("a commit writes to at least one stream"));
    }
    if commit.writes.iter().any(|write| write.events.is_empty()) {
        return Err(AppendError::Unstorable("a write holds at least one event"));
    }
    // What a reader refuses must not be written: it would read the whole group as damaged.
    let is_name = |event_type: &str| !event_type.is_empty() && event_type.is_ascii();
    if !commit.writes.iter().flat_map(|write| &write.events).all(|event| is_name(event.event_type)) {
        return Err(AppendError::Unstorable("an event's type is a name in ASCII"));
    }
    let mut streams: Vec<&StreamName> = commit.writes.iter().map(|write| &write.stream).collect();
    streams.sort_unstable();
    if streams.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(AppendError::Unstorable("a commit writes to a stream once"));
    }
    Ok(())
}

fn check_same(origin: &Origin, known: &Known) -> Result<(), AppendError> {
    match origin {
        Origin::Request { id, digest } if *digest != known.digest => Err(AppendError::RequestReused(*id)),
        _ => Ok(()),
    }
}

/// Gives groups their place in the chain and their stored form. The writer's own; not behind the lock.
pub struct Sealer {
    epoch: u64,
    floor: Timestamp,
    last_hash: Hash,
    window: Window,
    compressor: zstd::bulk::Compressor<'static>,
}

impl Sealer {
    /// Continues the chain after `head`.
    pub fn new(head: Head, window: Window) -> Self {
        Self {
            epoch: head.epoch.max(1),
            floor: head.window_floor,
            last_hash: head.hash,
            window,
            compressor: compressor(),
        }
    }

    /// Appends the group's stored form to `out`.
    pub fn seal(&mut self, group: &OpenGroup, out: &mut Vec<u8>) -> Head {
        self.floor = self.floor.max(group.leader_time - self.window.remembered);
        let mut header = GroupHeader {
            number: group.number,
            epoch: self.epoch,
            leader_time: group.leader_time,
            window_floor: self.floor,
            previous_hash: self.last_hash,
            hash: Hash::default(),
            commit_count: group.commits,
            term: None,
            is_void: false,
        };
        header.hash = header.chain_hash(&group.leaves);
        self.last_hash = header.hash;
        if group.body_length < WORTH_COMPRESSING {
            group::encode(&header, false, group.body_length, &group.piece, out);
        } else {
            let mut body = Vec::with_capacity(group.compressed.len() + group.piece.len());
            body.extend_from_slice(&group.compressed);
            compress(&mut self.compressor, &group.piece, &mut body);
            group::encode(&header, true, group.body_length, &body, out);
        }
        Head::after(&header)
    }
}

/// Appends `piece` to `out` as one zstd frame.
fn compress(compressor: &mut zstd::bulk::Compressor<'_>, piece: &[u8], out: &mut Vec<u8>) {
    if piece.is_empty() {
        return;
    }
    let start = out.len();
    out.resize(start + zstd::zstd_safe::compress_bound(piece.len()), 0);
    // The buffer is large enough for any input, which is the only way to fail.
    let written = compressor.compress_to_buffer(piece, &mut out[start..]).unwrap_or_default();
    out.truncate(start + written);
}

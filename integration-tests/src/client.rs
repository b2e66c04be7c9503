//! A client that remembers what it asked for and what it was told, and the audit of a log against that.

use std::collections::{BTreeMap, HashMap};

use allmende_eventlog::{
    AppendError, CommitView, Direction, EventLog, Hash, NewCommit, NewEvent, Origin, ReadError, StreamAppend,
    genesis_hash,
};
use allmende_kernel::{ExpectedRevision, Position, RequestId, Revision, StreamName, Timestamp};
use bytes::Bytes;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// All requests of a scenario are minted at this time, by their number.
pub const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);
const TYPE: &str = "allmende.test.v1.Counted";

/// The id of request `number` (RFC 9562, section 5.7).
pub fn request_id(number: u64) -> RequestId {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&(NOW.as_micros() / 1_000).to_be_bytes()[2..]);
    bytes[6] = 0x70;
    bytes[8..].copy_from_slice(&(number | 1 << 63).to_be_bytes());
    RequestId::from_bytes(bytes).unwrap()
}

fn number_of(id: &RequestId) -> u64 {
    u64::from_be_bytes(*id.as_bytes().last_chunk().unwrap()) & !(1 << 63)
}

/// What request `number` asks for, which follows from the number and the seed: one to three streams of forty, some of
/// the commits larger than a disk's sector, a few larger than a page.
pub fn commit(seed: u64, number: u64) -> NewCommit {
    let mut random = StdRng::seed_from_u64(seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mut ids: Vec<u64> = (0..40).collect();
    let writes = (0..random.random_range(1..=3))
        .map(|_| {
            let id = ids.swap_remove(random.random_range(0..ids.len()));
            let stream = StreamName::parse(&format!("koeln/counter/{id}")).unwrap();
            let events = (0..random.random_range(1..=2))
                .map(|_| {
                    let len = if random.random_ratio(1, 20) { 6_000 } else { random.random_range(8..250) };
                    let payload: Vec<u8> = (0..len).map(|_| random.random()).collect();
                    NewEvent { event_type: TYPE, payload: payload.into() }
                })
                .collect();
            StreamAppend { stream, expected: ExpectedRevision::Any, events }
        })
        .collect();
    NewCommit {
        origin: Origin::Request { id: request_id(number), digest: [number as u8; 16] },
        admitted_at: NOW,
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes,
        outcome: Bytes::from(format!("outcome of {number}")),
    }
}

/// A broken promise, for people to read.
pub type Broken = String;

/// What a client sent and what it was told.
#[derive(Debug, Clone, Default)]
pub struct Client {
    seed: u64,
    /// Requests with a lower number were sent, some of them perhaps without an answer.
    pub sent: u64,
    acknowledged: HashMap<u64, Position>,
    head: u64,
}

impl Client {
    /// One that has sent nothing.
    pub fn new(seed: u64) -> Self {
        Self { seed, ..Self::default() }
    }

    /// Number of a new request.
    pub fn next_request(&mut self) -> u64 {
        self.sent += 1;
        self.sent - 1
    }

    /// Request `number` was answered with this position.
    pub fn acknowledge(&mut self, number: u64, position: Position) -> Result<(), Broken> {
        self.head = self.head.max(position.group);
        match self.acknowledged.insert(number, position) {
            Some(before) if before != position => {
                Err(format!("request {number} was told position {before}, and then {position}"))
            }
            _ => Ok(()),
        }
    }

    /// How many requests were answered.
    pub fn acknowledgements(&self) -> usize {
        self.acknowledged.len()
    }

    /// Where each request that was answered stands.
    pub fn positions(&self) -> impl Iterator<Item = (u64, Position)> {
        self.acknowledged.iter().map(|(number, position)| (*number, *position))
    }

    /// Reads all of the log, by groups and by streams: what was acknowledged is there at its position, what is there was
    /// asked for, once and as a whole, and revisions and hashes have no gap.
    pub fn audit(&self, log: &dyn EventLog) -> Result<(), Broken> {
        let head = *log.head().borrow();
        if head.group < self.head {
            return Err(format!("group {} was acknowledged, the log ends at {}", self.head, head.group));
        }
        let mut found = Found { hash: genesis_hash(log.partition()), ..Found::default() };
        let mut after = 0;
        while after < head.group {
            let groups = log.read_groups(after, 1 << 16).map_err(|error| format!("after group {after}: {error}"))?;
            if groups.is_empty() {
                return Err(format!("nothing after group {after} of {}", head.group));
            }
            for group in groups {
                after += 1;
                let header = group.header();
                if header.number != after || header.previous_hash != found.hash || group.verify().is_err() {
                    return Err(format!("group {after} breaks the chain"));
                }
                found.hash = header.hash;
                group.commits().try_for_each(|commit| self.check_commit(commit, &mut found))?;
            }
        }
        if found.hash != head.hash {
            return Err("the head's hash is not that of the last group".into());
        }
        for (number, position) in &self.acknowledged {
            if found.positions.get(number) != Some(position) {
                let found = found.positions.get(number);
                return Err(format!("request {number} was acknowledged at {position} and is at {found:?}"));
            }
        }
        check_streams(log, &found)
    }

    fn check_commit(&self, stored: CommitView<'_>, found: &mut Found) -> Result<(), Broken> {
        let position = stored.position();
        let Origin::Request { id, .. } = stored.origin() else { return Err(format!("{position} was not sent")) };
        let number = number_of(&id);
        if number >= self.sent {
            return Err(format!("{position} was not sent"));
        }
        let asked = commit(self.seed, number);
        let writes: Vec<_> = stored.writes().collect();
        if writes.len() != asked.writes.len() || stored.outcome() != asked.outcome || stored.origin() != asked.origin {
            return Err(format!("{position} is not what request {number} asked for"));
        }
        for (write, asked) in writes.iter().zip(&asked.writes) {
            let events = found.streams.entry(asked.stream.clone()).or_default();
            if write.stream() != asked.stream.as_str() || write.first_revision().0 != events.len() as u64 + 1 {
                return Err(format!("{position} has {}@{}", write.stream(), write.first_revision()));
            }
            events.extend(write.events().map(|event| (position, event.payload_bytes())));
            if !write.events().map(|event| event.payload()).eq(asked.events.iter().map(|event| &event.payload[..])) {
                return Err(format!("{position} has other events than request {number} asked for"));
            }
        }
        match found.positions.insert(number, position) {
            Some(before) => Err(format!("request {number} is stored twice, at {before} and {position}")),
            None => Ok(()),
        }
    }

    /// Asks for these requests, all at once. Who was answered before must be recognised; who is answered now is not noted
    /// yet.
    pub async fn ask(&self, log: &dyn EventLog, numbers: Vec<u64>) -> Result<Vec<(u64, Position)>, Broken> {
        let told = |number| move |error: AppendError| format!("request {number}: {error}");
        let mut asked = Vec::new();
        for number in numbers {
            asked.push((number, log.submit(commit(self.seed, number)).map_err(told(number))?));
        }
        let mut answers = Vec::new();
        for (number, submitted) in asked {
            let appended = submitted.wait().await.map_err(told(number))?;
            if self.acknowledged.contains_key(&number) && !appended.repeated {
                return Err(format!("request {number} was stored again at {}", appended.position));
            }
            answers.push((number, appended.position));
        }
        Ok(answers)
    }
}

#[derive(Default)]
struct Found {
    hash: Hash,
    positions: HashMap<u64, Position>,
    streams: BTreeMap<StreamName, Vec<(Position, Bytes)>>,
}

/// The index tells the same as the groups.
fn check_streams(log: &dyn EventLog, found: &Found) -> Result<(), Broken> {
    for (stream, events) in &found.streams {
        let told = |error: ReadError| format!("{stream}: {error}");
        let read = log.read_stream(stream, Revision(1), Direction::Forward, usize::MAX).map_err(told)?;
        let read: Vec<_> = read.iter().map(|event| (event.position(), event.view().payload_bytes())).collect();
        if read != *events {
            return Err(format!("{stream} is read with {} events and has {}", read.len(), events.len()));
        }
        let admitted = log.admitted_revision(stream).map_err(told)?;
        if admitted.0 != events.len() as u64 {
            return Err(format!("{stream} is told to be at {admitted} and has {} events", events.len()));
        }
    }
    Ok(())
}

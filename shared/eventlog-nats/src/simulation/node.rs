//! A member: what survives its death, and what does not.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use allmende_eventlog::{CommandError, Done, MemoryReplica, Origin, Partition, Replica, Request};
use allmende_kernel::{Clock, PartitionName, RequestId, StreamName, Timestamp};

use super::counter::{Command, Entries, Odd, Seen};
use super::random::Random;
use crate::log::NatsLog;
use crate::machine::{Machine, Moment};
use crate::options::Options;
use crate::rules::Rules;
use crate::shared::Shared;

pub(super) const START: Timestamp = Timestamp::from_secs(1_767_225_600);

/// A member's clock: the world's time and a deviation of its own.
pub(super) struct NodeClock {
    pub(super) micros: AtomicI64,
}

impl Clock for NodeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::Relaxed))
    }
}

pub(super) type Attempt = Pin<Box<dyn Future<Output = Result<(Done, Seen), CommandError<Refusal>>>>>;

/// A rejection, with what it rests on.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) Seen);

pub(super) struct Node {
    pub(super) replica: Arc<MemoryReplica>,
    pub(super) clock: Arc<NodeClock>,
    /// Its clock is ahead by so much.
    pub(super) skew_micros: i64,
    /// Grows with every start, so that what was meant for an earlier life is not taken for its own.
    pub(super) life: u64,
    pub(super) live: Option<Live>,
    pub(super) paused_until: Moment,
    pub(super) wanted: bool,
    /// The types of events that its version can read.
    pub(super) knows: Option<BTreeSet<String>>,
}

/// What dies with the process.
pub(super) struct Live {
    pub(super) machine: Machine,
    pub(super) shared: Arc<Shared>,
    pub(super) partition: Arc<Partition>,
    pub(super) started: Moment,
    /// The publish that is waited for: connection and number.
    pub(super) outstanding: Option<(u64, u64)>,
    /// The follower's number, and the next sequence that it gives.
    pub(super) following: Option<(u64, u64)>,
    pub(super) followers: u64,
    /// Which client waits for which attempt here.
    pub(super) attempts: Vec<(usize, Moment, Attempt)>,
    pub(super) wake_at: Option<Moment>,
}

impl Node {
    pub(super) fn new(partition: &PartitionName, skew_micros: i64) -> Self {
        Self {
            replica: Arc::new(MemoryReplica::new(partition.clone())),
            clock: Arc::new(NodeClock { micros: AtomicI64::new(START.as_micros()) }),
            skew_micros,
            life: 0,
            live: None,
            paused_until: Moment::ZERO,
            wanted: false,
            knows: None,
        }
    }

    pub(super) fn set_clock(&self, now: Moment) {
        let micros = START.as_micros() + now.as_micros() as i64 + self.skew_micros;
        self.clock.micros.store(micros, Ordering::Relaxed);
    }

    pub(super) fn start(&mut self, name: &str, now: Moment, rules: Rules, random: &mut Random) {
        self.life += 1;
        self.set_clock(now);
        let replica: Arc<dyn Replica> = self.replica.clone();
        let shared = Shared::new(replica, self.clock.clone(), rules);
        let mut own = Random(random.next());
        let options = Options { event_types: self.knows.clone(), ..Options::of(name) };
        let machine = Machine::new(Arc::clone(&shared), options, rules, 1 << 20, Box::new(move || own.next()));
        let log = Arc::new(NatsLog::over(Arc::clone(&shared)));
        self.live = Some(Live {
            machine,
            shared,
            partition: Arc::new(Partition::new(log)),
            started: now,
            outstanding: None,
            following: None,
            followers: 0,
            attempts: Vec::new(),
            wake_at: None,
        });
    }
}

impl Live {
    /// A command as the service behind the shell runs it.
    pub(super) fn attempt(&self, id: RequestId, stream: StreamName, command: Command) -> Attempt {
        let partition = Arc::clone(&self.partition);
        Box::pin(async move {
            let digest = [id.as_bytes()[15]; 16];
            let request = Request { origin: Origin::Request { id, digest }, actor: None, trace: None };
            let done = partition.execute(&request, |transaction, _| {
                let before = *transaction.state::<Entries>(&stream).map_err(CommandError::Fault)?;
                let decided = transaction.decide::<Entries>(&stream, &(), &command);
                decided.map_err(|error| error.map_rejection(|Odd| Refusal(before)))?;
                let after = *transaction.state::<Entries>(&stream).map_err(CommandError::Fault)?;
                Ok(after.to_bytes())
            });
            let done = done.await?;
            let seen = Seen::from_bytes(&done.outcome).unwrap_or_default();
            Ok((done, seen))
        })
    }
}

//! Follows another service's log and carries out what its events ask for.

use std::collections::BTreeSet;
use std::future::Future;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::{EventLog, Origin, ReadError};
use allmende_instrumentation::{Attribute, Metric, Metrics};
use allmende_kernel::{PartitionName, Position, StreamName};
use bytes::Bytes;
use tokio::time::Instant;

/// How often something is tried before it is parked.
const ATTEMPTS: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How long what is parked waits until it is tried again.
const PARKED_FOR: Duration = Duration::from_secs(60);
/// With as many parked as that nothing that comes after is touched: then it is not the single event.
const MOST_PARKED: usize = 1_000;
/// Groups looked up at once.
const GROUPS_AT_ONCE: usize = 256;

/// What went wrong, for the operator's log.
pub type ReactionError = Box<dyn std::error::Error + Send + Sync>;

/// What a service does about another one's events.
pub trait Reaction: Send + Sync + 'static {
    /// The service that reacts, as metrics name it.
    const SERVICE: &'static str;
    /// The type of the events that it reacts to.
    const EVENT_TYPE: &'static str;

    /// Carries out what a commit asks for. It is called for each commit again after a failure and after every start, so
    /// each effect has to find out whether it is there already: by the state it leads to, or by its [origin](Cause::origin).
    fn react(&self, cause: Cause) -> impl Future<Output = Result<(), ReactionError>> + Send;
}

/// A commit with events that something is to be done about.
#[derive(Debug, Clone)]
pub struct Cause {
    /// The log it is in.
    pub source: PartitionName,
    /// Where in it.
    pub position: Position,
    /// Stream and payload of its events of the wanted type.
    pub events: Vec<(StreamName, Bytes)>,
}

impl Cause {
    /// The origin of one of its effects. The log takes each one once.
    pub fn origin(&self, step: u32) -> Origin {
        Origin::Process { source: self.source.clone(), position: self.position, step }
    }
}

/// Has `reaction` carry out all that is in `log` and all that comes, in order, until its task is aborted.
///
/// What fails is tried again after a while that grows. What fails each time is parked, so that it holds up nothing else:
/// said in the operator's log, counted in a metric, and tried again every minute and after every start.
pub(crate) async fn follow<R: Reaction>(log: Arc<dyn EventLog>, metrics: Metrics, reaction: R) {
    let mut head = log.head();
    let mut follower = Follower { log, metrics, reaction, parked: BTreeSet::new() };
    let (mut after, mut again_at) = (0, Instant::now() + PARKED_FOR);
    follower.tell();
    loop {
        head.borrow_and_update();
        after = follower.catch_up(after).await;
        tokio::select! {
            moved = head.changed() => if moved.is_err() { return },
            () = tokio::time::sleep_until(again_at), if !follower.parked.is_empty() => {}
        }
        if Instant::now() >= again_at {
            follower.try_parked().await;
            again_at = Instant::now() + PARKED_FOR;
        }
    }
}

struct Follower<R> {
    log: Arc<dyn EventLog>,
    metrics: Metrics,
    reaction: R,
    /// Numbers of groups.
    parked: BTreeSet<u64>,
}

impl<R: Reaction> Follower<R> {
    /// Carries out what stands after group `after`; tells the last group that it has seen.
    async fn catch_up(&mut self, mut after: u64) -> u64 {
        loop {
            while self.parked.len() >= MOST_PARKED {
                tokio::time::sleep(PARKED_FOR).await;
                self.try_parked().await;
            }
            let numbers = match self.groups(after).await {
                Ok(numbers) => numbers,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the log that is followed cannot be read"
                    );
                    tokio::time::sleep(jittered(LONGEST_WAIT)).await;
                    continue;
                }
            };
            let Some(last) = numbers.last() else { return after };
            for number in &numbers {
                self.carry_out(*number).await;
            }
            after = *last;
        }
    }

    async fn groups(&self, after: u64) -> Result<Vec<u64>, ReadError> {
        let log = Arc::clone(&self.log);
        let reading = tokio::task::spawn_blocking(move || log.groups_of_type(R::EVENT_TYPE, after, GROUPS_AT_ONCE));
        reading.await.unwrap_or(Err(INTERRUPTED))
    }

    async fn carry_out(&mut self, number: u64) {
        let mut wait = FIRST_WAIT;
        for attempt in 1..=ATTEMPTS {
            let Err(error) = self.attempt(number).await else { return };
            let source = self.log.partition();
            if attempt == ATTEMPTS {
                tracing::error!(error = error.as_ref() as &dyn std::error::Error, %source, number, service = R::SERVICE,
                    "what a group asks for could not be carried out: it is parked and tried every minute");
                self.parked.insert(number);
                self.tell();
                return;
            }
            tracing::warn!(error = error.as_ref() as &dyn std::error::Error, %source, number, service = R::SERVICE,
                "what a group asks for could not be carried out and is tried again");
            tokio::time::sleep(jittered(wait)).await;
            wait = LONGEST_WAIT.min(wait * 3);
        }
    }

    async fn try_parked(&mut self) {
        for number in self.parked.clone() {
            if self.attempt(number).await.is_ok() {
                tracing::info!(number, service = R::SERVICE, "what was parked is carried out");
                self.parked.remove(&number);
            }
        }
        self.tell();
    }

    /// One commit that fails holds up none of the others in its group.
    async fn attempt(&self, number: u64) -> Result<(), ReactionError> {
        let mut done = Ok(());
        for cause in self.causes(number).await? {
            if let Err(error) = self.reaction.react(cause).await {
                done = Err(error);
            }
        }
        done
    }

    async fn causes(&self, number: u64) -> Result<Vec<Cause>, ReadError> {
        let log = Arc::clone(&self.log);
        let reading = tokio::task::spawn_blocking(move || {
            let (group, source) = (log.read_group(number)?, log.partition().clone());
            let causes = group.commits().map(|commit| {
                let wanted = commit.events().filter(|event| event.event_type() == R::EVENT_TYPE);
                let event = |event: allmende_eventlog::EventView<'_>| {
                    Some((StreamName::parse(event.stream()).ok()?, event.payload_bytes()))
                };
                Cause {
                    source: source.clone(),
                    position: commit.position(),
                    events: wanted.filter_map(event).collect(),
                }
            });
            Ok(causes.filter(|cause| !cause.events.is_empty()).collect())
        });
        reading.await.unwrap_or(Err(INTERRUPTED))
    }

    fn tell(&self) {
        let of = [Attribute::Service(R::SERVICE), Attribute::Partition(self.log.partition())];
        self.metrics.set(Metric::ProcessParked, self.parked.len() as u64, &of);
    }
}

const INTERRUPTED: ReadError = ReadError::Io { what: "the log", kind: std::io::ErrorKind::Interrupted };

/// Between a half of it and one and a half, so that what failed together is not tried together.
fn jittered(wait: Duration) -> Duration {
    // Each of these is seeded anew by the system.
    let random = RandomState::new().hash_one(()) as u32;
    wait.mul_f64(0.5 + f64::from(random) / f64::from(u32::MAX))
}

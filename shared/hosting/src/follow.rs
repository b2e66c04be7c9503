//! Follows another service's log and carries out what its events ask for.

use std::collections::BTreeSet;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::{EventLog, Origin, ReadError};
use allmende_instrumentation::{Attribute, Metric, Metrics};
use allmende_kernel::{PartitionName, Position, StreamName};
use allmende_runtime::jittered;
use bytes::Bytes;
use futures_util::FutureExt as _;
use tokio::time::Instant;

/// How often something is tried before it is parked.
const ATTEMPTS: u32 = 6;
const PACE: Pace = Pace {
    first_wait: Duration::from_millis(200),
    longest_wait: Duration::from_secs(10),
    parked_for: Duration::from_secs(60),
};
/// With as many parked as that nothing that comes after is touched: then it is not the single event.
const MOST_PARKED: usize = 1_000;
/// Groups looked up at once.
const GROUPS_AT_ONCE: usize = 256;

/// Waits after failures.
#[derive(Debug, Clone, Copy)]
struct Pace {
    first_wait: Duration,
    longest_wait: Duration,
    /// How long what is parked waits until it is tried again.
    parked_for: Duration,
}

/// What went wrong, for the operator's log.
pub type ReactionError = Box<dyn std::error::Error + Send + Sync>;

/// A fault of the code: the panic's own words are in the operator's log already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the reaction broke off")]
struct BrokeOff;

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
/// What fails, or panics, is tried again after a while that grows. What fails each time is parked, so that it holds up
/// nothing else: said in the operator's log, counted in a metric, and tried again every minute and after every start.
pub(crate) async fn follow<R: Reaction>(log: Arc<dyn EventLog>, metrics: Metrics, reaction: Arc<R>) {
    follow_at(PACE, log, metrics, reaction).await;
}

async fn follow_at<R: Reaction>(pace: Pace, log: Arc<dyn EventLog>, metrics: Metrics, reaction: Arc<R>) {
    let mut head = log.head();
    let mut follower = Follower { log, metrics, reaction, pace, parked: BTreeSet::new() };
    let (mut after, mut again_at) = (0, Instant::now() + pace.parked_for);
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
            again_at = Instant::now() + pace.parked_for;
        }
    }
}

struct Follower<R> {
    log: Arc<dyn EventLog>,
    metrics: Metrics,
    reaction: Arc<R>,
    pace: Pace,
    /// Numbers of groups.
    parked: BTreeSet<u64>,
}

impl<R: Reaction> Follower<R> {
    /// Carries out what stands after group `after`; tells the last group that it has seen.
    async fn catch_up(&mut self, mut after: u64) -> u64 {
        loop {
            while self.parked.len() >= MOST_PARKED {
                tokio::time::sleep(self.pace.parked_for).await;
                self.try_parked().await;
            }
            let numbers = match self.groups(after).await {
                Ok(numbers) => numbers,
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the log that is followed cannot be read"
                    );
                    tokio::time::sleep(jittered(self.pace.longest_wait)).await;
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
        let mut wait = self.pace.first_wait;
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
            wait = self.pace.longest_wait.min(wait * 3);
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
            // What it had in hand is dropped with it; nobody sees it half done.
            let reacted = AssertUnwindSafe(self.reaction.react(cause)).catch_unwind().await;
            if let Err(error) = reacted.unwrap_or_else(|_| Err(BrokeOff.into())) {
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use allmende_eventlog::contract::ManualClock;
    use allmende_eventlog::{MemoryLog, NewCommit, NewEvent, StreamAppend, Window};
    use allmende_kernel::{ExpectedRevision, Timestamp};
    use tokio::sync::mpsc;

    use super::*;

    const WANTED: &str = "allmende.test.v1.Wanted";

    /// Tells what it was given; fails on what says `bad` and panics on what says `worse` as long as it is told to.
    struct Telling(mpsc::UnboundedSender<String>, Arc<AtomicBool>);

    impl Reaction for Telling {
        const SERVICE: &'static str = "test";
        const EVENT_TYPE: &'static str = WANTED;

        async fn react(&self, cause: Cause) -> Result<(), ReactionError> {
            for (stream, payload) in &cause.events {
                let text = String::from_utf8(payload.to_vec())?;
                if self.1.load(Ordering::SeqCst) {
                    assert!(text != "worse", "as the test wants it");
                    if text == "bad" {
                        return Err("it is bad".into());
                    }
                }
                self.0.send(format!("{} {text}", stream.id()))?;
            }
            Ok(())
        }
    }

    async fn write(log: &MemoryLog, id: &str, event_type: &'static str, payload: &'static str) {
        let events = vec![NewEvent { event_type, payload: Bytes::from_static(payload.as_bytes()) }];
        let stream = StreamName::parse(&format!("koeln/test/{id}")).unwrap();
        let commit = NewCommit {
            origin: Origin::Unlinked,
            admitted_at: Timestamp::from_secs(1),
            actor: None,
            trace: None,
            reads: Vec::new(),
            writes: vec![StreamAppend { stream, expected: ExpectedRevision::Any, events }],
            outcome: Bytes::new(),
        };
        log.submit(commit).unwrap().wait().await.unwrap();
    }

    fn parked(metrics: &Metrics, number: u32) -> bool {
        let text = metrics.render();
        let line = text.lines().find(|line| line.starts_with("allmende_process_parked{"));
        line.is_some_and(|line| line.ends_with(&format!(" {number}")))
    }

    #[tokio::test]
    async fn what_fails_holds_up_nothing_and_is_not_forgotten() {
        let partition = PartitionName::parse("test-0").unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1)));
        let log = Arc::new(MemoryLog::new(partition, clock, Window::default()));
        let (tell, mut told) = mpsc::unbounded_channel();
        let (fails, metrics) = (Arc::new(AtomicBool::new(true)), Metrics::new());
        let pace = Pace {
            first_wait: Duration::from_millis(1),
            longest_wait: Duration::from_millis(2),
            parked_for: Duration::from_millis(20),
        };
        write(&log, "1", WANTED, "before the start").await;
        let reaction = Arc::new(Telling(tell, Arc::clone(&fails)));
        let following = tokio::spawn(follow_at(pace, Arc::clone(&log) as _, metrics.clone(), reaction));
        write(&log, "2", WANTED, "bad").await;
        write(&log, "3", "allmende.test.v1.Other", "of another type").await;
        write(&log, "6", WANTED, "worse").await;
        write(&log, "4", WANTED, "behind it").await;
        assert_eq!(told.recv().await.unwrap(), "1 before the start");
        assert_eq!(told.recv().await.unwrap(), "4 behind it");
        assert!(parked(&metrics, 2), "{}", metrics.render());
        fails.store(false, Ordering::SeqCst);
        assert_eq!(told.recv().await.unwrap(), "2 bad");
        assert_eq!(told.recv().await.unwrap(), "6 worse");
        write(&log, "5", WANTED, "and on").await;
        assert_eq!(told.recv().await.unwrap(), "5 and on");
        assert!(parked(&metrics, 0), "{}", metrics.render());
        following.abort();
    }
}

//! Groups whose body is stored apart: the body has time of its own, its publisher's reader has it already, and a damaged
//! one stops whoever needs it.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog::{EventLog as _, Hash, MemoryReplica, Window, without_body};
use allmende_eventlog_nats::cluster::{Bodies, BodyError, Standing, Unavailable};
use allmende_eventlog_nats::model::{ModelBodies, ModelStream};
use allmende_eventlog_nats::stream::{Follower, GroupStream, Published, Publisher, StreamError};
use allmende_eventlog_nats::{Halt, LargeGroups, NatsLog, Options, Role};
use allmende_kernel::{PartitionName, Timestamp};
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;

#[derive(Default)]
struct SlowBodies {
    stored: ModelBodies,
    takes: Duration,
    fetched: AtomicUsize,
}

#[async_trait]
impl Bodies for SlowBodies {
    async fn put(&self, hash: Hash, body: Bytes) -> Result<(), Unavailable> {
        tokio::time::sleep(self.takes).await;
        self.stored.put(hash, body).await
    }

    async fn get(&self, hash: Hash) -> Result<Option<Bytes>, BodyError> {
        self.fetched.fetch_add(1, Ordering::Relaxed);
        self.stored.get(hash).await
    }
}

/// Has every body, and none of them as it was.
struct DamagedBodies;

#[async_trait]
impl Bodies for DamagedBodies {
    async fn put(&self, _: Hash, _: Bytes) -> Result<(), Unavailable> {
        Ok(())
    }

    async fn get(&self, hash: Hash) -> Result<Option<Bytes>, BodyError> {
        Err(BodyError::Damaged { hash, what: "piece 1 is missing".to_owned() })
    }
}

/// Notes how long a publish may take.
#[derive(Clone)]
struct Noting {
    stream: ModelStream,
    allowed: Arc<Mutex<Vec<Duration>>>,
}

#[async_trait]
impl GroupStream for Noting {
    async fn connect(&self) -> Result<Box<dyn Publisher>, StreamError> {
        Ok(Box::new(self.clone()))
    }

    async fn follow(&self, from: u64) -> Result<Box<dyn Follower>, StreamError> {
        self.stream.follow(from).await
    }

    async fn last_hint(&self) -> Result<u64, StreamError> {
        self.stream.last_hint().await
    }

    fn message_bytes(&self) -> usize {
        400
    }
}

#[async_trait]
impl Publisher for Noting {
    async fn publish(&mut self, expected_last: u64, message: Bytes, within: Duration) -> Published {
        self.allowed.lock().push(within);
        self.stream.publish(expected_last, message, within).await
    }
}

/// A group with a body of about so many bytes, which do not compress.
fn group(bytes: usize) -> Bytes {
    use allmende_eventlog::{Admission, NewCommit, NewEvent, Origin, Reading, Sealer, StreamAppend};
    use allmende_kernel::{ExpectedRevision, StreamName};

    let replica = MemoryReplica::new(PartitionName::parse("large-0").unwrap());
    let (head, window) = (*replica.head().borrow(), Window::default());
    let mut random = 1u64;
    let payload: Vec<u8> = (0..bytes)
        .map(|_| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (random >> 33) as u8
        })
        .collect();
    let events = vec![NewEvent { event_type: "allmende.test.v1.Large", payload: payload.into() }];
    let stream = StreamName::parse("koeln/large/one").unwrap();
    let commit = NewCommit {
        origin: Origin::Unlinked,
        admitted_at: Timestamp::from_secs(1_767_225_600),
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes: vec![StreamAppend { stream, expected: ExpectedRevision::Any, events }],
        outcome: Bytes::new(),
    };
    let mut admission = Admission::new(head, window, 9);
    drop(admission.submit(commit, &replica).unwrap());
    let mut stored = Vec::new();
    Sealer::new(head, window).seal(&admission.take().unwrap(), &mut stored);
    stored.into()
}

#[tokio::test(start_paused = true)]
async fn a_body_takes_nothing_of_the_time_that_the_message_has() {
    let within = Duration::from_secs(2);
    // A body of a mebibyte may take four seconds more than a message.
    for (takes, published) in [(5, true), (7, false)] {
        let noting = Noting { stream: ModelStream::new(400), allowed: Arc::default() };
        let bodies = SlowBodies { takes: Duration::from_secs(takes), ..SlowBodies::default() };
        let large = LargeGroups::new(Arc::new(noting.clone()), Arc::new(bodies));
        let outcome = large.connect().await.unwrap().publish(0, group(1 << 20), within).await;
        assert_eq!(outcome == Published::Committed(1), published);
        assert_eq!(*noting.allowed.lock(), if published { vec![within] } else { vec![] });
    }
}

#[tokio::test]
async fn who_published_a_body_does_not_fetch_it() {
    let bodies = Arc::new(SlowBodies::default());
    let stream = Arc::new(ModelStream::new(400));
    let member = || LargeGroups::new(stream.clone(), bodies.clone());
    let (publisher, reader) = (member(), member());
    let sent = group(2_000);
    let outcome = publisher.connect().await.unwrap().publish(0, sent.clone(), Duration::from_secs(2)).await;
    assert_eq!(outcome, Published::Committed(1));
    for (member, fetched) in [(&publisher, 0), (&reader, 1), (&publisher, 2)] {
        assert_eq!(member.follow(1).await.unwrap().next().await.unwrap().bytes, sent);
        assert_eq!(bodies.fetched.load(Ordering::Relaxed), fetched);
    }
}

/// Reading it again would find the same, for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_body_stops_who_needs_it_and_is_named() {
    let stream = Arc::new(ModelStream::new(400));
    let member = || LargeGroups::new(stream.clone(), Arc::new(DamagedBodies));
    let sent = group(2_000);
    let (_, hash, _) = without_body(&sent).unwrap();
    let outcome = member().connect().await.unwrap().publish(0, sent, Duration::from_secs(2)).await;
    assert_eq!(outcome, Published::Committed(1));

    let replica = Arc::new(MemoryReplica::new(PartitionName::parse("large-0").unwrap()));
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600)));
    let log = NatsLog::start(replica, Arc::new(member()), None, clock, Options::of("reader")).unwrap();
    let mut role = log.role();
    let stopped = role.wait_for(|role| matches!(role, Role::Halted(_)));
    let stopped =
        tokio::time::timeout(Duration::from_secs(120), stopped).await.expect("to stop in time").unwrap().clone();
    let halt = Halt::DamagedBody { group: 1, hash, what: "piece 1 is missing".to_owned() };
    assert!(halt.to_string().contains(&hash.to_string()));
    assert_eq!(stopped, Role::Halted(halt));
    assert_eq!(*log.standing().borrow(), Standing::Unable);
    assert_eq!(log.head().borrow().group, 0);
}

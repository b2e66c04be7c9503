//! A stream that lost its tail gets it back from a replica, as it was.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog::{EventLog, Head, MemoryReplica, Reading};
use allmende_eventlog_nats::model::{ModelStream, Sequence};
use allmende_eventlog_nats::{NatsLog, Options, RepublishError, Role, republish};
use allmende_kernel::{PartitionName, Timestamp};

const WITHIN: Duration = Duration::from_secs(5);

/// A stream with empty groups of two terms and something void between them, and a replica that has all of it.
async fn led() -> (ModelStream, Arc<MemoryReplica>, Head) {
    let stream = ModelStream::new(1 << 20);
    let replica = Arc::new(MemoryReplica::new(PartitionName::parse("republish-0").unwrap()));
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600)));
    let log = NatsLog::start(replica.clone(), Arc::new(stream.clone()), None, clock, Options::of("alone")).unwrap();
    log.want_to_lead(true);
    for _ in 0..2 {
        log.role().wait_for(|role| matches!(role, Role::Leader { .. })).await.unwrap();
        log.settle().wait().await.unwrap();
        log.settle().wait().await.unwrap();
        let epoch = log.head().borrow().epoch;
        stream.change(|stored| assert!(stored.publish(stored.last(), "void".into()).is_some()));
        log.head().wait_for(|head| head.epoch > epoch).await.unwrap();
    }
    let head = *log.head().borrow();
    tokio::task::spawn_blocking(move || log.close()).await.unwrap();
    (stream, replica, head)
}

fn content(stream: &ModelStream) -> Vec<allmende_eventlog_nats::stream::Message> {
    let mut all = Vec::new();
    stream.change(|stored: &mut Sequence| all = (1..=stored.last()).filter_map(|at| stored.get(at)).collect());
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_lost_is_published_as_it_was() {
    let (stream, replica, head) = led().await;
    let before = content(&stream);
    let last = replica.head().borrow().group;
    for keep in [0, 1, 4, last] {
        stream.change(|stored| stored.cut(keep));
        assert_eq!(republish(replica.as_ref(), &stream, WITHIN).await.unwrap(), last - keep);
        assert!(content(&stream) == before && head.group <= last);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_went_on_otherwise_is_left_alone() {
    let (stream, replica, _) = led().await;
    stream.change(|stored| {
        stored.cut(2);
        stored.publish(2, "other".into()).unwrap();
    });
    let before = content(&stream);
    let refused = republish(replica.as_ref(), &stream, WITHIN).await;
    assert!(matches!(refused, Err(RepublishError::Differs(3))), "{refused:?}");
    assert!(content(&stream) == before);
}

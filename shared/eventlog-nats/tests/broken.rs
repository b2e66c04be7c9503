//! A member whose own work breaks off says so: what it has is read, and nobody takes it for one that follows.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::MemoryReplica;
use allmende_eventlog::contract::ManualClock;
use allmende_eventlog_nats::stream::{Follower, GroupStream, Publisher, StreamError};
use allmende_eventlog_nats::{Halt, NatsLog, Options, Role};
use allmende_kernel::{PartitionName, Timestamp};
use async_trait::async_trait;

/// Its reader has a fault.
struct Faulty;

#[async_trait]
impl GroupStream for Faulty {
    async fn connect(&self) -> Result<Box<dyn Publisher>, StreamError> {
        Err(StreamError::Unreachable("not asked for".to_owned()))
    }

    async fn follow(&self, _: u64) -> Result<Box<dyn Follower>, StreamError> {
        panic!("as the test wants it")
    }

    async fn last_hint(&self) -> Result<u64, StreamError> {
        Ok(0)
    }

    fn message_bytes(&self) -> usize {
        1 << 20
    }
}

#[tokio::test]
async fn a_member_whose_thread_breaks_off_is_halted() {
    let replica = Arc::new(MemoryReplica::new(PartitionName::parse("broken-0").unwrap()));
    let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600)));
    let log = NatsLog::start(replica, Arc::new(Faulty), None, clock, Options::of("one")).unwrap();
    let mut role = log.role();
    let halted = role.wait_for(|role| *role == Role::Halted(Halt::BrokeOff));
    tokio::time::timeout(Duration::from_secs(60), halted).await.unwrap().unwrap();
}

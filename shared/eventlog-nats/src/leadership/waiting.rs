//! Whoever waits for a cluster that has fallen silent leads no longer than its lease lasts, and leaves when it is told to.

use std::collections::BTreeSet;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog::{MemoryReplica, Reading as _};
use allmende_kernel::{PartitionName, Timestamp};
use async_trait::async_trait;

use super::*;
use crate::cluster::{Members, ReplicaHead};
use crate::model::ModelCluster;
use crate::rules::Rules;
use crate::shared::Shared;

const LASTS: Duration = Duration::from_secs(10);
const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);
/// Timers are rounded.
const TICK: Duration = Duration::from_millis(2);

/// A cluster that answers nothing more once it has given a lease, but that one was given back.
struct Silent {
    cluster: ModelCluster,
    /// Whether who lives is still told.
    tells_members: bool,
    gave: AtomicBool,
}

#[async_trait]
impl Leases for Silent {
    fn lasts(&self) -> Duration {
        LASTS
    }

    async fn take(&self, partition: &PartitionName, holder: &str) -> Result<Option<Held>, Unavailable> {
        if self.gave.swap(true, Ordering::Relaxed) {
            return pending().await;
        }
        self.cluster.take(partition, holder).await
    }

    async fn renew(&self, _: &Held) -> Result<Option<Held>, Unavailable> {
        pending().await
    }

    async fn release(&self, held: Held) -> Result<(), Unavailable> {
        self.cluster.release(held).await
    }

    fn watch(&self, partition: &PartitionName) -> watch::Receiver<Option<MemberName>> {
        self.cluster.watch(partition)
    }
}

#[async_trait]
impl Members for Silent {
    fn lasts(&self) -> Duration {
        LASTS
    }

    async fn announce(&self, announcement: &Announcement) -> Result<(), Unavailable> {
        self.cluster.announce(announcement).await
    }

    async fn withdraw(&self, service: &str, member: &str) -> Result<(), Unavailable> {
        self.cluster.withdraw(service, member).await
    }

    async fn live(&self, service: &str) -> Result<Vec<Announcement>, Unavailable> {
        if self.gave.load(Ordering::Relaxed) && !self.tells_members {
            return pending().await;
        }
        self.cluster.live(service).await
    }
}

struct Led {
    log: Arc<NatsLog>,
    cluster: ModelCluster,
    leave: watch::Sender<bool>,
    leadership: tokio::task::JoinHandle<()>,
    wanted: watch::Receiver<bool>,
}

/// A member that was given the lease this moment, and is answered nothing more.
async fn led(tells_members: bool) -> Led {
    let partition = PartitionName::parse("waiting-0").unwrap();
    let replica = Arc::new(MemoryReplica::new(partition.clone()));
    let head = *replica.head().borrow();
    let shared = Shared::new(replica, Arc::new(ManualClock::at(NOW)), Rules::default());
    let log = Arc::new(NatsLog::over(shared));
    let cluster = ModelCluster::new(LASTS);
    let announcement = Announcement {
        member: "one".into(),
        service: "waiting".into(),
        address: "one:7400".into(),
        leaving: false,
        heads: vec![ReplicaHead {
            partition,
            group: head.group,
            epoch: head.epoch,
            hash: head.hash,
            standing: Standing::Able,
        }],
        event_types: BTreeSet::new(),
        announced_at: NOW,
    };
    cluster.announce(&announcement).await.unwrap();
    let silent = Arc::new(Silent { cluster: cluster.clone(), tells_members, gave: AtomicBool::new(false) });
    let company = Company { members: Arc::clone(&silent) as _, service: "waiting".into() };
    let leave = watch::Sender::new(false);
    let leadership = Leadership::new(Arc::clone(&log), silent, company, "one");
    let leadership = tokio::spawn(leadership.run(leave.subscribe()));
    let mut wanted = log.wanted();
    within(wanted.wait_for(|wanted| *wanted)).await.unwrap();
    Led { log, cluster, leave, leadership, wanted }
}

/// An hour of virtual time.
async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(3_600), future).await.expect("to come to an end")
}

#[tokio::test(start_paused = true)]
async fn nothing_is_led_beyond_the_lease_whatever_is_waited_for() {
    for tells_members in [true, false] {
        let mut led = led(tells_members).await;
        let since = Instant::now();
        within(led.wanted.wait_for(|wanted| !*wanted)).await.unwrap();
        let lasted = since.elapsed();
        assert!((LASTS..=LASTS + TICK).contains(&lasted), "{lasted:?}, members told: {tells_members}");
        led.leadership.abort();
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_told_to_leave_waits_for_nothing_else() {
    for tells_members in [true, false] {
        let led = led(tells_members).await;
        tokio::time::sleep(LASTS / 2).await;
        let asked = Instant::now();
        led.leave.send_replace(true);
        within(led.leadership).await.unwrap();
        assert!(asked.elapsed() <= TICK, "{:?}, members told: {tells_members}", asked.elapsed());
        assert!(!*led.wanted.borrow());
        assert_eq!(*led.cluster.watch(led.log.partition()).borrow(), None);
    }
}

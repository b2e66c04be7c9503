use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::PartitionName;
use async_trait::async_trait;
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::cluster::{Announcement, Held, Leases, MemberName, Members, Unavailable};

/// Leases and announcements in memory, on Tokio's clock. Clones are the same cluster.
#[derive(Clone)]
pub struct ModelCluster {
    lasts: Duration,
    shared: Arc<Mutex<Shared>>,
}

#[derive(Default)]
struct Shared {
    revisions: u64,
    leases: HashMap<PartitionName, Lease>,
    members: BTreeMap<(String, MemberName), (Instant, Announcement)>,
}

struct Lease {
    held: Option<(Held, Instant)>,
    watched: watch::Sender<Option<MemberName>>,
}

impl Lease {
    fn holder(&self) -> Option<&Held> {
        self.held.as_ref().filter(|(_, until)| *until > Instant::now()).map(|(held, _)| held)
    }
}

impl ModelCluster {
    /// A cluster in which leases and announcements last so long.
    pub fn new(lasts: Duration) -> Self {
        Self { lasts, shared: Arc::default() }
    }

    fn change<T>(&self, partition: &PartitionName, change: impl FnOnce(&mut Lease, &mut u64) -> T) -> T {
        let mut shared = self.shared.lock();
        let shared = &mut *shared;
        let lease = shared
            .leases
            .entry(partition.clone())
            .or_insert_with(|| Lease { held: None, watched: watch::Sender::new(None) });
        let changed = change(lease, &mut shared.revisions);
        let holder = lease.holder().map(|held| held.holder.clone());
        lease.watched.send_if_modified(|before| std::mem::replace(before, holder.clone()) != holder);
        changed
    }

    fn store(&self, lease: &mut Lease, revisions: &mut u64, partition: &PartitionName, holder: &str) -> Held {
        *revisions += 1;
        let held = Held { partition: partition.clone(), holder: holder.to_owned(), revision: *revisions };
        lease.held = Some((held.clone(), Instant::now() + self.lasts));
        held
    }
}

#[async_trait]
impl Leases for ModelCluster {
    fn lasts(&self) -> Duration {
        self.lasts
    }

    async fn take(&self, partition: &PartitionName, holder: &str) -> Result<Option<Held>, Unavailable> {
        Ok(self.change(partition, |lease, revisions| {
            let is_free = lease.holder().is_none_or(|held| held.holder == holder);
            is_free.then(|| self.store(lease, revisions, partition, holder))
        }))
    }

    async fn renew(&self, held: &Held) -> Result<Option<Held>, Unavailable> {
        Ok(self.change(&held.partition, |lease, revisions| {
            let is_same = lease.holder() == Some(held);
            is_same.then(|| self.store(lease, revisions, &held.partition, &held.holder))
        }))
    }

    async fn release(&self, held: Held) -> Result<(), Unavailable> {
        self.change(&held.partition, |lease, _| lease.held.take_if(|(now, _)| *now == held));
        Ok(())
    }

    fn watch(&self, partition: &PartitionName) -> watch::Receiver<Option<MemberName>> {
        let (cluster, name) = (self.clone(), partition.clone());
        let receiver = self.change(partition, |lease, _| lease.watched.subscribe());
        // A bucket tells when a lease has run out.
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(cluster.lasts / 10).await;
                cluster.change(&name, |_, _| ());
            }
        });
        receiver
    }
}

#[async_trait]
impl Members for ModelCluster {
    fn lasts(&self) -> Duration {
        self.lasts
    }

    async fn announce(&self, announcement: &Announcement) -> Result<(), Unavailable> {
        let key = (announcement.service.clone(), announcement.member.clone());
        self.shared.lock().members.insert(key, (Instant::now(), announcement.clone()));
        Ok(())
    }

    async fn withdraw(&self, service: &str, member: &str) -> Result<(), Unavailable> {
        self.shared.lock().members.remove(&(service.to_owned(), member.to_owned()));
        Ok(())
    }

    async fn live(&self, service: &str) -> Result<Vec<Announcement>, Unavailable> {
        let shared = self.shared.lock();
        let lives = |at: &Instant| at.elapsed() < self.lasts;
        let of_service = shared.members.iter().filter(|((of, _), (at, _))| of == service && lives(at));
        Ok(of_service.map(|(_, (_, announcement))| announcement.clone()).collect())
    }
}

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::EventLog;
use tokio::sync::watch;

use crate::cluster::{Announcement, ReplicaHead};
use crate::log::{Company, NatsLog};

/// Whether a member counts on staying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stay {
    /// It leads what falls to it.
    Staying,
    /// It hands over what it leads, and still answers.
    Leaving,
    /// It has left.
    Gone,
}

/// Tells the others about this member: where it is, and how far its replicas are.
pub struct Announcing {
    /// Whom it tells.
    pub company: Company,
    /// Its name.
    pub member: String,
    /// Where it takes commands.
    pub address: String,
    /// Its logs, one a partition.
    pub logs: Vec<Arc<NatsLog>>,
    /// What its version can read.
    pub event_types: BTreeSet<String>,
}

/// So often within the time that an announcement counts.
const TIMES: u32 = 4;
/// How long a member takes to say that it has left; who does not hear it finds out soon.
const FAREWELL: Duration = Duration::from_secs(1);

impl Announcing {
    /// Until the member is gone. What could not be told is told the next time: who is not heard of counts as gone, which
    /// costs leadership and no data.
    pub async fn run(self, mut stay: watch::Receiver<Stay>) {
        let members = &self.company.members;
        let pace = members.lasts() / TIMES;
        loop {
            // Whoever could tell has gone.
            let is_told = stay.has_changed().is_ok();
            let now = *stay.borrow_and_update();
            if now == Stay::Gone || !is_told {
                let withdrawn = members.withdraw(&self.company.service, &self.member);
                let _ = tokio::time::timeout(FAREWELL, withdrawn).await;
                return;
            }
            let announcement = self.announcement(now == Stay::Leaving);
            tokio::select! {
                _ = members.announce(&announcement) => {}
                // A member that has gone does not wait for this.
                _ = stay.wait_for(|stay| *stay == Stay::Gone) => continue,
            }
            let _ = tokio::time::timeout(pace, stay.changed()).await;
        }
    }

    fn announcement(&self, leaving: bool) -> Announcement {
        let heads = self.logs.iter().map(|log| {
            let head = *log.head().borrow();
            let partition = log.partition().clone();
            let standing = *log.standing().borrow();
            ReplicaHead { partition, group: head.group, epoch: head.epoch, hash: head.hash, standing }
        });
        Announcement {
            member: self.member.clone(),
            service: self.company.service.clone(),
            address: self.address.clone(),
            leaving,
            heads: heads.collect(),
            event_types: self.event_types.clone(),
            announced_at: self.logs.first().map(|log| log.now()).unwrap_or_default(),
        }
    }
}

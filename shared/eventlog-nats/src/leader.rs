//! Telling a member who leads, also one that has left and still answers.

use std::sync::{Arc, Weak};
use std::time::Duration;

use allmende_eventlog::EventLog;

use crate::cluster::{Announcement, Leases};
use crate::leadership::is_true;
use crate::log::{Company, NatsLog};

/// Who leads a partition: who holds its lease, which may be ahead of its first group, or behind its last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leader {
    /// The member's name.
    pub member: Arc<str>,
    /// Where it takes commands, if it was heard of.
    pub address: Option<Arc<str>>,
}

impl Leader {
    fn of(holder: &str, live: &[Announcement]) -> Self {
        let announced = live.iter().find(|live| live.member == holder);
        Self { member: holder.into(), address: announced.map(|leader| leader.address.as_str().into()) }
    }
}

/// Until the log is closed: whenever the lease moves, and now and then, as an address may come later or change.
pub(crate) async fn tell(log: Weak<NatsLog>, leases: Arc<dyn Leases>, company: Company, pace: Duration) {
    let Some((mut holder, mut stopped)) = log.upgrade().map(|log| (leases.watch(log.partition()), log.stopped()))
    else {
        return;
    };
    loop {
        let seen = holder.borrow_and_update().clone();
        let live = company.members.live(&company.service).await;
        let Some(log) = log.upgrade() else { return };
        let known = log.who_leads().borrow().clone();
        log.set_leader(seen.map(|holder| match (live, known) {
            (Ok(live), _) => Leader::of(&holder, &live),
            (Err(_), Some(known)) if *known.member == *holder => known,
            (Err(_), _) => Leader::of(&holder, &[]),
        }));
        drop(log);
        tokio::select! {
            () = is_true(&mut stopped) => return,
            moved = holder.changed() => if moved.is_err() { tokio::time::sleep(pace).await },
            () = tokio::time::sleep(pace) => {}
        }
    }
}

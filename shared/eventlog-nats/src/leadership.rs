//! Who tries to lead: a lease for each partition, taken by the member that is first in rank among those that live.
//!
//! Nothing here keeps history one. It keeps two members from trying at once, moves leadership to where it belongs, and
//! gives it to the next in rank when a leader is gone.

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::EventLog;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::cluster::{Announcement, Held, Leases, Unavailable};
use crate::log::{Company, NatsLog};
use crate::ranking::ranking;
use crate::shared::Role;

/// One member's part in who leads one partition.
pub struct Leadership {
    log: Arc<NatsLog>,
    leases: Arc<dyn Leases>,
    company: Company,
    member: String,
    /// Held, and by this member's clock until then.
    held: Option<(Held, Instant)>,
    /// Since when nobody is seen to hold it.
    free_since: Option<Instant>,
}

/// The lease is looked after so many times while it lasts.
const LOOKS: u32 = 5;
/// Groups that who takes over may have to read first. An announcement is some seconds old.
const HAND_OVER_LAG: u64 = 2_000;

impl Leadership {
    /// Looks after the lease of the log's partition, for `member`.
    pub fn new(log: Arc<NatsLog>, leases: Arc<dyn Leases>, company: Company, member: &str) -> Self {
        Self { log, leases, company, member: member.to_owned(), held: None, free_since: None }
    }

    /// Until `leave` is true: then what is led is handed over, and the lease given back.
    pub async fn run(mut self, mut leave: watch::Receiver<bool>) {
        let pace = self.leases.lasts() / LOOKS;
        let mut holder = self.leases.watch(self.log.partition());
        loop {
            let seen = holder.borrow_and_update().clone();
            self.look_after(seen.as_deref()).await;
            tokio::select! {
                biased;
                () = is_true(&mut leave) => break,
                // A lease that was given back is taken at once.
                moved = holder.changed() => if moved.is_err() { tokio::time::sleep(pace).await },
                () = tokio::time::sleep(pace) => {}
            }
        }
        self.give_up().await;
    }

    async fn look_after(&mut self, holder: Option<&str>) {
        let Ok(live) = self.company.members.live(&self.company.service).await else {
            // Who holds it goes on; who does not knows too little to begin.
            self.renew().await;
            return;
        };
        let leader = holder.and_then(|holder| live.iter().find(|live| live.member == holder));
        self.log.set_leader(leader.map(|leader| leader.address.as_str()));
        let rank = self.rank(&live);
        match (&self.held, rank) {
            (Some(_), Some(1..)) if self.first_has_caught_up(&live) => self.give_up().await,
            (Some(_), _) => self.renew().await,
            (None, Some(rank)) if holder.is_none() || holder == Some(&self.member) => self.take_after(rank).await,
            (None, _) => self.free_since = None,
        }
    }

    /// Those that may lead, the first one first.
    fn ranked<'a>(&self, live: &'a [Announcement]) -> Vec<&'a str> {
        let staying = live.iter().filter(|live| !live.leaving).map(|live| live.member.as_str());
        ranking(self.log.partition(), staying)
    }

    /// This member's place among them; `None` if it is not there, or not heard of for a moment.
    fn rank(&self, live: &[Announcement]) -> Option<usize> {
        self.ranked(live).iter().position(|member| *member == self.member)
    }

    /// Whether the member that belongs here has what this one has: until then its lead would be a wait for everybody.
    fn first_has_caught_up(&self, live: &[Announcement]) -> bool {
        let head = self.log.head().borrow().group;
        let first = self.ranked(live).first().and_then(|first| live.iter().find(|live| live.member == *first));
        let mut heads = first.into_iter().flat_map(|first| &first.heads);
        heads.any(|theirs| theirs.partition == *self.log.partition() && theirs.group + HAND_OVER_LAG >= head)
    }

    /// The first in rank takes a free lease at once; others wait, each longer, for those before them.
    async fn take_after(&mut self, rank: usize) {
        let since = *self.free_since.get_or_insert_with(Instant::now);
        let patience = self.leases.lasts() / 2 * u32::try_from(rank).unwrap_or(u32::MAX);
        if since.elapsed() < patience {
            return;
        }
        let asked = Instant::now();
        let taken = self.leases.take(self.log.partition(), &self.member).await;
        self.hold(asked, taken);
    }

    async fn renew(&mut self) {
        let Some((held, until)) = self.held.clone() else { return };
        let asked = Instant::now();
        match self.leases.renew(&held).await {
            // Until it has run out, for all that is known it is still held.
            Err(_) if until > Instant::now() => {}
            renewed => self.hold(asked, renewed),
        }
    }

    /// The lease lasts from before it was asked for, by this member's clock.
    fn hold(&mut self, asked: Instant, held: Result<Option<Held>, Unavailable>) {
        let until = asked + self.leases.lasts();
        self.held = held.ok().flatten().filter(|_| until > Instant::now()).map(|held| (held, until));
        self.free_since = None;
        self.log.want_to_lead(self.held.is_some());
    }

    /// Stops leading, once everybody who asked before is answered, and only then lets others take the lease.
    async fn give_up(&mut self) {
        self.log.want_to_lead(false);
        let Some((held, until)) = self.held.take() else { return };
        let mut role = self.log.role();
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let _ = tokio::time::timeout(left, role.wait_for(|role| !matches!(role, Role::Leader { .. }))).await;
        // If it is not given back it runs out.
        let _ = self.leases.release(held).await;
    }
}

/// Also when whoever could say so has gone.
async fn is_true(told: &mut watch::Receiver<bool>) {
    let _ = told.wait_for(|told| *told).await;
}

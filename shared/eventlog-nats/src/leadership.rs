//! Who tries to lead: a lease for each partition, taken by the member that is first in rank among those that live.
//!
//! Nothing here keeps history one. It keeps two members from trying at once, moves leadership to where it belongs, and
//! gives it to the next in rank when a leader is gone.

#[cfg(test)]
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::EventLog;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::cluster::{Announcement, Held, Leases, MemberName, Standing, Unavailable};
use crate::leader;
use crate::log::{Company, NatsLog};
use crate::ranking::able;
use crate::shared::Role;

/// One member's part in who leads one partition.
pub struct Leadership {
    log: Arc<NatsLog>,
    leases: Arc<dyn Leases>,
    company: Company,
    member: String,
    /// Held, and by this member's clock until then.
    held: Option<(Held, Instant)>,
    /// The other member that was seen to hold it last. It has given it up, or is gone: nobody waits for it to take it.
    before: Option<MemberName>,
    /// Since when nobody is seen to hold it.
    free_since: Option<Instant>,
}

/// The lease is looked after so many times while it lasts.
const LOOKS: u32 = 5;

impl Leadership {
    /// Looks after the lease of the log's partition, for `member`.
    pub fn new(log: Arc<NatsLog>, leases: Arc<dyn Leases>, company: Company, member: &str) -> Self {
        Self { log, leases, company, member: member.to_owned(), held: None, before: None, free_since: None }
    }

    /// Until `leave` is true: then what was asked for before is answered, nothing is led any more, and the lease is given
    /// back. The next in rank sees that at once, and leads as soon as its barrier is stored. Who leads is told until the log
    /// is closed, also after this.
    ///
    /// Leading ends when the lease runs out by this member's clock, and leaving begins when it is asked for, whatever is being
    /// waited for then.
    pub async fn run(mut self, mut leave: watch::Receiver<bool>) {
        let pace = self.leases.lasts() / LOOKS;
        let (log, leases) = (Arc::downgrade(&self.log), Arc::clone(&self.leases));
        tokio::spawn(leader::tell(log, leases, self.company.clone(), pace));
        let mut holder = self.leases.watch(self.log.partition());
        let mut standing = self.log.standing();
        loop {
            let ends = self.held.as_ref().map(|(_, until)| *until);
            let turn = async {
                let seen = holder.borrow_and_update().clone();
                standing.mark_unchanged();
                self.look_after(seen.as_deref()).await;
                tokio::select! {
                    biased;
                    // A lease that was given back is taken at once.
                    moved = holder.changed() => if moved.is_err() { tokio::time::sleep(pace).await },
                    // Who has become unable gives it up at once.
                    _ = standing.changed() => {}
                    () = tokio::time::sleep(pace) => {}
                }
            };
            tokio::select! {
                biased;
                () = is_true(&mut leave) => break,
                () = reached(ends) => self.run_out(),
                () = turn => {}
            }
        }
        self.give_up().await;
    }

    /// Nothing is led on a lease whose time is over, unless it was renewed meanwhile.
    fn run_out(&mut self) {
        if self.held.take_if(|(_, until)| *until <= Instant::now()).is_some() {
            self.log.want_to_lead(false);
        }
    }

    async fn look_after(&mut self, holder: Option<&str>) {
        let is_able = *self.log.standing().borrow() == Standing::Able;
        if !is_able && self.held.is_some() {
            self.give_up().await;
        }
        if let Some(other) = holder.filter(|holder| *holder != self.member) {
            self.before = Some(other.to_owned());
        }
        let Ok(mut live) = self.company.members.live(&self.company.service).await else {
            // Who holds it goes on; who does not knows too little to begin.
            self.renew().await;
            return;
        };
        self.bring_up_to_date(&mut live);
        if holder.is_none() {
            live.retain(|member| Some(&member.member) != self.before.as_ref());
        }
        let is_heard_of = live.iter().any(|member| member.member == self.member);
        let rank = able(self.log.partition(), &live).iter().position(|member| *member == self.member);
        match (&self.held, rank) {
            // Also while this member's own announcement is not heard of for a moment.
            (Some(_), Some(0)) => self.renew().await,
            (Some(_), None) if !is_heard_of => self.renew().await,
            // It belongs to another, which is ready for it.
            (Some(_), _) => self.give_up().await,
            (None, Some(rank)) if holder.is_none() || holder == Some(&self.member) => self.take_after(rank).await,
            (None, _) => self.free_since = None,
        }
    }

    /// What this member has announced of itself is some seconds old.
    fn bring_up_to_date(&self, live: &mut [Announcement]) {
        let (head, standing) = (*self.log.head().borrow(), *self.log.standing().borrow());
        let own = live.iter_mut().filter(|member| member.member == self.member);
        for own in own.flat_map(|own| &mut own.heads).filter(|own| own.partition == *self.log.partition()) {
            (own.group, own.epoch, own.hash, own.standing) = (head.group, head.epoch, head.hash, standing);
        }
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

    /// Stops leading, once everybody who asked before is answered, and only then lets others take the lease. What is cut
    /// short is done again from the beginning.
    async fn give_up(&mut self) {
        self.log.want_to_lead(false);
        let Some((held, until)) = self.held.clone() else { return };
        let mut role = self.log.role();
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let _ = tokio::time::timeout(left, role.wait_for(|role| !matches!(role, Role::Leader { .. }))).await;
        // If it is not given back it runs out.
        let _ = tokio::time::timeout(self.leases.lasts(), self.leases.release(held)).await;
        self.held = None;
    }
}

/// As long as there is no such moment, never.
async fn reached(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Also when whoever could say so has gone.
pub(crate) async fn is_true(told: &mut watch::Receiver<bool>) {
    let _ = told.wait_for(|told| *told).await;
}

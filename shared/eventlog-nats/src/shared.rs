//! What a member's log and the machine that moves it share.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use allmende_eventlog::{Admission, Head, Replica};
use allmende_kernel::Clock;
use parking_lot::RwLock;
use tokio::sync::{Notify, watch};

use crate::cluster::Standing;
use crate::halt::Halt;
use crate::leader::Leader;
use crate::rules::Rules;
use crate::term::Term;

/// What a member does for its partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// Applies what others publish.
    Follower,
    /// Leads the term of this epoch.
    Leader {
        /// From the log.
        epoch: u64,
    },
    /// Is to lead and does not: another member has a group that has not come here.
    HeldUp {
        /// Which member.
        by: String,
        /// Its last group.
        group: u64,
    },
    /// Applies nothing more until somebody has looked into it. What it has is still read.
    Halted(Halt),
}

pub(crate) struct Shared {
    pub(crate) replica: Arc<dyn Replica>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rules: Rules,
    pub(crate) head: watch::Receiver<Head>,
    /// Something was admitted.
    pub(crate) work: Notify,
    pub(crate) role: watch::Sender<Role>,
    pub(crate) standing: watch::Sender<Standing>,
    pub(crate) leader: watch::Sender<Option<Leader>>,
    /// Heads of other members that were passed over.
    pub(crate) passed_over: AtomicU64,
    current: RwLock<Option<Arc<Term>>>,
    terms: AtomicU64,
    readable: RwLock<Option<Arc<BTreeSet<String>>>>,
}

impl Shared {
    pub(crate) fn new(replica: Arc<dyn Replica>, clock: Arc<dyn Clock>, rules: Rules) -> Arc<Self> {
        let shared = Arc::new(Self {
            head: replica.head(),
            replica,
            clock,
            rules,
            work: Notify::new(),
            role: watch::Sender::new(Role::Follower),
            standing: watch::Sender::new(Standing::Able),
            leader: watch::Sender::new(None),
            passed_over: AtomicU64::new(0),
            current: RwLock::new(None),
            terms: AtomicU64::new(0),
            readable: RwLock::new(None),
        });
        shared.set_term(None);
        shared
    }

    /// The term that decisions of now are bound to, or the time between two.
    pub(crate) fn term(self: &Arc<Self>) -> Arc<Term> {
        let current = self.current.read().clone();
        current.unwrap_or_else(|| Arc::new(Term::new(0, None, Arc::clone(self))))
    }

    /// Ends the present term and begins another; without an admission it is the time between two.
    pub(crate) fn set_term(self: &Arc<Self>, admission: Option<Admission>) -> Arc<Term> {
        let number = 1 + self.terms.fetch_add(1, Ordering::Relaxed);
        let term = Arc::new(Term::new(number, admission, Arc::clone(self)));
        let before = self.current.write().replace(Arc::clone(&term));
        if let Some(before) = before {
            before.end();
        }
        term
    }

    /// Nobody comes to the present term any more; who decided in it is still served until it is ended.
    pub(crate) fn retire_term(self: &Arc<Self>) {
        let number = 1 + self.terms.fetch_add(1, Ordering::Relaxed);
        *self.current.write() = Some(Arc::new(Term::new(number, None, Arc::clone(self))));
    }

    /// Lets go of the present term, which holds on to this.
    pub(crate) fn close(&self) {
        if let Some(term) = self.current.write().take() {
            term.end();
        }
        // It stays what it is for those who compare heads; nobody gives it a lease any more.
        self.standing.send_if_modified(|before| {
            *before == Standing::Able && {
                *before = Standing::Unable;
                true
            }
        });
        self.role.send_if_modified(|role| {
            let led = matches!(role, Role::Leader { .. });
            if led {
                *role = Role::Follower;
            }
            led
        });
    }

    /// Says so if it has changed.
    pub(crate) fn set_standing(&self, standing: Standing) {
        self.standing.send_if_modified(|before| std::mem::replace(before, standing) != standing);
    }

    /// The types that every member can read; `None` if nothing is known to be missing.
    pub(crate) fn readable(&self) -> Option<Arc<BTreeSet<String>>> {
        self.readable.read().clone()
    }

    pub(crate) fn set_readable(&self, types: Option<BTreeSet<String>>) {
        *self.readable.write() = types.map(Arc::new);
    }
}

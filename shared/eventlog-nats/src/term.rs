//! The log as one leader writes it, from its barrier until it is deposed.

use std::collections::BTreeSet;
use std::sync::Arc;

use allmende_eventlog::{
    Admission, AppendError, EventLog, NewCommit, Origin, ReadError, Reading, StopReason, Submitted,
};
use allmende_kernel::{Revision, StreamName, Timestamp};
use parking_lot::Mutex;

use crate::shared::Shared;

/// A term of this member. Outlives its end, and refuses everything from then on.
///
/// Decisions are bound to the term that they were made in: what is ahead of the durable log in one term may never come to
/// count, and must neither be stored nor confirmed by the next, also if the same member leads it.
pub(crate) struct Term {
    /// Different for every term, and time between terms, of this process.
    pub(crate) number: u64,
    /// `None` while this member does not lead.
    admission: Option<Mutex<Admission>>,
    shared: Arc<Shared>,
}

impl Term {
    pub(crate) fn new(number: u64, admission: Option<Admission>, shared: Arc<Shared>) -> Self {
        Self { number, admission: admission.map(Mutex::new), shared }
    }

    pub(crate) fn admission(&self) -> Option<&Mutex<Admission>> {
        self.admission.as_ref()
    }

    /// Tells everyone who waits, and whoever comes, that it is over.
    pub(crate) fn end(&self) {
        if let Some(admission) = &self.admission {
            admission.lock().stop(StopReason::Deposed);
        }
    }

    fn leading(&self) -> Result<&Mutex<Admission>, AppendError> {
        self.admission.as_ref().ok_or_else(|| self.not_leading())
    }

    fn not_leading(&self) -> AppendError {
        let leader = self.shared.leader.borrow().clone();
        AppendError::NotLeading { leader: leader.and_then(|leader| leader.address) }
    }

    /// A commit that is refused by a term that is over has left no trace.
    fn untaken(&self, error: AppendError) -> AppendError {
        match error {
            AppendError::Stopped(StopReason::Deposed) => self.not_leading(),
            error => error,
        }
    }

    fn check_readable(&self, commit: &NewCommit) -> Result<(), AppendError> {
        let Some(readable): Option<Arc<BTreeSet<String>>> = self.shared.readable() else { return Ok(()) };
        let mut events = commit.writes.iter().flat_map(|write| &write.events);
        if events.all(|event| readable.contains(event.event_type)) {
            Ok(())
        } else {
            Err(AppendError::Unstorable("not every member can read this type of event yet"))
        }
    }
}

impl EventLog for Term {
    fn reading(&self) -> &dyn Reading {
        self.shared.replica.as_ref()
    }

    fn now(&self) -> Timestamp {
        let now = self.shared.clock.now();
        match &self.admission {
            Some(admission) => admission.lock().monotone(now),
            None => now.max(self.shared.head.borrow().leader_time),
        }
    }

    fn submit(&self, commit: NewCommit) -> Result<Submitted, AppendError> {
        let admission = self.leading()?;
        self.check_readable(&commit)?;
        let submitted = admission.lock().submit(commit, self.shared.replica.as_ref());
        self.shared.work.notify_one();
        submitted.map_err(|error| self.untaken(error))
    }

    fn recall(&self, origin: &Origin, now: Timestamp) -> Result<Option<Submitted>, AppendError> {
        let recalled = self.leading()?.lock().recall(origin, now, self.shared.replica.as_ref());
        self.shared.work.notify_one();
        recalled.map_err(|error| self.untaken(error))
    }

    fn settle(&self) -> Submitted {
        let Some(admission) = &self.admission else { return Submitted::stopped(StopReason::Deposed) };
        let settled = admission.lock().settle();
        self.shared.work.notify_one();
        settled
    }

    fn term(&self) -> u64 {
        if self.shared.rules.forget { self.number } else { 0 }
    }

    fn admitted_revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        let replica = self.shared.replica.as_ref();
        match &self.admission {
            Some(admission) => admission.lock().revision(stream, replica),
            None => replica.revision(stream),
        }
    }
}

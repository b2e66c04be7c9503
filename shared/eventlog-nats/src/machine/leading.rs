//! Leading a term: one group in flight, and what becomes of it is what the reader finds at its place.

use std::sync::Arc;

use allmende_eventlog::{Admission, Arrived, Head, OpenGroup, Sealer};

use super::placing::Placing;
use super::{Machine, Moment};
use crate::shared::Role;
use crate::stream::Published;
use crate::term::Term;

pub(super) struct Leading {
    term: Arc<Term>,
    sealer: Sealer,
    flight: Option<Flight>,
    /// Leadership is being given up: what waits is still published, until then at most.
    ends_at: Option<Moment>,
}

/// The group that is published and not found yet.
struct Flight {
    group: Arc<OpenGroup>,
    /// What it makes, if it counts.
    head: Head,
    state: FlightState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FlightState {
    /// With the server.
    Sent(u64),
    /// Something stands at its place, says the server, the group itself or another message: the reader will find it. If it
    /// does not, that was wrong, or is no longer so.
    Told(Moment),
    /// A barrier is being placed where it should be.
    Unknown,
}

/// What a message holds besides the body, and what compression may add where there is nothing to gain.
const OVERHEAD: usize = 32 << 10;

impl std::fmt::Debug for Leading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.flight.as_ref().map(|flight| flight.state);
        f.debug_struct("Leading").field("flight", &state).field("ends_at", &self.ends_at).finish_non_exhaustive()
    }
}

impl Leading {
    pub(super) fn wake_at(&self, patience: Moment) -> Option<Moment> {
        let told = match self.flight.as_ref().map(|flight| flight.state) {
            Some(FlightState::Told(since)) => Some(since + patience),
            _ => None,
        };
        [told, self.ends_at].into_iter().flatten().min()
    }

    fn has_work(&self) -> bool {
        self.term.admission().is_some_and(|admission| admission.lock().has_work())
    }
}

impl Machine {
    /// Begins to lead behind `head`, which this member's barrier made.
    pub(super) fn lead(&mut self, head: Head) {
        let (window, commits) = (self.options.window, self.options.group_commits);
        let bytes = self.message_bytes.saturating_sub(OVERHEAD).max(1);
        let admission = match self.rules.confirm {
            true => Admission::of_leader(head, window, commits, bytes),
            false => Admission::new(head, window, commits),
        };
        let term = self.shared.set_term(Some(admission));
        self.leading = Some(Leading { term, sealer: Sealer::new(head, window), flight: None, ends_at: None });
        self.shared.role.send_replace(Role::Leader { epoch: head.epoch });
    }

    /// The term is over: what waits may be stored or not, and nobody here will find out which before the same request
    /// asks again.
    pub(super) fn depose(&mut self) {
        let Some(leading) = self.leading.take() else { return };
        leading.term.end();
        self.expect_nothing();
        self.shared.set_term(None);
        self.stop_placing();
        self.shared.role.send_replace(Role::Follower);
    }

    pub(super) fn wanted(&mut self, wanted: bool) {
        self.wanted = wanted;
        let ends_at = self.now + self.options.timing.hand_over;
        match &mut self.leading {
            Some(leading) if !wanted && leading.ends_at.is_none() => {
                leading.ends_at = Some(ends_at);
                // Nobody comes to it any more; who has is still served.
                self.shared.retire_term();
            }
            _ => {}
        }
    }

    pub(super) fn keep_leading(&mut self) {
        let Some(leading) = &mut self.leading else { return };
        if let Some(ends_at) = leading.ends_at {
            let done = leading.flight.is_none() && !leading.has_work();
            if done || ends_at <= self.now {
                self.depose();
                return;
            }
        }
        match &mut leading.flight {
            None if self.placing.is_none() => self.publish_next(),
            Some(Flight { state: FlightState::Told(since), .. }) if *since + self.options.timing.read <= self.now => {
                *since = self.now;
                if self.rules.insist {
                    self.resolve();
                }
            }
            _ => {}
        }
    }

    /// Makes sure that something comes at the place of the group in flight (rule 3).
    fn resolve(&mut self) {
        if let Some(flight) = self.leading.as_mut().and_then(|leading| leading.flight.as_mut()) {
            flight.state = FlightState::Unknown;
            self.unlink();
            self.placing = Some(Placing::resolving());
        }
    }

    fn publish_next(&mut self) {
        if !self.is_linked() {
            return;
        }
        let Some(leading) = &mut self.leading else { return };
        let taken = leading.term.admission().and_then(|admission| admission.lock().take());
        let Some(group) = taken else { return };
        let mut message = Vec::new();
        let head = leading.sealer.seal(&group, &mut message);
        // The one before is what this member's reader has found last.
        let attempt = self.publish(head.group - 1, message.into());
        if let Some(leading) = &mut self.leading {
            leading.flight = Some(Flight { group, head, state: FlightState::Sent(attempt) });
        }
    }

    pub(super) fn published(&mut self, attempt: u64, outcome: Published) {
        let flight = self.leading.as_mut().and_then(|leading| leading.flight.as_mut());
        let Some(flight) = flight.filter(|flight| flight.state == FlightState::Sent(attempt)) else {
            self.placed(attempt, outcome);
            return;
        };
        match outcome {
            Published::Committed(sequence) if sequence == flight.head.group => {
                flight.state = FlightState::Told(self.now);
                self.expect_message();
                if !self.rules.own_reader {
                    self.take_for_found();
                }
            }
            Published::Refused => {
                flight.state = FlightState::Told(self.now);
                self.expect_message();
            }
            Published::Committed(_) | Published::Unknown if !self.rules.resolve => self.take_for_found(),
            Published::Committed(_) | Published::Unknown => self.resolve(),
        }
    }

    /// What a leader must not do, for the tests that show why.
    fn take_for_found(&mut self) {
        let Some(leading) = &mut self.leading else { return };
        if let Some(flight) = leading.flight.take() {
            flight.group.acknowledge();
            if let Some(admission) = leading.term.admission() {
                admission.lock().written();
            }
        }
    }

    /// Whether what was found is the group in flight. Then it counts, and those who wait for it are told.
    pub(super) fn found_own(&mut self, arrived: &Arrived) -> bool {
        let depose = self.rules.depose;
        let Some(leading) = &mut self.leading else { return false };
        let is_own = |flight: &mut Flight| flight.head == arrived.head || !depose;
        let Some(flight) = leading.flight.take_if(is_own) else { return false };
        if let Some(admission) = leading.term.admission() {
            admission.lock().written();
        }
        flight.group.acknowledge();
        true
    }
}

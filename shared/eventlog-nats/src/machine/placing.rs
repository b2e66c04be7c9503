//! Placing a barrier behind the head: to begin a term, and to find out what became of a group.

use allmende_eventlog::{Arrived, Head, TermId, barrier};
use bytes::Bytes;

use super::{Effect, LinkState, Machine, Moment};
use crate::chain::Meaning;
use crate::halt::Halt;
use crate::shared::Role;
use crate::stream::{Published, StreamError};

#[derive(Debug)]
pub(super) struct Placing {
    phase: Phase,
    tries: u32,
    barrier: Option<Barrier>,
    /// It stands in for a group whose outcome is unknown: who leads already need not compare heads again.
    resolves: bool,
    /// The stream refused the barrier when it answered last.
    refused: bool,
    /// How often the stream was said to end before the replica, since then or since its last message is waited for.
    cut_short: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The heads of the others, before anything is published (rule 5).
    Asking,
    /// For the reader to find the replica's last message in the stream: who has another history must not publish.
    Matching(Moment),
    /// Another attempt is made then.
    Pausing(Moment),
    /// For a fresh connection.
    Connecting,
    /// With the server.
    Sent(u64),
    /// Something stands at its place, says the server, the barrier itself or another message: the reader will find it.
    Told(Moment),
}

/// Published again as it is while nothing is known of it: whichever copy lands, it is the same.
#[derive(Debug)]
struct Barrier {
    /// The group before it.
    behind: u64,
    term: TermId,
    message: Bytes,
}

/// The stream says so often that it ends before the replica until it is believed: a few answers may be old.
const CUT_SHORT: u32 = 5;

impl Placing {
    fn new(phase: Phase, resolves: bool) -> Self {
        Self { phase, tries: 0, barrier: None, resolves, refused: false, cut_short: 0 }
    }

    pub(super) fn resolving() -> Self {
        Self::new(Phase::Connecting, true)
    }

    pub(super) fn wake_at(&self, patience: Moment) -> Option<Moment> {
        match self.phase {
            Phase::Pausing(until) => Some(until),
            Phase::Told(since) | Phase::Matching(since) => Some(since + patience),
            Phase::Asking | Phase::Connecting | Phase::Sent(_) => None,
        }
    }
}

impl Machine {
    /// There is nothing to be placed any more. What was sent may still arrive; it is refused, or harmless.
    pub(super) fn stop_placing(&mut self) {
        self.placing = None;
        self.expect_nothing();
    }

    pub(super) fn keep_placing(&mut self) {
        if self.placing.is_none() && self.wanted && self.leading.is_none() && self.may_lead() {
            self.begin_asking(0);
        }
        let (now, patience) = (self.now, self.options.timing.read);
        let Some(placing) = &mut self.placing else { return };
        if !placing.resolves && (!self.wanted || self.halted || self.unreadable.is_some()) {
            self.stop_placing();
            return;
        }
        match placing.phase {
            Phase::Pausing(until) if until <= now && placing.resolves => placing.phase = Phase::Connecting,
            Phase::Pausing(until) if until <= now => {
                let tries = placing.tries;
                self.begin_asking(tries);
                return;
            }
            Phase::Matching(_) if !self.reading.overlap_due => {
                placing.phase = Phase::Connecting;
                self.expect_nothing();
            }
            Phase::Matching(since) if since + patience <= now => {
                placing.phase = Phase::Matching(now);
                self.effects.push(Effect::AskHint);
            }
            // The reader hangs, or there is nothing to be read: the same barrier lands there, or is refused once more.
            Phase::Told(since) if since + patience <= now => {
                placing.phase = if self.rules.insist { Phase::Connecting } else { Phase::Told(now) };
                self.effects.push(Effect::AskHint);
            }
            _ => {}
        }
        if self.placing.as_ref().is_some_and(|placing| placing.phase == Phase::Connecting) {
            match self.link.state {
                LinkState::Up if !self.link.busy => self.place(),
                LinkState::Down => self.connect(),
                LinkState::Up | LinkState::Connecting | LinkState::Failed(_) => {}
            }
        }
    }

    /// Asks for the others' heads, anew before every attempt. The barrier stays the same as long as it may land.
    fn begin_asking(&mut self, tries: u32) {
        self.unlink();
        let behind = self.head.group;
        let mut placing = self.placing.take().unwrap_or(Placing::new(Phase::Asking, false));
        if !self.rules.same_barrier || placing.barrier.as_ref().is_none_or(|barrier| barrier.behind != behind) {
            placing = Placing::new(Phase::Asking, false);
        }
        (placing.phase, placing.tries) = (Phase::Asking, tries);
        self.placing = Some(placing);
        if !self.rules.compare {
            self.level();
        }
        self.effects.push(Effect::AskMembers);
    }

    fn place(&mut self) {
        let head = self.head;
        let Some(mut placing) = self.placing.take() else { return };
        let barrier = match placing.barrier.take().filter(|barrier| barrier.behind == head.group) {
            Some(barrier) => barrier,
            None => self.new_barrier(&head),
        };
        placing.phase = Phase::Sent(self.publish(head.group, barrier.message.clone()));
        placing.barrier = Some(barrier);
        self.placing = Some(placing);
    }

    fn new_barrier(&mut self, head: &Head) -> Barrier {
        let (high, low) = ((self.random)(), (self.random)());
        let term = TermId((u128::from(high) << 64 | u128::from(low)).to_be_bytes());
        let (message, _) = barrier(head, term, self.shared.clock.now(), self.options.window);
        Barrier { behind: head.group, term, message: message.into() }
    }

    pub(super) fn placed(&mut self, attempt: u64, outcome: Published) {
        let now = self.now;
        let Some(placing) = self.placing.as_mut().filter(|placing| placing.phase == Phase::Sent(attempt)) else {
            // The reader was faster. A connection that loses answers is not gone on with.
            if outcome == Published::Unknown {
                self.unlink();
            }
            return;
        };
        match outcome {
            Published::Committed(_) | Published::Refused => {
                (placing.phase, placing.refused) = (Phase::Told(now), outcome == Published::Refused);
                self.expect_message();
            }
            Published::Unknown => {
                placing.tries += 1;
                let tries = placing.tries;
                self.unlink();
                self.pause_placing(tries);
            }
        }
    }

    fn pause_placing(&mut self, tries: u32) {
        let until = self.now + self.pause(tries);
        if let Some(placing) = &mut self.placing {
            placing.phase = Phase::Pausing(until);
        }
    }

    /// Something was found that no group of this member is: its barrier, or what makes another attempt necessary.
    pub(super) fn found_barrier(&mut self, arrived: &Arrived, meaning: Meaning) {
        let Some(placing) = &self.placing else { return };
        let Some(barrier) = &placing.barrier else { return };
        if meaning == Meaning::Barrier(barrier.term) {
            self.stop_placing();
            if self.wanted && self.may_lead() {
                self.lead(arrived.head);
            }
        } else if arrived.head.group > barrier.behind {
            let tries = placing.tries + 1;
            self.placing = Some(Placing { tries, ..Placing::new(Phase::Asking, false) });
            self.unlink();
            self.pause_placing(tries.min(3));
        }
    }

    /// Where the stream ends is not surely told. But if it refuses what expects the replica's end, or does not give the
    /// message there, and goes on saying that it ends before, then it lost what the replica has (rule 5).
    pub(super) fn hinted(&mut self, hint: Result<u64, StreamError>) {
        let replica = self.head.group;
        let Some(placing) = &mut self.placing else { return };
        let is_cut = placing.refused || matches!(placing.phase, Phase::Matching(_));
        let Some(stream) = hint.ok().filter(|_| is_cut) else { return };
        if stream >= replica {
            placing.cut_short = 0;
            return;
        }
        placing.cut_short += 1;
        if placing.cut_short >= CUT_SHORT {
            self.halt(Halt::Ahead { stream, replica });
        }
    }

    pub(super) fn is_asking(&self) -> bool {
        self.placing.as_ref().is_some_and(|placing| placing.phase == Phase::Asking)
    }

    /// The others' heads are not to be had now.
    pub(super) fn not_compared(&mut self) {
        if self.is_asking() {
            self.ask_later();
        }
    }

    /// What another member has may have been acknowledged: nothing is placed before that is read here too.
    pub(super) fn held_up(&mut self, by: String, group: u64) {
        if self.is_asking() {
            self.shared.role.send_replace(Role::HeldUp { by, group });
            self.ask_later();
        }
    }

    /// Nobody has more than this member.
    pub(super) fn level(&mut self) {
        if !self.is_asking() {
            return;
        }
        if matches!(*self.shared.role.borrow(), Role::HeldUp { .. }) {
            self.shared.role.send_replace(Role::Follower);
        }
        let now = self.now;
        if let Some(placing) = &mut self.placing {
            placing.phase = if self.rules.match_first { Phase::Matching(now) } else { Phase::Connecting };
            self.expect_message();
        }
    }

    fn ask_later(&mut self) {
        let Some(placing) = &mut self.placing else { return };
        placing.tries += 1;
        let tries = placing.tries;
        self.pause_placing(tries);
    }
}

//! Placing a barrier behind the head: to begin a term, and to find out what became of a group.

use std::collections::BTreeSet;

use allmende_eventlog::{Arrived, Head, TermId, barrier};
use bytes::Bytes;

use super::{Effect, LinkState, Machine, Moment};
use crate::chain::Meaning;
use crate::cluster::{Announcement, Unavailable};
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
    /// How often the stream was said to end before the replica, since it refused the barrier.
    cut_short: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The heads of the others, before anything is published (rule 5).
    Asking,
    /// Another attempt is made then.
    Pausing(Moment),
    /// For a fresh connection.
    Connecting,
    /// With the server.
    Sent(u64),
    /// Something stands at its place, the barrier itself or another message: the reader will find it.
    Told { since: Moment, refused: bool },
}

/// Published again as it is while nothing is known of it: whichever copy lands, it is the same.
#[derive(Debug)]
struct Barrier {
    /// The group before it.
    behind: u64,
    term: TermId,
    message: Bytes,
}

/// The stream says so often that it ends before the replica until it is believed: a single answer may be old.
const CUT_SHORT: u32 = 3;

impl Placing {
    fn new(phase: Phase, resolves: bool) -> Self {
        Self { phase, tries: 0, barrier: None, resolves, cut_short: 0 }
    }

    pub(super) fn resolving() -> Self {
        Self::new(Phase::Connecting, true)
    }

    pub(super) fn wake_at(&self, patience: Moment) -> Option<Moment> {
        match self.phase {
            Phase::Pausing(until) => Some(until),
            Phase::Told { since, .. } => Some(since + patience),
            Phase::Asking | Phase::Connecting | Phase::Sent(_) => None,
        }
    }
}

impl Machine {
    /// There is nothing to be placed any more. What was sent may still arrive; it is refused, or harmless.
    pub(super) fn stop_placing(&mut self) {
        self.placing = None;
    }

    pub(super) fn keep_placing(&mut self) {
        if self.placing.is_none() && self.wanted && self.leading.is_none() && self.unreadable.is_none() {
            self.begin_asking(0);
        }
        let (now, patience) = (self.now, self.options.timing.read);
        let Some(placing) = &mut self.placing else { return };
        if !placing.resolves && !self.wanted {
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
            Phase::Told { since, refused } if since + patience <= now => {
                placing.phase = Phase::Told { since: now, refused };
                // Either the reader hangs, or there is nothing to be read.
                self.follow();
                self.effects.push(Effect::AskHint);
                return;
            }
            _ => {}
        }
        if placing.phase == Phase::Connecting {
            match self.link.state {
                LinkState::Up => self.place(),
                LinkState::Down => self.connect(),
                LinkState::Connecting | LinkState::Failed(_) => {}
            }
        }
    }

    fn begin_asking(&mut self, tries: u32) {
        self.unlink();
        let phase = if self.rules.compare { Phase::Asking } else { Phase::Connecting };
        self.placing = Some(Placing { tries, ..Placing::new(phase, false) });
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
            Published::Committed(_) => placing.phase = Phase::Told { since: now, refused: false },
            Published::Refused => placing.phase = Phase::Told { since: now, refused: true },
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
            if self.wanted && self.unreadable.is_none() {
                self.lead(arrived.head);
            }
        } else if arrived.head.group > barrier.behind {
            let tries = placing.tries + 1;
            self.placing = Some(Placing { tries, ..Placing::new(Phase::Asking, false) });
            self.unlink();
            self.pause_placing(tries.min(3));
        }
    }

    /// Where the stream ends is not surely told. But if it refuses what expects the replica's end, and goes on saying that
    /// it ends before, then it lost what the replica has (rule 5).
    pub(super) fn hinted(&mut self, hint: Result<u64, StreamError>) {
        let replica = self.head.group;
        let Some(placing) = &mut self.placing else { return };
        let (Ok(stream), Phase::Told { refused: true, .. }) = (hint, placing.phase) else { return };
        if stream >= replica {
            placing.cut_short = 0;
            return;
        }
        placing.cut_short += 1;
        if placing.cut_short >= CUT_SHORT {
            self.halt(Halt::Ahead { stream, replica });
        }
    }

    /// Compares this replica with what the others tell of theirs.
    pub(super) fn compare(&mut self, members: Result<Vec<Announcement>, Unavailable>) {
        let asking = self.placing.as_ref().filter(|placing| placing.phase == Phase::Asking).map(|p| p.tries + 1);
        let Ok(members) = members else {
            if let Some(tries) = asking {
                self.pause_after(tries);
            }
            return;
        };
        self.note_readable(&members);
        let mut furthest: Option<(&str, u64)> = None;
        for member in members.iter().filter(|member| member.member != self.options.member) {
            let heads = member.heads.iter().filter(|head| head.partition == *self.shared.replica.partition());
            for head in heads {
                if head.group > self.head.group {
                    furthest =
                        furthest.filter(|(_, group)| *group >= head.group).or(Some((&member.member, head.group)));
                } else if self.hash_at(head.group).is_some_and(|hash| hash != head.hash) {
                    let (member, group) = (member.member.clone(), head.group);
                    self.halt(Halt::DiffersFrom { member, group });
                    return;
                }
            }
        }
        let Some(tries) = asking else { return };
        match furthest {
            // What it has may have been acknowledged: nothing is placed before that is read here too.
            Some((by, group)) => {
                self.shared.role.send_replace(Role::HeldUp { by: by.to_owned(), group });
                self.pause_after(tries);
            }
            None => {
                if matches!(*self.shared.role.borrow(), Role::HeldUp { .. }) {
                    self.shared.role.send_replace(Role::Follower);
                }
                if let Some(placing) = &mut self.placing {
                    placing.phase = Phase::Connecting;
                }
            }
        }
    }

    fn pause_after(&mut self, tries: u32) {
        if let Some(placing) = &mut self.placing {
            placing.tries = tries;
        }
        self.pause_placing(tries);
    }

    fn hash_at(&self, group: u64) -> Option<allmende_eventlog::Hash> {
        if group == self.head.group {
            return Some(self.head.hash);
        }
        let read = self.shared.replica.read_groups(group.checked_sub(1)?, 0).ok()?;
        read.first().map(|read| read.header().hash)
    }

    /// New types are written only once every member can read them (rule 6).
    fn note_readable(&mut self, members: &[Announcement]) {
        let Some(mut readable) = self.options.event_types.clone() else { return };
        for member in members {
            readable = readable.intersection(&member.event_types).cloned().collect::<BTreeSet<_>>();
        }
        self.shared.set_readable(Some(readable));
    }
}

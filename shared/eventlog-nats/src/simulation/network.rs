//! The network between the members and the server, and whoever meddles with the members.

use std::time::Duration;

use bytes::Bytes;

use super::world::{Event, World};
use crate::machine::{Effect, Input};
use crate::stream::{Published, StreamError};

impl World {
    /// What the server makes of a message.
    pub(super) fn arrives(&mut self, expected_last: u64, message: Bytes) -> Published {
        // It counts what another attempt had proposed, and what will come to nothing.
        if self.random.chance(self.faults.refused_for_nothing) {
            return Published::Refused;
        }
        let Some(sequence) = self.stream.publish(expected_last, message) else { return Published::Refused };
        if self.random.chance(self.faults.acknowledged_and_lost) {
            self.stream.cut(expected_last);
        } else {
            self.give_all();
        }
        Published::Committed(sequence)
    }

    /// Every follower learns that there is something.
    pub(super) fn give_all(&mut self) {
        for node in 0..self.nodes.len() {
            let following = self.nodes[node].live.as_ref().and_then(|live| live.following);
            if let Some((follower, _)) = following {
                let slow = self.random.chance(self.faults.slow_followers);
                let after = if slow { self.random.micros(1_000_000, 6_000_000) } else { self.random.micros(50, 3_000) };
                let life = self.nodes[node].life;
                self.later(after, Event::Gives { node, life, follower });
            }
        }
    }

    pub(super) fn give(&mut self, node: usize, follower: u64) {
        let ends = self.random.chance(self.faults.ended_followers);
        let again = self.random.chance(self.faults.repeated_messages);
        let most = 1 + self.random.below(8);
        let Some(live) = &mut self.nodes[node].live else { return };
        let Some((_, next)) = live.following.filter(|(number, _)| *number == follower) else { return };
        if ends {
            live.following = None;
            self.tell(node, Input::FollowEnded(StreamError::Unreachable("played".into())));
            return;
        }
        let from = if again { next.saturating_sub(1).max(1) } else { next };
        let messages: Vec<_> = (from..next + most).map_while(|sequence| self.stream.get(sequence)).collect();
        let Some(last) = messages.last().map(|message| message.sequence) else { return };
        live.following = Some((follower, next.max(last + 1)));
        if last < self.stream.last() {
            let life = self.nodes[node].life;
            let after = self.random.micros(50, 1_000);
            self.later(after, Event::Gives { node, life, follower });
        }
        self.tell(node, Input::Messages(messages));
    }

    pub(super) fn perform(&mut self, node: usize, effect: Effect) {
        let life = self.nodes[node].life;
        let faults = self.faults;
        let Some(live) = &mut self.nodes[node].live else { return };
        match effect {
            Effect::Follow { from } => {
                live.followers += 1;
                let follower = live.followers;
                live.following = Some((follower, from));
                let after = self.reader_takes + self.random.micros(100, 5_000);
                self.later(after, Event::Gives { node, life, follower });
            }
            Effect::Unfollow => live.following = None,
            Effect::Connect { link } => {
                live.outstanding = None;
                let made = !self.random.chance(faults.refused_connections);
                let after = self.random.micros(200, 10_000);
                self.later(after, Event::Connected { node, life, link, made });
            }
            Effect::Disconnect => live.outstanding = None,
            Effect::Publish { link, attempt, expected_last, message } => {
                live.outstanding = Some((link, attempt));
                let outcome = Published::Unknown;
                self.later(Duration::from_secs(2), Event::Answered { node, life, link, attempt, outcome });
                if self.random.chance(faults.lost_requests) {
                    return;
                }
                let late = self.random.chance(faults.late_requests);
                let after = if late { self.random.micros(500_000, 12_000_000) } else { self.random.micros(50, 2_000) };
                self.later(after, Event::Arrives { node, life, link, attempt, expected_last, message });
            }
            Effect::AskMembers => {
                let after = self.random.micros(100, 3_000);
                self.later(after, Event::Members { node, life });
            }
            Effect::AskHint => {
                let old = if self.random.chance(faults.old_hints) { self.random.below(20) } else { 0 };
                let hint = self.stream.last().saturating_sub(old);
                let after = self.random.micros(100, 3_000);
                self.later(after, Event::Hint { node, life, hint });
            }
            Effect::Look { at } => {
                let after = self.random.micros(100, 3_000);
                self.later(after, Event::Looked { node, life, at });
            }
        }
    }

    /// Kills, pauses, and moves the lease: also to a member while another still believes to have it.
    pub(super) fn meddle(&mut self) {
        if !self.meddles {
            return;
        }
        let node = self.random.below(self.nodes.len() as u64) as usize;
        if self.random.chance(self.faults.kills) {
            self.kill(node);
            let after = self.random.micros(10_000, 8_000_000);
            self.later(after, Event::Restart { node });
        } else if self.random.chance(self.faults.pauses) {
            let after = self.random.micros(10_000, 15_000_000);
            self.nodes[node].paused_until = self.now + after;
        }
        if self.random.chance(self.faults.moves) {
            let to = self.random.below(self.nodes.len() as u64) as usize;
            self.give_lease(to);
        }
        let after = self.random.micros(100_000, 3_000_000);
        self.later(after, Event::Meddle);
    }

    pub(super) fn give_lease(&mut self, to: usize) {
        for node in 0..self.nodes.len() {
            let wanted = node == to;
            let after = if wanted { self.random.micros(0, 1_000) } else { self.random.micros(0, 6_000_000) };
            if self.nodes[node].wanted != wanted {
                self.later(after, Event::Wanted { node, wanted });
            }
        }
    }
}

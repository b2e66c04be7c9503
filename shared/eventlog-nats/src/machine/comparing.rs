//! Comparing heads with the other members (rule 5). Where two differ, the stream tells which one is right: who has what it
//! holds goes on, and who has not stops.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;

use allmende_eventlog::{Hash, Head};

use super::{Effect, Machine, Moment};
use crate::chain;
use crate::cluster::{Announcement, ReplicaHead, Standing, Unavailable};
use crate::halt::Halt;
use crate::stream::{Message, StreamError};

#[derive(Debug, Default)]
pub(super) struct Comparing {
    due_at: Moment,
    /// The stream was asked about it.
    doubt: Option<Doubt>,
    /// By member: the head of it that did not stop this one.
    passed: BTreeMap<String, Passed>,
}

/// Another member has another hash at a group that this one has.
#[derive(Debug)]
struct Doubt {
    member: String,
    head: ReplicaHead,
    /// The message that tells: of the group itself, or of the last one before it that is not void.
    at: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Passed {
    group: u64,
    hash: Hash,
    why: Why,
}

/// Why a head did not stop this member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// It is not the stream's, and this member's is.
    NotTheStreams,
    /// It cannot be told whose is.
    Untold,
}

/// So many void groups before one that tells are looked through.
const LOOKED_THROUGH: usize = 64;

impl Comparing {
    pub(super) fn due_at(&self) -> Moment {
        self.due_at
    }
}

/// What the comparison comes to.
enum Compared {
    /// The stream has to be asked first.
    InDoubt(Doubt),
    /// Somebody has groups that have not come here: the furthest.
    Behind { by: String, group: u64 },
    /// Nobody has more, as far as can be told.
    Level,
}

impl Machine {
    pub(super) fn keep_comparing(&mut self) {
        if self.comparing.due_at <= self.now {
            self.comparing.due_at = self.now + self.options.timing.compare;
            self.effects.push(Effect::AskMembers);
        }
    }

    /// Compares this replica with what the others tell of theirs.
    pub(super) fn compare(&mut self, members: Result<Vec<Announcement>, Unavailable>) {
        let Ok(members) = members else {
            self.not_compared();
            return;
        };
        self.note_readable(&members);
        self.comparing.passed.retain(|name, _| members.iter().any(|member| member.member == *name));
        match self.compared(&members) {
            Compared::InDoubt(Doubt { member, head, .. }) if !self.rules.ask_stream => {
                self.halt(Halt::DiffersFrom { member, group: head.group });
            }
            Compared::InDoubt(doubt) if self.comparing.doubt.is_none() => {
                self.effects.push(Effect::Look { at: doubt.at });
                self.comparing.doubt = Some(doubt);
            }
            // The answer is under way.
            Compared::InDoubt(_) => {}
            Compared::Behind { by, group } => self.held_up(by, group),
            Compared::Level => self.level(),
        }
    }

    fn compared(&mut self, members: &[Announcement]) -> Compared {
        let (partition, own) = (self.shared.replica.partition().clone(), self.options.member.clone());
        let mut furthest: Option<(&str, u64)> = None;
        for member in members.iter().filter(|member| member.member != own) {
            for head in member.heads.iter().filter(|head| head.partition == partition) {
                if head.standing == Standing::Astray {
                    self.pass_over(&member.member, head, Why::NotTheStreams);
                } else if head.group > self.head.group {
                    furthest =
                        furthest.filter(|(_, group)| *group >= head.group).or(Some((&member.member, head.group)));
                } else if self.hash_at(head.group) != Some(head.hash) && !self.is_passed(&member.member, head) {
                    match self.telling(head.group) {
                        Some(at) => {
                            return Compared::InDoubt(Doubt { member: member.member.clone(), head: head.clone(), at });
                        }
                        None => self.pass_over(&member.member, head, Why::Untold),
                    }
                }
            }
        }
        match furthest {
            Some((by, group)) => Compared::Behind { by: by.to_owned(), group },
            None => Compared::Level,
        }
    }

    /// What the stream has at the place that was in doubt.
    pub(super) fn looked(&mut self, message: Result<Message, StreamError>) {
        let Some(Doubt { member, head, at }) = self.comparing.doubt.take() else { return };
        let message = message.ok().filter(|message| message.sequence == at);
        match (message, self.shared.replica.stored(at)) {
            (Some(message), Ok(stored)) if chain::is_same(&stored, &message.bytes) => {
                self.pass_over(&member, &head, Why::NotTheStreams);
            }
            (Some(_), Ok(_)) => {
                self.halt(Halt::DiffersFrom { member, group: head.group });
                return;
            }
            _ => self.pass_over(&member, &head, Why::Untold),
        }
        if self.is_asking() {
            self.effects.push(Effect::AskMembers);
        }
    }

    /// Goes on as if the head were not there.
    fn pass_over(&mut self, member: &str, head: &ReplicaHead, why: Why) {
        let passed = Passed { group: head.group, hash: head.hash, why };
        if self.comparing.passed.insert(member.to_owned(), passed) == Some(passed) {
            return;
        }
        self.shared.passed_over.fetch_add(1, Ordering::Relaxed);
        let (partition, group) = (self.shared.replica.partition(), head.group);
        match why {
            Why::NotTheStreams => {
                tracing::error!(%partition, %member, group, "a member's replica is not what the stream holds");
            }
            Why::Untold => tracing::warn!(%partition, %member, group, "a member's replica cannot be compared"),
        }
    }

    /// Where it could not be told, that is enough for a candidate, and asked again by whoever has time.
    fn is_passed(&self, member: &str, head: &ReplicaHead) -> bool {
        self.comparing.passed.get(member).is_some_and(|passed| {
            let is_it = passed.group == head.group && passed.hash == head.hash;
            is_it && (passed.why == Why::NotTheStreams || self.is_asking())
        })
    }

    fn hash_at(&self, group: u64) -> Option<Hash> {
        let replica = &self.shared.replica;
        match group {
            0 => Some(Head::genesis(replica.partition()).hash),
            group if group == self.head.group => Some(self.head.hash),
            group => replica.read_group(group).ok().map(|group| group.header().hash),
        }
    }

    /// The last group up to this one that hangs on all before it, as what is void does not.
    fn telling(&self, group: u64) -> Option<u64> {
        let read = |number: u64| self.shared.replica.read_group(number).ok();
        let before = (1..=group).rev().take(LOOKED_THROUGH);
        before.map_while(read).find(|group| !group.header().is_void).map(|group| group.header().number)
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

//! One member has another history, or the stream has what this version cannot read: who is right goes on, who is not stops.

use std::sync::Arc;

use allmende_eventlog::{Arrived, Hash, Head, MemoryReplica, Reading, RecordedGroup, Replica, TermId, Window, barrier};

use super::faults::Faults;
use super::hazards::SECOND;
use super::node::START;
use super::world::{World, name};
use crate::cluster::{Announcement, ReplicaHead, Standing};
use crate::halt::Halt;
use crate::machine::Input;
use crate::rules::Rules;
use crate::shared::Role;

/// A replica of so many groups that never were in the stream.
fn elsewhere(world: &World, groups: u64) -> Arc<MemoryReplica> {
    let replica = MemoryReplica::new(world.partition.clone());
    for _ in 0..groups {
        let head: Head = *replica.head().borrow();
        let (stored, head) = barrier(&head, TermId([9; 16]), START, Window::default());
        let group = Arc::new(RecordedGroup::decode(&stored).unwrap());
        replica.apply(&[Arrived { head, stored: stored.into(), group }]).unwrap();
    }
    Arc::new(replica)
}

/// Member 2 comes back with a history of its own, which is so much longer than the stream.
fn with_one_astray(seed: u64, longer: i64, rules: Rules) -> World {
    let mut world = World::new(seed, 3, Faults::NONE, rules);
    world.led_by(0);
    world.kill(2);
    let groups = world.stream.last().checked_add_signed(longer).unwrap();
    world.nodes[2].replica = elsewhere(&world, groups);
    world.restart(2);
    world
}

fn standing(world: &World, node: usize) -> Standing {
    *world.nodes[node].live.as_ref().unwrap().shared.standing.borrow()
}

impl World {
    /// Member 2 has stopped, and the others lead and follow as if it were not there.
    fn go_on_without_the_last(&mut self) {
        assert!(
            matches!(self.role(2), Role::Halted(Halt::Diverged(_) | Halt::DiffersFrom { .. })),
            "{:?}",
            self.role(2)
        );
        assert_eq!(standing(self, 2), Standing::Astray);
        self.give_lease(1);
        self.run_for(30 * SECOND);
        assert!(self.leads(1), "{:?}", self.role(1));
        assert_eq!(self.role(0), Role::Follower);
        assert_eq!((self.head(0), self.head(0).group), (self.head(1), self.stream.last()));
    }

    fn passed_over(&self, node: usize) -> u64 {
        self.nodes[node].live.as_ref().unwrap().shared.passed_over.load(std::sync::atomic::Ordering::Relaxed)
    }
}

#[test]
fn one_with_another_history_stops_and_stops_nobody_else() {
    for longer in [0, -1, -2] {
        let mut world = with_one_astray(21, longer, Rules::default());
        world.run_for(30 * SECOND);
        world.go_on_without_the_last();
        assert!(world.passed_over(1) >= 1, "{longer}");
    }
}

/// Member 2 does not know yet that its history is not the stream's, and tells of it.
fn told_of_another_history(rules: Rules) -> World {
    let mut world = World::new(25, 3, Faults::NONE, rules);
    world.led_by(0);
    let head = Head { hash: Hash([9; 32]), ..world.head(0) };
    let head = ReplicaHead {
        partition: world.partition.clone(),
        group: head.group,
        epoch: head.epoch,
        hash: head.hash,
        standing: Standing::Able,
    };
    let announcement = Announcement {
        member: name(2),
        service: String::new(),
        address: String::new(),
        leaving: false,
        heads: vec![head],
        event_types: Default::default(),
        announced_at: START,
    };
    for _ in 0..2 {
        world.tell(0, Input::Members(Ok(vec![announcement.clone()])));
        world.run_for(SECOND);
    }
    world
}

#[test]
fn the_stream_tells_which_of_two_is_wrong() {
    let world = told_of_another_history(Rules::default());
    assert!(world.leads(0) && world.passed_over(0) == 1);
    let world = told_of_another_history(Rules { ask_stream: false, ..Rules::default() });
    assert!(matches!(world.role(0), Role::Halted(Halt::DiffersFrom { .. })), "{:?}", world.role(0));
}

/// It is no better for being longer, as soon as the stream shows it.
#[test]
fn one_with_a_longer_history_stops_when_the_stream_has_come_so_far() {
    let mut world = with_one_astray(22, 3, Rules::default());
    world.run_for(SECOND);
    world.add_clients(3, 10);
    world.run_for(60 * SECOND);
    world.go_on_without_the_last();
}

/// It has the lease before it has read anything, and nobody is left to compare with. Tells where the stream ended before.
fn that_is_to_lead(rules: Rules) -> (World, u64) {
    let mut world = with_one_astray(23, 0, rules);
    (0..3).for_each(|node| world.kill(node));
    world.run_for(10 * SECOND);
    let before = world.stream.last();
    world.reader_takes = 3 * SECOND;
    world.give_lease(2);
    world.restart(2);
    world.run_for(2 * SECOND);
    world.reader_takes = std::time::Duration::ZERO;
    (world, before)
}

/// Nothing of it gets into the stream, where it would stop everybody else.
#[test]
fn one_with_another_history_publishes_nothing() {
    let (mut world, before) = that_is_to_lead(Rules::default());
    assert_eq!((world.stream.last(), world.role(2)), (before, Role::Follower));
    world.restart(0);
    world.restart(1);
    world.run_for(20 * SECOND);
    assert_eq!(world.role(2), Role::Halted(Halt::Diverged(before)));
    world.go_on_without_the_last();
}

#[test]
fn without_finding_its_last_message_first_it_stops_the_others() {
    let (mut world, before) = that_is_to_lead(Rules { match_first: false, ..Rules::default() });
    assert_eq!(world.stream.last(), before + 1);
    world.restart(0);
    world.run_for(20 * SECOND);
    assert_eq!(world.role(0), Role::Halted(Halt::Diverged(before + 1)));
}

/// What this version cannot read may count for others: it is neither taken for void nor passed over, and nobody leads.
#[test]
fn a_group_of_a_later_version_stops_who_cannot_read_it() {
    let mut world = World::new(24, 3, Faults::NONE, Rules::default());
    world.led_by(0);
    let head = world.head(0);
    let (mut later, _) = barrier(&head, TermId([9; 16]), START, Window::default());
    // The field `format`.
    later.extend([14 << 3, 1]);
    world.stream.publish(head.group, later.into()).unwrap();
    world.give_all();
    world.run_for(5 * SECOND);
    for node in 0..3 {
        assert_eq!(world.role(node), Role::Halted(Halt::LaterVersion(head.group + 1)));
        assert_eq!((world.head(node), standing(&world, node)), (head, Standing::Unable));
    }
}

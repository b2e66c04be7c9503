//! The hazards that the design names, one test each.

use std::time::Duration;

use allmende_eventlog::{Arrived, Head, Reading, RecordedGroup, Sealer, Window};

use super::audit::audit;
use super::faults::Faults;
use super::world::{Event, World};
use crate::machine::Input;
use crate::rules::Rules;
use crate::shared::Role;

pub(super) const SECOND: Duration = Duration::from_secs(1);

fn world(seed: u64) -> World {
    World::new(seed, 3, Faults::NONE, Rules::default())
}

impl World {
    pub(super) fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        while self.step(end) {}
    }

    pub(super) fn role(&self, node: usize) -> Role {
        self.nodes[node].live.as_ref().unwrap().shared.role.borrow().clone()
    }

    pub(super) fn leads(&self, node: usize) -> bool {
        matches!(self.role(node), Role::Leader { .. })
    }

    pub(super) fn head(&self, node: usize) -> Head {
        *self.nodes[node].replica.head().borrow()
    }

    /// Until everybody is answered; then nothing that was promised is broken, and all are at the same.
    pub(super) fn ends_well(&mut self) {
        let end = self.now + 300 * SECOND;
        while !self.clients_are_done() && self.step(end) {}
        assert!(
            self.clients_are_done(),
            "somebody was never answered: {:?}",
            (0..3).map(|n| self.role(n)).collect::<Vec<_>>()
        );
        self.run_for(20 * SECOND);
        audit(self).unwrap();
        for node in 0..3 {
            assert_eq!(self.head(node).group, self.stream.last(), "member {node}: {:?}", self.role(node));
        }
    }

    /// The stream with a leader, and something in it that everybody has.
    pub(super) fn led_by(&mut self, node: usize) {
        self.give_lease(node);
        self.run_for(8 * SECOND);
        assert!(self.leads(node), "{:?}", self.role(node));
        self.add_clients(3, 5);
        let end = self.now + 60 * SECOND;
        while !self.clients_are_done() && self.step(end) {}
        self.run_for(SECOND);
    }
}

/// Two messages in flight, the first is lost: the second fits behind the new leader's first, and means nothing.
#[test]
fn the_second_of_two_in_flight_is_void_behind_a_new_leaders_first() {
    let mut world = world(1);
    world.led_by(0);
    let head = world.head(0);
    let window = Window::default();
    let mut sealer = Sealer::new(head, window);
    let mut admission = allmende_eventlog::Admission::of_leader(head, window, 1, 1 << 20);
    let mut groups = Vec::new();
    for _ in 0..2 {
        drop(admission.settle());
        let mut bytes = Vec::new();
        sealer.seal(&admission.take().unwrap(), &mut bytes);
        groups.push(bytes);
    }
    world.kill(0);
    world.give_lease(1);
    world.run_for(SECOND);
    assert!(world.leads(1));
    assert_eq!(world.stream.last(), head.group + 1);
    let late = groups.remove(1);
    assert_eq!(world.stream.publish(head.group + 1, late.into()), Some(head.group + 2));
    world.give_all();
    world.run_for(SECOND);
    world.restart(0);
    world.add_clients(3, 10);
    world.ends_well();
    for node in &world.nodes {
        let read = node.replica.read_groups(head.group + 1, 0).unwrap();
        assert!(read[0].header().is_void);
    }
}

/// Whatever somebody else puts into the stream has a number and no meaning.
#[test]
fn what_is_no_group_is_passed_over_by_all() {
    let mut world = world(2);
    world.led_by(0);
    for (round, bytes) in [&b""[..], b"hello", &[0xff; 300]].into_iter().enumerate() {
        let last = world.stream.last();
        world.stream.publish(last, bytes.to_vec().into()).unwrap();
        world.give_all();
        world.add_clients(2, 3 + round);
        world.ends_well();
    }
    let void = world.nodes[2].replica.read_groups(0, usize::MAX).unwrap();
    assert_eq!(void.iter().filter(|group| group.header().is_void).count(), 3);
}

/// What a deposed leader had sent arrives after its successor began: it is refused, and the client that asks again is
/// answered once.
#[test]
fn a_message_that_comes_late_from_a_dead_leader_changes_nothing() {
    let mut world = world(3);
    world.led_by(0);
    world.faults.late_requests = 1_000;
    world.add_clients(3, 5);
    world.run_for(SECOND / 4);
    world.kill(0);
    world.faults.late_requests = 0;
    world.give_lease(1);
    world.run_for(15 * SECOND);
    world.restart(0);
    world.ends_well();
}

/// The group is stored, and nobody says so: a barrier at its place is refused, and so it counts. The term goes on.
#[test]
fn a_lost_acknowledgement_is_resolved_and_the_term_goes_on() {
    let mut world = world(4);
    world.led_by(0);
    let epoch = world.head(0).epoch;
    for round in 0..5 {
        world.faults.lost_answers = 1_000;
        world.add_clients(1, 1);
        world.run_for(SECOND);
        world.faults.lost_answers = 0;
        world.ends_well();
        assert_eq!(world.head(0).epoch, epoch, "round {round}");
    }
}

/// The reader stands still too, so that only the barrier's refusal tells that there is something to be read.
#[test]
fn an_unknown_outcome_is_not_decided_by_an_acknowledgement() {
    let mut world = world(5);
    world.led_by(0);
    world.faults = Faults { lost_answers: 1_000, slow_followers: 1_000, ..Faults::NONE };
    world.add_clients(3, 1);
    world.run_for(3 * SECOND);
    world.faults = Faults::NONE;
    world.ends_well();
}

/// The group never arrived: the barrier takes its place and begins a new term, in which it is asked for again.
#[test]
fn a_lost_group_gives_way_to_a_barrier() {
    let mut world = world(6);
    world.led_by(0);
    let epoch = world.head(0).epoch;
    world.faults.lost_requests = 1_000;
    world.add_clients(3, 2);
    world.run_for(SECOND);
    world.faults.lost_requests = 0;
    world.ends_well();
    assert!(world.head(0).epoch > epoch && world.leads(0));
}

/// Both believe to have the lease: one barrier counts, and the other member begins anew behind it or gives way.
#[test]
fn two_that_try_at_once_lead_one_after_the_other() {
    for seed in 0..20 {
        let mut world = world(seed);
        for node in [0, 1] {
            world.later(Duration::ZERO, Event::Wanted { node, wanted: true });
        }
        world.add_clients(3, 5);
        world.run_for(SECOND);
        world.give_lease(1);
        world.ends_well();
        assert!(world.leads(1) && !world.leads(0));
    }
}

/// It sleeps past its lease, another leads, and when it wakes it answers nobody from what it knew.
#[test]
fn a_leader_that_slept_answers_nobody() {
    for seed in 0..20 {
        let mut world = world(seed);
        world.led_by(0);
        world.add_clients(4, 10);
        world.run_for(SECOND / 10);
        world.nodes[0].paused_until = world.now + 10 * SECOND;
        world.run_for(5 * SECOND);
        world.later(Duration::ZERO, Event::Wanted { node: 1, wanted: true });
        world.run_for(5 * SECOND);
        world.later(Duration::ZERO, Event::Wanted { node: 0, wanted: false });
        world.ends_well();
        assert!(world.leads(1));
    }
}

#[test]
fn old_hints_and_repeated_messages_are_harmless() {
    let mut world = world(8);
    world.faults = Faults { old_hints: 1_000, repeated_messages: 900, ended_followers: 100, ..Faults::NONE };
    world.led_by(2);
    world.add_clients(4, 20);
    world.ends_well();
}

/// A member that cannot read what is there applies it, and leads no more.
#[test]
fn who_cannot_read_everything_does_not_lead() {
    let mut world = world(10);
    world.led_by(0);
    world.kill(1);
    world.nodes[1].knows = Some(std::collections::BTreeSet::new());
    world.restart(1);
    world.give_lease(1);
    world.run_for(20 * SECOND);
    assert_eq!(world.role(1), Role::Follower);
    world.give_lease(2);
    world.add_clients(3, 10);
    world.ends_well();
    assert!(world.leads(2));
}

/// Leadership is handed over: everybody who asked before is answered by the one who leads then, nobody with an error.
#[test]
fn who_gives_leadership_up_answers_everybody_first() {
    let mut world = world(11);
    world.led_by(0);
    world.add_clients(6, 3);
    world.run_for(SECOND / 20);
    let waiting = world.nodes[0].live.as_ref().unwrap().attempts.len();
    world.tell(0, Input::Wanted(false));
    world.nodes[0].wanted = false;
    world.run_for(SECOND);
    assert_eq!(world.refused, 0, "{waiting} waited");
    assert!(!world.leads(0));
    world.give_lease(1);
    world.ends_well();
}

/// The clock of the new leader is behind: time does not go back, and no id comes back into the window.
#[test]
fn time_goes_on_with_a_leader_whose_clock_is_behind() {
    let mut world = world(12);
    world.nodes[0].skew_micros = 90_000_000;
    world.led_by(0);
    let before = world.head(0);
    world.give_lease(1);
    world.run_for(8 * SECOND);
    world.add_clients(3, 5);
    world.ends_well();
    let groups = world.nodes[1].replica.read_groups(before.group, usize::MAX).unwrap();
    let admitted = groups.iter().flat_map(|group: &std::sync::Arc<RecordedGroup>| group.commits());
    assert!(admitted.map(|commit| commit.admitted_at()).all(|at| at >= before.leader_time));
    assert!(world.head(1).window_floor >= before.window_floor);
}

/// A record of something void is not a group, for whoever finds it in the stream.
#[test]
fn a_replicas_record_is_void_in_the_stream() {
    let mut world = world(13);
    world.led_by(0);
    let record = Arrived::void(&world.head(0), "void".into());
    let last = world.stream.last();
    world.stream.publish(last, record.stored).unwrap();
    world.give_all();
    world.add_clients(2, 4);
    world.ends_well();
}

/// The server refuses what it had proposed for somebody else, and that comes to nothing: nobody waits for it for ever.
#[test]
fn a_refusal_with_nothing_behind_it_stops_nobody() {
    let mut world = world(14);
    world.led_by(0);
    for node in [0, 1] {
        world.faults.refused_for_nothing = 1_000;
        world.add_clients(2, 3);
        // Of a group, and then of the barrier that stands in for it.
        world.run_for(5 * SECOND);
        world.faults.refused_for_nothing = 0;
        world.ends_well();
        assert!(world.leads(node));
        // Of a candidate's barrier.
        world.faults.refused_for_nothing = 1_000;
        world.give_lease(1);
        world.run_for(5 * SECOND);
        world.faults.refused_for_nothing = 0;
        world.run_for(10 * SECOND);
        assert!(world.leads(1), "{:?}", world.role(1));
    }
}

/// The stream is cut under a live leader: what was acknowledged is not there. It was told to nobody, and is asked for again.
#[test]
fn a_group_that_was_acknowledged_and_lost_gives_way_to_a_barrier() {
    let mut world = world(15);
    world.led_by(0);
    let epoch = world.head(0).epoch;
    world.faults.acknowledged_and_lost = 1_000;
    world.add_clients(3, 2);
    world.run_for(3 * SECOND);
    world.faults.acknowledged_and_lost = 0;
    world.ends_well();
    assert!(world.head(0).epoch > epoch && world.leads(0));
}

/// Epoch and end of the stream once a candidate leads, whose barriers come half a second to twelve seconds late, and are
/// given up after two.
fn after_late_barriers(seed: u64, rules: Rules) -> (u64, u64) {
    let mut world = World::new(seed, 3, Faults::NONE, rules);
    world.run_for(SECOND);
    world.faults.late_requests = 1_000;
    world.give_lease(0);
    world.run_for(40 * SECOND);
    assert!(world.leads(0), "seed {seed}: {:?}", world.role(0));
    (world.head(0).epoch, world.stream.last())
}

/// A candidate does not know what became of its barrier, and publishes the same again: whichever copy lands, it leads.
#[test]
fn a_barrier_that_comes_late_is_the_candidates_own() {
    assert!((0..10).all(|seed| after_late_barriers(seed, Rules::default()) == (2, 1)));
    let rules = Rules { same_barrier: false, ..Rules::default() };
    assert!(!(0..10).all(|seed| after_late_barriers(seed, rules) == (2, 1)));
}

/// A reader that takes long to begin, or a body that takes long to fetch, is given more time each time.
#[test]
fn a_reader_that_takes_longer_than_patience_lasts_reads_in_the_end() {
    for seconds in [3, 7, 20] {
        let mut world = world(16);
        world.led_by(0);
        world.reader_takes = seconds * SECOND;
        world.nodes[0].live.as_mut().unwrap().following = None;
        world.add_clients(2, 2);
        world.run_for(150 * SECOND);
        world.reader_takes = Duration::ZERO;
        world.ends_well();
        assert!(world.leads(0));
    }
}

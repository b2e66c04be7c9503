//! The stream lost what it had acknowledged: whoever has it stops, whoever lacks it does not lead past it.

use allmende_eventlog::{TermId, Window, barrier};

use super::audit::audit;
use super::faults::Faults;
use super::hazards::SECOND;
use super::world::World;
use crate::halt::Halt;
use crate::rules::Rules;
use crate::shared::Role;

/// Member 0 alone has the last groups, and the stream has lost them.
fn with_a_lost_tail(rules: Rules) -> World {
    let mut world = World::new(9, 3, Faults::NONE, rules);
    world.give_lease(0);
    world.run_for(8 * SECOND);
    world.add_clients(3, 5);
    world.run_for(2 * SECOND);
    // The last groups reached member 0 alone.
    world.kill(2);
    world.nodes[1].live.as_mut().unwrap().following = None;
    let before = world.stream.last();
    world.add_clients(3, 5);
    let end = world.now + 60 * SECOND;
    while !world.clients_are_done() && world.step(end) {}
    world.run_for(2 * SECOND);
    assert!(world.head(0).group > before && world.head(1).group <= before);
    world.stream.cut(before);
    world.restart(2);
    world
}

#[test]
fn a_replica_that_is_ahead_of_the_stream_stops_when_it_is_to_lead() {
    let mut world = with_a_lost_tail(Rules::default());
    world.kill(0);
    world.run_for(SECOND);
    world.restart(0);
    world.run_for(60 * SECOND);
    let (stream, replica) = (world.stream.last(), world.head(0).group);
    assert_eq!(world.role(0), Role::Halted(Halt::Ahead { stream, replica }));
    audit(&world).unwrap();
}

/// The stream is cut below what its leader has applied: it says so, and does not lead on for ever without publishing.
#[test]
fn a_leader_under_which_the_stream_is_cut_stops() {
    let mut world = World::new(10, 3, Faults::NONE, Rules::default());
    world.led_by(0);
    let replica = world.head(0).group;
    world.stream.cut(replica - 2);
    world.add_clients(1, 1);
    world.run_for(60 * SECOND);
    assert_eq!(world.role(0), Role::Halted(Halt::Ahead { stream: replica - 2, replica }));
    audit(&world).unwrap();
}

#[test]
fn a_replica_that_lacks_what_another_has_is_held_up() {
    let mut world = with_a_lost_tail(Rules::default());
    world.give_lease(1);
    world.run_for(30 * SECOND);
    assert_eq!(world.role(1), Role::HeldUp { by: "member-0".into(), group: world.head(0).group });
    audit(&world).unwrap();
}

/// Without the comparison what was acknowledged is lost, and the auditor says so.
#[test]
fn without_comparing_heads_a_lost_tail_is_found_out() {
    let mut world = with_a_lost_tail(Rules { compare: false, ..Rules::default() });
    world.give_lease(1);
    world.add_clients(3, 10);
    world.run_for(120 * SECOND);
    let broken = audit(&world).unwrap_err();
    println!("compare: {broken}");
}

/// Somebody who has the shorter history publishes behind it, past where member 0 is.
fn go_on_otherwise(world: &mut World) {
    let at = world.head(1);
    let (bytes, after) = barrier(&at, TermId([9; 16]), super::node::START, Window::default());
    world.stream.publish(at.group, bytes.into()).unwrap();
    let mut head = after;
    while head.group <= world.head(0).group {
        let (bytes, next) = barrier(&head, TermId([9; 16]), super::node::START, Window::default());
        world.stream.publish(head.group, bytes.into()).unwrap();
        head = next;
    }
    world.give_all();
    world.run_for(SECOND);
}

/// Without it the replica takes for void what only it cannot understand, and the auditor says so.
#[test]
fn without_comparing_what_is_read_a_stream_that_was_set_back_is_found_out() {
    let mut world = with_a_lost_tail(Rules { overlap: false, ..Rules::default() });
    go_on_otherwise(&mut world);
    let broken = audit(&world).unwrap_err();
    println!("overlap: {broken}");
}

/// The stream goes on from an earlier state, with other messages at the same places: who had the others stops.
#[test]
fn a_stream_that_was_set_back_and_goes_on_stops_who_had_its_tail() {
    let mut world = with_a_lost_tail(Rules::default());
    go_on_otherwise(&mut world);
    // Its follower goes on, or begins again with what it has last: both show it.
    assert!(matches!(world.role(0), Role::Halted(Halt::Diverged(_))), "{:?}", world.role(0));
    let mut world = with_a_lost_tail(Rules::default());
    let had = world.head(0).group;
    while world.stream.last() < had {
        let last = world.stream.last();
        world.stream.publish(last, "other".into()).unwrap();
    }
    world.kill(0);
    world.restart(0);
    world.run_for(SECOND);
    assert_eq!(world.role(0), Role::Halted(Halt::Diverged(had)));
}

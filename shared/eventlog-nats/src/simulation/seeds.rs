//! Many seeds, and each rule switched off once: then a seed is found that the auditor objects to.

use std::time::Duration;

use super::audit::audit;
use super::faults::Faults;
use super::world::{Event, World};
use crate::rules::Rules;
use crate::shared::Role;

const MEMBERS: usize = 3;

/// A storm, then calm: in which everything must come to an end, and all members to the same.
fn run(seed: u64, faults: Faults, rules: Rules) -> Result<u64, String> {
    let mut world = World::new(seed, MEMBERS, faults, rules);
    world.add_clients(5, 30);
    world.give_lease(0);
    world.later(Duration::from_millis(500), Event::Meddle);
    let storm = Duration::from_secs(60);
    while !world.clients_are_done() && world.step(storm) {}
    calm(&mut world);
    audit(&world)?;
    let last = world.stream.last();
    for (number, node) in world.nodes.iter().enumerate() {
        let head = node.replica.head_group();
        if head != last {
            let role = node.live.as_ref().map(|live| live.shared.role.borrow().clone());
            return Err(format!("member {number} ({role:?}) is at {head} of {last}"));
        }
    }
    if !world.clients_are_done() {
        let members =
            world.nodes.iter().map(|node| (node.wanted, node.live.as_ref().map(|live| live.machine.describe())));
        let (members, last, clients) = (members.collect::<Vec<_>>(), &world.last_refusal, &world.clients);
        return Err(format!("somebody was never answered: {clients:#?} by {members:#?}, at last {last}"));
    }
    Ok(world.trace)
}

fn calm(world: &mut World) {
    world.meddles = false;
    world.faults = Faults::NONE;
    for node in 0..MEMBERS {
        world.restart(node);
    }
    let leader = world.random.below(MEMBERS as u64) as usize;
    let begun = world.now.max(world.nodes.iter().map(|node| node.paused_until).max().unwrap_or_default());
    while world.step(begun + Duration::from_secs(10)) {}
    world.give_lease(leader);
    let end = world.now + Duration::from_secs(120);
    while !world.clients_are_done() && world.step(end) {}
    let end = world.now + Duration::from_secs(20);
    while world.step(end) {}
}

trait HeadGroup {
    fn head_group(&self) -> u64;
    fn head_epoch(&self) -> u64;
}

impl HeadGroup for std::sync::Arc<allmende_eventlog::MemoryReplica> {
    fn head_group(&self) -> u64 {
        allmende_eventlog::Reading::head(self.as_ref()).borrow().group
    }

    fn head_epoch(&self) -> u64 {
        allmende_eventlog::Reading::head(self.as_ref()).borrow().epoch
    }
}

/// `SEEDS` asks for more of them, `SEED` for one alone.
fn seeds(few: u64) -> std::ops::Range<u64> {
    let asked = |name| std::env::var(name).ok().and_then(|number| number.parse().ok());
    match asked("SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..asked("SEEDS").unwrap_or(few),
    }
}

#[test]
fn in_calm_everything_is_answered() {
    for seed in 0..5 {
        run(seed, Faults::NONE, Rules::default()).unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
    }
}

#[test]
fn no_storm_breaks_a_promise() {
    for seed in seeds(60) {
        run(seed, Faults::STORM, Rules::default()).unwrap_or_else(|broken| panic!("seed {seed}: {broken}"));
    }
}

#[test]
fn a_seed_is_always_the_same_run() {
    for seed in 100..103 {
        let traces = [(); 2].map(|()| run(seed, Faults::STORM, Rules::default()).unwrap());
        assert_eq!(traces[0], traces[1], "seed {seed}");
    }
}

/// What is promised in a storm is worth as much as the storm.
#[test]
fn a_storm_deposes_and_leaves_outcomes_unknown() {
    let (mut epochs, mut unknown, mut repeated) = (0, 0, 0);
    for seed in 0..5 {
        let mut world = World::new(seed, MEMBERS, Faults::STORM, Rules::default());
        world.add_clients(5, 30);
        world.give_lease(0);
        world.later(Duration::from_millis(500), Event::Meddle);
        while world.step(Duration::from_secs(60)) {}
        epochs += world.nodes.iter().map(|node| node.replica.head_epoch()).max().unwrap_or_default();
        unknown += world.refused;
        repeated += world.history.asked.iter().filter(|asked| asked.answers.len() > 1).count();
    }
    assert!(epochs > 50 && unknown > 20 && repeated > 20, "{epochs} epochs, {unknown} unknown, {repeated} repeated");
}

/// The first seed in which the absence of a rule shows, and how.
fn found(name: &str, rules: Rules) -> String {
    for seed in seeds(2_000) {
        if let Err(broken) = run(seed, Faults::STORM, rules) {
            println!("{name}: seed {seed}: {broken}");
            return broken;
        }
    }
    panic!("the auditor misses nothing without the rule {name}");
}

#[test]
fn an_acknowledgement_that_is_believed_is_found_out() {
    found("own_reader", Rules { own_reader: false, ..Rules::default() });
}

#[test]
fn an_unknown_outcome_that_is_taken_for_success_is_found_out() {
    found("resolve", Rules { resolve: false, ..Rules::default() });
}

#[test]
fn an_answer_without_a_group_behind_it_is_found_out() {
    found("confirm", Rules { confirm: false, ..Rules::default() });
}

#[test]
fn states_that_survive_their_term_are_found_out() {
    found("forget", Rules { forget: false, ..Rules::default() });
}

#[test]
fn a_leader_that_takes_what_it_finds_for_its_own_is_found_out() {
    found("depose", Rules { depose: false, ..Rules::default() });
}

#[test]
fn a_leader_that_waits_for_what_never_comes_is_found_out() {
    found("insist", Rules { insist: false, ..Rules::default() });
}

/// Somebody leads when the storm is over.
#[test]
fn somebody_leads_in_the_end() {
    let mut world = World::new(7, MEMBERS, Faults::STORM, Rules::default());
    world.give_lease(1);
    world.later(Duration::from_millis(500), Event::Meddle);
    while world.step(Duration::from_secs(60)) {}
    calm(&mut world);
    let leads = |role: &Role| matches!(role, Role::Leader { .. });
    let leaders = world.nodes.iter().filter(|node| node.live.as_ref().is_some_and(|l| leads(&l.shared.role.borrow())));
    assert_eq!(leaders.count(), 1);
}

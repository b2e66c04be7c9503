//! The platform as a cluster of real processes, disturbed while it is used: three NATS servers and three members with all
//! services each. Clients note what they asked for and were told; members are killed, stopped and drained, and so are
//! servers; at the end a checker goes over all of it.
//!
//! The seed (`ALLMENDE_SEED`) makes the schedule and what clients want. How the processes meet is theirs: a seed repeats what
//! is done, not what comes of it.
//!
//! The long run is `cargo test -p allmende --test distributed -- --ignored --nocapture soak`; `ALLMENDE_EPISODES` says how many
//! faults it has.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a failed unwrap is a failed test, which names its seed and says what it did"
)]

mod checker;
mod cluster;
mod faults;
mod forged;
mod history;
mod ledger;
mod offline;
mod schedule;
mod silence;
mod workload;

use std::time::Instant;

use cluster::Cluster;
use workload::{Town, Workload};

const MEMBERS: usize = 3;
/// One of each kind.
const SHORT: u64 = 6;
const LONG: u64 = 60;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().unwrap())
}

fn run(episodes: u64) {
    let seed = number("ALLMENDE_SEED", 20_260_101);
    println!("ALLMENDE_SEED={seed} ALLMENDE_EPISODES={episodes}");
    let Some(mut cluster) = Cluster::start(MEMBERS) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (token, addresses) = (cluster.token().to_owned(), cluster.addresses());
    let town = runtime.block_on(Town::found(&addresses.of(0), &token));
    let began = Instant::now();
    let workload = runtime.block_on(async { Workload::start(seed, began, town, &token, addresses) });
    let schedule = schedule::plan(seed, episodes as usize);
    let strike = |episode| faults::strike(&mut cluster, &workload, episode, began);
    let struck: Vec<_> = schedule.into_iter().map(strike).collect();
    faults::wait_for_answers(&cluster, &workload);
    let history = runtime.block_on(workload.finish());
    println!("{:6.1} s the workload has ended", began.elapsed().as_secs_f64());
    let ledgers = cluster.end();
    let broken = checker::check(&history, &ledgers);

    let attempts: usize = history.commands.iter().map(|command| command.attempts.len()).sum();
    println!(
        "{} commands, {} attempts, {} acknowledged, {} reads; {} logs, {} groups in the longest",
        history.commands.len(),
        attempts,
        history.acknowledged(),
        history.reads.len(),
        ledgers.len(),
        ledgers.iter().map(ledger::Ledger::head).max().unwrap_or_default()
    );
    silence::print(&silence::silences(&history, &struck));
    broken.iter().for_each(|broken| println!("{broken}"));
    assert!(broken.is_empty(), "{} promises were broken with seed {seed}; {}", broken.len(), cluster.said());
    // Each kind of command, and reads, came through: otherwise nothing was tested.
    assert!(history.acknowledged() > 50 * episodes as usize / SHORT as usize, "hardly anything was acknowledged");
    assert!(history.reads.len() > 10, "hardly anything was read");
}

#[test]
fn a_disturbed_cluster_keeps_its_promises() {
    run(SHORT);
}

/// The same for as many faults as are asked for.
#[test]
#[ignore = "takes about a quarter of an hour, or as long as it is told"]
fn soak() {
    run(number("ALLMENDE_EPISODES", LONG));
}

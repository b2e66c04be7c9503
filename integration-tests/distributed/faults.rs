//! Carries a schedule out.

use std::thread;
use std::time::Instant;

use crate::cluster::{Cluster, DEADLINE, PAUSE};
use crate::history::{Moment, Partition};
use crate::schedule::{Episode, Fault};
use crate::workload::Workload;

/// A fault that was made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Struck {
    pub(crate) fault: Fault,
    pub(crate) of: Partition,
    pub(crate) at: Moment,
}

/// Makes one fault and heals it. It begins when the one before is over for those outside: each partition answers again. Ends
/// when what was hit is there again.
pub(crate) fn strike(cluster: &mut Cluster, workload: &Workload, episode: Episode, began: Instant) -> Struck {
    let Episode { calm, fault, of, away } = episode;
    wait_for_answers(cluster, workload);
    thread::sleep(calm);
    // Found out before: what is measured begins with the fault.
    let leader = cluster.leader(of);
    let server = cluster.server(of);
    let at = began.elapsed();
    println!("{:6.1} s {fault:?} of {}: member-{leader}, server n{server}", at.as_secs_f64(), of.name());
    match fault {
        Fault::KillLeader => {
            cluster.kill(leader);
            thread::sleep(away);
            cluster.restart(leader);
        }
        Fault::PauseLeader => {
            cluster.pause(leader);
            thread::sleep(away);
            cluster.resume(leader);
        }
        Fault::DrainLeader => {
            cluster.drain(leader);
            cluster.restart(leader);
        }
        Fault::KillServer => {
            cluster.node(server).kill();
            thread::sleep(away);
            cluster.node(server).restart();
            cluster.wait_for_servers();
        }
        Fault::PauseServer => {
            cluster.node(server).pause();
            thread::sleep(away);
            cluster.node(server).resume();
            cluster.wait_for_servers();
        }
        Fault::KillLeaderAndServer => {
            cluster.node(server).kill();
            cluster.kill(leader);
            thread::sleep(away);
            cluster.node(server).restart();
            cluster.wait_for_servers();
            cluster.restart(leader);
        }
    }
    Struck { fault, of, at }
}

/// More than one can have been under way when the fault before was made, for each client.
const ENOUGH: u64 = 10;

/// Waits until each partition has answered commands from now on.
pub(crate) fn wait_for_answers(cluster: &Cluster, workload: &Workload) {
    let (before, since) = (workload.answered(), Instant::now());
    while workload.answered().iter().zip(before).any(|(now, before)| *now < before + ENOUGH) {
        assert!(since.elapsed() < DEADLINE, "nobody is answered any more: {}", cluster.said());
        thread::sleep(PAUSE);
    }
}

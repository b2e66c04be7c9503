//! What is done to the cluster, and when: a pure function of the seed.
//!
//! Faults are named by what they hit ("whoever leads telemetry"); who that is depends on the run. No more than one member and
//! one server are away at a time: what needs more than that promises nothing while it lasts.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};

use crate::history::Partition;

/// How long a leader counts that is not heard of: the setting's default.
pub(crate) const LEASE: Duration = Duration::from_secs(5);

/// What is hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// SIGKILL to the member that leads, and a start on its folder.
    KillLeader,
    /// SIGSTOP to the member that leads, for longer than its lease, and SIGCONT: it slept, and knows nothing of it.
    PauseLeader,
    /// SIGTERM to the member that leads: it hands over, and is started again when it has ended.
    DrainLeader,
    /// SIGKILL to the NATS server that leads the partition's stream, and a start on its data.
    KillServer,
    /// SIGSTOP and SIGCONT to that server.
    PauseServer,
    /// The leader and a server at once.
    KillLeaderAndServer,
}

impl Fault {
    pub(crate) const ALL: [Self; 6] = [
        Self::KillLeader,
        Self::PauseLeader,
        Self::DrainLeader,
        Self::KillServer,
        Self::PauseServer,
        Self::KillLeaderAndServer,
    ];
}

/// A fault and what is around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Episode {
    /// Undisturbed before it.
    pub(crate) calm: Duration,
    pub(crate) fault: Fault,
    /// Whose leader is hit.
    pub(crate) of: Partition,
    /// How long what was hit is away. A drain takes as long as it takes.
    pub(crate) away: Duration,
}

/// `episodes` of them. Every kind of fault is among any as many as there are kinds.
pub(crate) fn plan(seed: u64, episodes: usize) -> Vec<Episode> {
    let mut random = StdRng::seed_from_u64(seed);
    let mut bag: Vec<Fault> = Vec::new();
    let episode = |_| {
        let fault = bag.pop().unwrap_or_else(|| {
            bag = Fault::ALL.to_vec();
            bag.shuffle(&mut random);
            bag.pop().expect("there are kinds")
        });
        let milliseconds = |random: &mut StdRng, range| Duration::from_millis(random.random_range(range));
        let of = Partition::ALL[random.random_range(0..Partition::ALL.len())];
        let away = match fault {
            Fault::PauseLeader => LEASE + milliseconds(&mut random, 1_000..3_000),
            Fault::PauseServer => milliseconds(&mut random, 1_000..6_000),
            _ => milliseconds(&mut random, 0..6_000),
        };
        Episode { calm: milliseconds(&mut random, 1_500..3_000), fault, of, away }
    };
    (0..episodes).map(episode).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_is_a_schedule() {
        assert_eq!(plan(7, 40), plan(7, 40));
        assert_ne!(plan(7, 40), plan(8, 40));
        // A longer run begins as the shorter one.
        assert_eq!(plan(7, 40)[..6], plan(7, 6));
    }

    #[test]
    fn every_kind_comes_in_every_round() {
        for seed in 0..50 {
            for round in plan(seed, 18).chunks(Fault::ALL.len()) {
                let kinds: BTreeSet<_> = round.iter().map(|episode| episode.fault).collect();
                assert_eq!(kinds.len(), Fault::ALL.len(), "seed {seed}");
            }
        }
    }

    #[test]
    fn a_paused_leader_sleeps_through_its_lease() {
        let pauses = plan(1, 200).into_iter().filter(|episode| episode.fault == Fault::PauseLeader);
        assert!(pauses.map(|episode| episode.away).all(|away| away > LEASE));
    }
}

//! Clients that write and read while the cluster is disturbed, and note everything that they did and were told.
//!
//! Several write to the same streams: notices to one procedure, readings to one day of a datastream, mostly for times that
//! others want as well, and stations of either kind under the same ids. Every command has content of its own, so that what
//! is done twice shows.

mod calls;
mod client;
mod setup;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Instant;

use allmende::client::Token;
use allmende_kernel::Position;
use parking_lot::Mutex;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::cluster::Addresses;
use crate::history::{History, Moment, Partition};
use client::Client;
pub(crate) use setup::Town;

/// The first time that is observed, 2025-01-06T03:00:00Z; a slot is a second.
const FIRST_US: i64 = 1_736_132_400_000_000;

pub(crate) fn slot_of(time_us: i64) -> u32 {
    u32::try_from((time_us - FIRST_US) / 1_000_000).expect("no time before the first one is sent")
}

pub(crate) fn time_of(slot: u32) -> i64 {
    FIRST_US + i64::from(slot) * 1_000_000
}

/// How many clients there are.
const CLIENTS: u64 = 8;
/// The latest stations that are still wanted.
const WANTED: usize = 3;

/// What clients know of each other, to get in each other's way.
pub(crate) struct Shared {
    town: Town,
    token: Token,
    addresses: Addresses,
    began: Instant,
    over: AtomicBool,
    /// The next time that nobody has sent a value for.
    front: AtomicU32,
    /// The next value that nobody has sent.
    value: AtomicU32,
    stations: Mutex<Vec<Uuid>>,
    /// What anybody was told.
    reached: Mutex<[Position; 2]>,
    /// How many commands were acknowledged, by partition.
    answered: [AtomicU64; 2],
}

impl Shared {
    fn now(&self) -> Moment {
        self.began.elapsed()
    }

    fn reached(&self, partition: Partition) -> Position {
        self.reached.lock()[partition as usize]
    }

    fn note(&self, partition: Partition, position: Position) {
        let mut reached = self.reached.lock();
        let reached = &mut reached[partition as usize];
        *reached = position.max(*reached);
    }
}

/// Clients at work.
pub(crate) struct Workload {
    shared: Arc<Shared>,
    clients: JoinSet<History>,
}

impl Workload {
    /// Begins in a town that has been set up. `began` is where moments are counted from.
    pub(crate) fn start(seed: u64, began: Instant, town: Town, token: &str, addresses: Addresses) -> Self {
        let founded = town.founded;
        let shared = Arc::new(Shared {
            town,
            token: Token::new(token).unwrap(),
            addresses,
            began,
            over: AtomicBool::new(false),
            front: AtomicU32::new(0),
            value: AtomicU32::new(0),
            stations: Mutex::new(Vec::new()),
            reached: Mutex::new(founded),
            answered: Default::default(),
        });
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            clients.spawn(Client::new(seed, number, Arc::clone(&shared)).run());
        }
        Self { shared, clients }
    }

    /// How many commands of each partition were acknowledged so far.
    pub(crate) fn answered(&self) -> [u64; 2] {
        [0, 1].map(|partition| self.shared.answered[partition].load(Ordering::Relaxed))
    }

    /// Lets every client finish what it is at, until it knows or gives up; then each member is read once more, at the last
    /// token.
    pub(crate) async fn finish(mut self) -> History {
        self.shared.over.store(true, Ordering::Relaxed);
        let mut history = History { commands: vec![self.shared.town.made.clone()], ..History::default() };
        while let Some(done) = self.clients.join_next().await {
            history.add(done.unwrap());
        }
        for member in 0..self.shared.addresses.len() {
            let mut reader = Client::new(0, 0, Arc::clone(&self.shared));
            for partition in Partition::ALL {
                reader.read_surely(member, partition).await;
            }
            history.add(reader.history);
        }
        history
    }
}

//! One client: what it does next is drawn, how it does it is as a careful one would.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use allmende_kernel::Position;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

use super::calls::{self, Refused};
use super::{Shared, WANTED};
use crate::history::{Attempt, Command, Content, History, Outcome, Partition};

/// After so long without a word a command is given up; it counts as unknown.
const PATIENCE: Duration = Duration::from_secs(120);
const FIRST_PAUSE_MS: u64 = 20;
const LONGEST_PAUSE_MS: u64 = 500;
/// Times that a read shows.
const WINDOW: u32 = 200;

pub(super) struct Client {
    number: u64,
    random: StdRng,
    shared: Arc<Shared>,
    channels: HashMap<String, Channel>,
    pub(super) history: History,
}

impl Client {
    pub(super) fn new(seed: u64, number: u64, shared: Arc<Shared>) -> Self {
        let random = StdRng::seed_from_u64(seed ^ (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        Self { number, random, shared, channels: HashMap::new(), history: History::default() }
    }

    pub(super) async fn run(mut self) -> History {
        while !self.shared.over.load(Ordering::Relaxed) {
            match self.random.random_range(0..100) {
                0..15 => self.read(Partition::Participation).await,
                15..30 => self.read(Partition::Telemetry).await,
                _ => self.command().await,
            }
            let pause = self.random.random_range(1..80);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        self.history
    }

    /// Sends a command until it is known what became of it. Some are sent to two members at once, some once more after
    /// they were answered.
    async fn command(&mut self) {
        let (request, content) = (Uuid::now_v7(), self.content());
        let mut command = Command { request, content, attempts: Vec::new() };
        let began = Instant::now();
        let mut pause = FIRST_PAUSE_MS;
        loop {
            if self.random.random_ratio(1, 8) {
                self.twice_at_once(&mut command).await;
            } else {
                self.attempt(&mut command).await;
            }
            let known = command.attempts.iter().any(|attempt| attempt.outcome != Outcome::Unknown);
            if known || began.elapsed() > PATIENCE {
                break;
            }
            tokio::time::sleep(Duration::from_millis(self.random.random_range(pause / 2..pause))).await;
            pause = LONGEST_PAUSE_MS.min(pause * 2);
        }
        if self.random.random_ratio(1, 8) {
            self.attempt(&mut command).await;
        }
        let partition = command.content.partition();
        for (_, position, _) in command.acknowledgements() {
            self.shared.note(partition, position);
        }
        if command.acknowledged().is_some() {
            self.shared.answered[partition as usize].fetch_add(1, Ordering::Relaxed);
        }
        self.history.commands.push(command);
    }

    fn content(&mut self) -> Content {
        match self.random.random_range(0..100) {
            0..45 => {
                let text = format!("{}/{}", self.number, self.history.commands.len());
                Content::Notice { text }
            }
            45..80 => Content::Reading { slot: self.slot(), value: self.shared.value.fetch_add(1, Ordering::Relaxed) },
            _ => Content::Claim { station: self.station(), reference: self.random.random() },
        }
    }

    /// A new time, or one that somebody may be sending a value for just now.
    fn slot(&mut self) -> u32 {
        match self.random.random_range(0..3) {
            0 => self.shared.front.fetch_add(1, Ordering::Relaxed),
            back => self.shared.front.load(Ordering::Relaxed).saturating_sub(back),
        }
    }

    fn station(&mut self) -> Uuid {
        let mut stations = self.shared.stations.lock();
        if stations.is_empty() || self.random.random_ratio(1, 3) {
            stations.insert(0, Uuid::now_v7());
            stations.truncate(WANTED);
        }
        stations[self.random.random_range(0..stations.len())]
    }

    async fn attempt(&mut self, command: &mut Command) {
        let channel = self.any_member();
        let attempt = self.send(channel, command).await;
        command.attempts.push(attempt);
    }

    async fn twice_at_once(&mut self, command: &mut Command) {
        let (one, other) = (self.any_member(), self.any_member());
        let both = tokio::join!(self.send(one, command), self.send(other, command));
        command.attempts.extend(<[Attempt; 2]>::from(both));
    }

    async fn send(&self, channel: Channel, command: &Command) -> Attempt {
        let asked = self.shared.now();
        let outcome = calls::command(channel, &self.shared.token, &self.shared.town, command).await;
        Attempt { asked, answered: self.shared.now(), outcome }
    }

    /// Reads from any member with what anybody was told before. Nothing is noted of a read that is not answered.
    async fn read(&mut self, partition: Partition) {
        let given = self.shared.reached(partition);
        let channel = self.any_member();
        // Away, or not as far in time: that is no promise. That it is refused for good breaks one.
        if let Err(Refused(Some(reason))) = self.read_from(channel, partition, given).await {
            self.history.refused_reads.push(reason);
        }
    }

    /// Reads from this member, however long it takes.
    pub(super) async fn read_surely(&mut self, member: usize, partition: Partition) {
        let began = Instant::now();
        let given = self.shared.reached(partition);
        loop {
            let channel = self.channel(member);
            let Err(refused) = self.read_from(channel, partition, given).await else { return };
            assert!(began.elapsed() < PATIENCE, "member {member} never shows {given} of {partition:?}: {refused:?}");
            tokio::time::sleep(Duration::from_millis(LONGEST_PAUSE_MS)).await;
        }
    }

    async fn read_from(&mut self, channel: Channel, partition: Partition, given: Position) -> Result<(), Refused> {
        let Shared { token, town, front, .. } = self.shared.as_ref();
        let to = front.load(Ordering::Relaxed);
        let read = match partition {
            Partition::Participation => calls::notices(channel, token, town, given).await?,
            Partition::Telemetry => {
                calls::readings(channel, token, town, given, to.saturating_sub(WINDOW), to + 1).await?
            }
        };
        self.shared.note(partition, read.seen);
        self.history.reads.push(read);
        Ok(())
    }

    fn any_member(&mut self) -> Channel {
        let member = self.random.random_range(0..self.shared.addresses.len());
        self.channel(member)
    }

    /// A member has another address after each of its starts.
    fn channel(&mut self, member: usize) -> Channel {
        let address = self.shared.addresses.of(member);
        let connect = || {
            let endpoint = Endpoint::from_shared(address.clone()).unwrap();
            endpoint.connect_timeout(Duration::from_secs(2)).tcp_nodelay(true).connect_lazy()
        };
        self.channels.entry(address.clone()).or_insert_with(connect).clone()
    }
}

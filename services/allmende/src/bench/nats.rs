//! `allmende bench nats`: a partition that is led over NATS against bare publishing of the same groups.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allmende_eventlog::{EventLog as _, Replica};
use allmende_eventlog_nats::stream::{GroupStream, Published, Publisher};
use allmende_eventlog_nats::{LargeGroups, NatsLog, Options, Role, message_of};
use allmende_eventlog_sled::{Options as SledOptions, SledReplica};
use allmende_kernel::PartitionName;
use allmende_nats::{Connection, LogStream, StreamBodies};
use allmende_runtime::clock::SystemClock;
use anyhow::{Context as _, bail};
use bytes::Bytes;

use super::load::{Load, STREAMS};
use super::nats_servers::Servers;
use super::report::{Case, round};
use crate::cli::NatsBenchOptions;

/// How long a request may take.
const WITHIN: Duration = Duration::from_secs(60);
/// The first one warms up.
const ROUNDS: usize = 5;
/// How long servers that were just started take at most.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs all cases, on servers of its own or on those that are given.
pub(super) fn run(options: &NatsBenchOptions) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let Some(program) = &options.server else {
        return runtime.block_on(cases(options, &options.nats, options.replicas));
    };
    for count in [1, 3] {
        let servers = Servers::start(program, &options.folder, count)?;
        runtime.block_on(cases(options, &servers.urls(), count))?;
    }
    Ok(())
}

async fn cases(options: &NatsBenchOptions, urls: &[String], replicas: usize) -> anyhow::Result<()> {
    let cluster = Cluster { urls, replicas, folder: &options.folder };
    let lasting = Duration::from_secs(options.seconds);
    for writers in [1, 64] {
        lead(&cluster, writers, lasting, options.json).await?;
    }
    catch_up(&cluster, options.events, options.json).await
}

struct Cluster<'a> {
    urls: &'a [String],
    replicas: usize,
    folder: &'a Path,
}

impl Cluster<'_> {
    /// A stream that was never there before, and the partition that it is of.
    async fn stream(&self) -> anyhow::Result<(PartitionName, Arc<dyn GroupStream>)> {
        let number = uuid::Uuid::now_v7().as_u128() as u32;
        let partition = PartitionName::parse(&format!("bench-{number}"))?;
        let until = Instant::now() + PATIENCE;
        loop {
            match self.open(&partition).await {
                Err(_) if Instant::now() < until => tokio::time::sleep(Duration::from_millis(100)).await,
                opened => return Ok((partition, opened?)),
            }
        }
    }

    async fn open(&self, partition: &PartitionName) -> anyhow::Result<Arc<dyn GroupStream>> {
        let settings = allmende_nats::Settings::new(self.urls.to_vec(), "allmende bench");
        let connection = Connection::open(settings).await?;
        let stream = LogStream::open(&connection, partition, self.replicas).await?;
        let bodies = StreamBodies::open(&connection, "bench", self.replicas).await?;
        Ok(Arc::new(LargeGroups::new(Arc::new(stream), Arc::new(bodies))))
    }
}

/// A member with a replica on disk, as the platform runs it.
struct Member {
    log: Arc<NatsLog>,
    replica: Arc<SledReplica>,
}

impl Member {
    fn start(folder: &Path, partition: &PartitionName, stream: &Arc<dyn GroupStream>) -> anyhow::Result<Self> {
        let replica = Arc::new(SledReplica::open(folder, partition.clone(), SledOptions::default())?);
        let (kept, stream): (Arc<dyn Replica>, _) = (replica.clone(), Arc::clone(stream));
        let log = NatsLog::start(kept, stream, None, Arc::new(SystemClock), Options::of("bench"))?;
        Ok(Self { log: Arc::new(log), replica })
    }

    async fn lead(&self) -> anyhow::Result<()> {
        self.log.want_to_lead(true);
        let mut role = self.log.role();
        let leads = role.wait_for(|role| matches!(role, Role::Leader { .. } | Role::Halted(_)));
        let leads = tokio::time::timeout(PATIENCE, leads).await.context("nobody leads")??.clone();
        anyhow::ensure!(matches!(leads, Role::Leader { .. }), "{leads:?}");
        Ok(())
    }

    async fn close(self) -> anyhow::Result<()> {
        tokio::task::spawn_blocking(move || {
            self.log.close();
            self.replica.close()
        })
        .await??;
        Ok(())
    }

    /// Commits one after the other by so many writers for so long; what each commit took.
    async fn commit(
        &self,
        writers: usize,
        events: usize,
        until: impl Fn(u64) -> bool + Clone + Send + 'static,
    ) -> anyhow::Result<Vec<Duration>> {
        let writing: Vec<_> = (0..writers)
            .map(|_| {
                let (log, until) = (Arc::clone(&self.log), until.clone());
                tokio::spawn(async move {
                    let (mut load, mut took) = (Load::new(STREAMS)?, Vec::new());
                    while !until(took.len() as u64) {
                        let commit = load.commit(events)?;
                        let begun = Instant::now();
                        log.submit(commit)?.wait().await?;
                        took.push(begun.elapsed());
                    }
                    anyhow::Ok(took)
                })
            })
            .collect();
        let mut all = Vec::new();
        for writer in writing {
            all.extend(writer.await??);
        }
        Ok(all)
    }
}

/// The platform's log, bare publishing of the same groups, and bare publishing that waits until its own reader has each, in
/// turns.
async fn lead(cluster: &Cluster<'_>, writers: usize, lasting: Duration, json: bool) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir_in(cluster.folder)?;
    let (partition, stream) = cluster.stream().await?;
    let member = Member::start(scratch.path(), &partition, &stream)?;
    member.lead().await?;
    let mut bare = Bare::new(cluster).await?;
    let mut read_back = Bare::new(cluster).await?;
    let (mut ours, mut limit, mut reading) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let (mut groups, mut commits, mut latencies) = (0, 0, Vec::new());
    for round in 0..ROUNDS {
        let before = member.log.head().borrow().group;
        let begun = Instant::now();
        let took = member.commit(writers, 1, move |_| begun.elapsed() >= lasting).await?;
        let lasted = begun.elapsed();
        let after = member.log.head().borrow().group;
        let stored = (before + 1..=after).map(|number| member.replica.stored(number));
        let messages = stored.map(|stored| Ok(message_of(&stored?))).collect::<anyhow::Result<Vec<_>>>()?;
        let (to_limit, to_reading) = (bare.publish(&messages, false).await?, read_back.publish(&messages, true).await?);
        if round > 0 {
            ours += lasted;
            limit += to_limit;
            reading += to_reading;
            groups += messages.len();
            commits += took.len();
            latencies.extend(took);
        }
    }
    member.close().await?;
    let per_second = |time: Duration| groups as f64 / time.as_secs_f64();
    let mut case =
        Case::new(format!("a leader, {} replicas, {writers} writers", cluster.replicas)).latencies(latencies);
    case.events_per_s = Some(round(commits as f64 / ours.as_secs_f64()));
    case.limit_per_s = Some(round(per_second(limit)));
    case.ratio = Some(round(per_second(ours) / per_second(limit)));
    case.with("groups_per_s", round(per_second(ours))).with("read_back_per_s", round(per_second(reading))).print(json);
    Ok(())
}

/// Somebody who publishes one message after the other, and stores nothing himself.
struct Bare {
    stream: Arc<dyn GroupStream>,
    publisher: Box<dyn Publisher>,
    last: u64,
}

impl Bare {
    async fn new(cluster: &Cluster<'_>) -> anyhow::Result<Self> {
        let (_, stream) = cluster.stream().await?;
        let publisher = stream.connect().await?;
        Ok(Self { stream, publisher, last: 0 })
    }

    /// What it takes; with `reads` each is waited for by a reader of its own before the next is sent.
    async fn publish(&mut self, messages: &[Bytes], reads: bool) -> anyhow::Result<Duration> {
        let mut follower = self.stream.follow(self.last + 1).await?;
        let begun = Instant::now();
        for message in messages {
            match self.publisher.publish(self.last, message.clone(), WITHIN).await {
                Published::Committed(sequence) => self.last = sequence,
                other => bail!("message {} was {other:?}", self.last + 1),
            }
            if reads {
                follower.next().await?;
            }
        }
        Ok(begun.elapsed())
    }
}

/// A replica that begins with nothing, behind a stream of so many events.
async fn catch_up(cluster: &Cluster<'_>, events: u64, json: bool) -> anyhow::Result<()> {
    const WRITERS: u64 = 64;
    const OF_COMMIT: u64 = 16;
    let scratch = tempfile::tempdir_in(cluster.folder)?;
    let (partition, stream) = cluster.stream().await?;
    let leader = Member::start(&scratch.path().join("leader"), &partition, &stream)?;
    leader.lead().await?;
    let each = events.div_ceil(WRITERS * OF_COMMIT);
    leader.commit(WRITERS as usize, OF_COMMIT as usize, move |made| made >= each).await?;
    let head = *leader.log.head().borrow();
    leader.close().await?;
    let begun = Instant::now();
    let member = Member::start(&scratch.path().join("member"), &partition, &stream)?;
    let mut at = member.log.head();
    at.wait_for(|at| at.group >= head.group).await?;
    let took = begun.elapsed();
    anyhow::ensure!(at.borrow().hash == head.hash, "the replica has another history");
    member.close().await?;
    let events = each * WRITERS * OF_COMMIT;
    let mut case = Case::new(format!("a new replica catches up, {} replicas of the stream", cluster.replicas));
    case.events_per_s = Some(round(events as f64 / took.as_secs_f64()));
    case.with("events", events).with("groups", head.group).print(json);
    Ok(())
}

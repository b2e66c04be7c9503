//! `allmende bench log`: the embedded log against a plain file.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use allmende_eventlog::{Direction, EventLog, NewCommit, Submitted};
use allmende_eventlog_sled::{Hooks, Options, SledLog};
use allmende_kernel::{PartitionName, Revision};
use allmende_runtime::clock::SystemClock;
use anyhow::Context;

use super::limit::{Blocks, PlainFile};
use super::load::{Load, STREAMS};
use super::report::{Case, round};
use crate::cli::BenchOptions;

struct Counted {
    groups: AtomicU64,
    bytes: AtomicU64,
}

fn open(folder: &Path, group_commits: u32) -> anyhow::Result<(SledLog, Arc<Counted>)> {
    let counted = Arc::new(Counted { groups: AtomicU64::new(0), bytes: AtomicU64::new(0) });
    let told = Arc::clone(&counted);
    let written = move |group: allmende_eventlog_sled::Written| {
        told.groups.fetch_add(1, Ordering::Relaxed);
        told.bytes.fetch_add(group.bytes as u64, Ordering::Relaxed);
    };
    let options = Options {
        group_commits,
        hooks: Hooks { written: Some(Arc::new(written)), ..Hooks::default() },
        ..Options::default()
    };
    let log = SledLog::open(folder, PartitionName::parse("bench-0")?, Arc::new(SystemClock), options)?;
    Ok((log, counted))
}

/// Runs all cases.
pub(super) fn run(options: &BenchOptions) -> anyhow::Result<()> {
    let BenchOptions { json, folder, events } = options;
    let (json, events) = (*json, *events);
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    for (group_commits, commit_events, streams) in
        [(256, 1, 1_000), (256, 1, STREAMS), (16, 16, STREAMS), (1, 256, STREAMS), (32, 1, STREAMS), (2, 16, STREAMS)]
    {
        append(&runtime, folder, Shape { group_commits, commit_events, streams }, json)?;
    }
    single(&runtime, folder, json)?;
    grow(&runtime, folder, events, json)?;
    Ok(())
}

/// How events come: so many to a commit, so many commits to a group, spread over so many streams.
struct Shape {
    group_commits: u32,
    commit_events: usize,
    streams: u64,
}

/// As many commits in flight as two groups hold: while one is written the next one fills.
fn append(runtime: &tokio::runtime::Runtime, folder: &Path, shape: Shape, json: bool) -> anyhow::Result<()> {
    let Shape { group_commits, commit_events, streams } = shape;
    let scratch = tempfile::tempdir_in(folder)?;
    let (log, counted) = open(&scratch.path().join("log"), group_commits)?;
    let mut plain = PlainFile::create(&scratch.path().join("plain"), 64 << 20, Blocks::Allocated)?;
    let mut written = PlainFile::create(&scratch.path().join("written"), 64 << 20, Blocks::Written)?;
    let mut load = Load::new(streams)?;
    let per_group = u64::from(group_commits) * commit_events as u64;
    let (mut ours, mut limit, mut overwriting) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    let (mut events, mut groups_total) = (0u64, 0);
    for round in 0..12 {
        let (groups_before, bytes_before) =
            (counted.groups.load(Ordering::Relaxed), counted.bytes.load(Ordering::Relaxed));
        let commits: Vec<NewCommit> =
            (0..200 * group_commits).map(|_| load.commit(commit_events)).collect::<Result<_, _>>()?;
        let count = commits.len() as u64 * commit_events as u64;
        let begun = Instant::now();
        let mut waiting: VecDeque<Submitted> = VecDeque::new();
        for commit in commits {
            if waiting.len() >= 2 * group_commits as usize {
                for submitted in waiting.drain(..group_commits as usize) {
                    runtime.block_on(submitted.wait())?;
                }
            }
            waiting.push_back(log.submit(commit)?);
        }
        for submitted in waiting {
            runtime.block_on(submitted.wait())?;
        }
        let took = begun.elapsed();
        let groups = counted.groups.load(Ordering::Relaxed) - groups_before;
        let bytes = (counted.bytes.load(Ordering::Relaxed) - bytes_before) as usize;
        // The limit writes the same bytes with as many syncs as that many events in full groups need.
        let blocks = count / per_group;
        let block = bytes / blocks as usize;
        let append_to = |file: &mut PlainFile| (0..blocks).map(|_| file.append(block)).sum::<io::Result<Duration>>();
        let (to_plain, to_written) = (append_to(&mut plain)?, append_to(&mut written)?);
        // The first round warms up.
        if round > 0 {
            ours += took;
            limit += to_plain;
            overwriting += to_written;
            events += count;
            groups_total += groups;
        }
    }
    let rate = events as f64 / ours.as_secs_f64();
    let limit = events as f64 / limit.as_secs_f64();
    let mut case =
        Case::new(format!("append, {per_group} events a group, {commit_events} a commit, {streams} streams"));
    case.events_per_s = Some(round(rate));
    case.limit_per_s = Some(round(limit));
    case.ratio = Some(round(rate / limit));
    case.with("overwriting_per_s", round(events as f64 / overwriting.as_secs_f64()))
        .with("mean_events_per_group", round(events as f64 / groups_total as f64))
        .print(json);
    log.close()?;
    Ok(())
}

/// One commit after the other, each waited for.
fn single(runtime: &tokio::runtime::Runtime, folder: &Path, json: bool) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir_in(folder)?;
    let (log, counted) = open(&scratch.path().join("log"), 4096)?;
    let mut plain = PlainFile::create(&scratch.path().join("plain"), 64 << 20, Blocks::Allocated)?;
    let mut load = Load::new(STREAMS)?;
    let (mut ours, mut limit) = (Vec::new(), Vec::new());
    for _ in 0..4_000 {
        let commit = load.commit(1)?;
        let begun = Instant::now();
        runtime.block_on(log.submit(commit)?.wait())?;
        ours.push(begun.elapsed());
        let groups = counted.groups.load(Ordering::Relaxed).max(1);
        limit.push(plain.append((counted.bytes.load(Ordering::Relaxed) / groups) as usize)?);
    }
    ours.sort_unstable();
    limit.sort_unstable();
    let (p50, limit_p50) = (ours[ours.len() / 2], limit[limit.len() / 2]);
    let mut case = Case::new("append, one commit at a time").latencies(ours);
    case.ratio = Some(round(p50.as_secs_f64() / limit_p50.as_secs_f64()));
    case.with("limit_p50_us", round(limit_p50.as_secs_f64() * 1e6)).print(json);
    log.close()?;
    Ok(())
}

/// A long log: reading it, cold streams out of it, opening it.
fn grow(runtime: &tokio::runtime::Runtime, folder: &Path, events: u64, json: bool) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir_in(folder)?;
    let path = scratch.path().join("log");
    let (log, _) = open(&path, 256)?;
    let mut load = Load::new(STREAMS)?;
    let begun = Instant::now();
    let mut waiting: VecDeque<Submitted> = VecDeque::new();
    for number in 0..events {
        if waiting.len() >= 1024 {
            for submitted in waiting.drain(..512) {
                runtime.block_on(submitted.wait())?;
            }
        }
        waiting.push_back(log.submit(load.commit(1)?).with_context(|| format!("event {number}"))?);
    }
    for submitted in waiting {
        runtime.block_on(submitted.wait())?;
    }
    let mut case = Case::new(format!("append {events} events over {STREAMS} streams, index included"));
    case.events_per_s = Some(round(events as f64 / begun.elapsed().as_secs_f64()));
    case.print(json);

    let begun = Instant::now();
    log.close()?;
    drop(log);
    let closing = begun.elapsed();
    let begun = Instant::now();
    let (log, _) = open(&path, 256)?;
    let opening = begun.elapsed();
    Case::new(format!("open a log of {events} events"))
        .with("ms", round(opening.as_secs_f64() * 1e3))
        .with("close_ms", round(closing.as_secs_f64() * 1e3))
        .print(json);

    let mut times = Vec::new();
    for _ in 0..2_000 {
        let stream = load.any_stream()?;
        let begun = Instant::now();
        let read = log.read_stream(&stream, Revision(1), Direction::Forward, 1_000)?;
        times.push(begun.elapsed() / (read.len().max(1) as u32));
    }
    Case::new("an event of a cold stream, of 100,000").latencies(times).print(json);
    let mut times = Vec::new();
    for _ in 0..2_000 {
        let stream = load.any_stream()?;
        let begun = Instant::now();
        log.read_stream(&stream, Revision(u64::MAX), Direction::Backward, 1)?;
        times.push(begun.elapsed());
    }
    Case::new("the last event of a cold stream, of 100,000").latencies(times).print(json);

    let begun = Instant::now();
    let (mut after, mut seen, mut bytes) = (0, 0u64, 0u64);
    loop {
        let groups = log.read_groups(after, 1 << 20)?;
        let Some(last) = groups.last() else { break };
        after = last.header().number;
        for group in &groups {
            for event in group.events() {
                seen += 1;
                bytes += event.payload().len() as u64;
            }
        }
    }
    anyhow::ensure!(seen == events, "read {seen} of {events} events");
    let mut case = Case::new("read a partition, decoded and checked");
    case.events_per_s = Some(round(seen as f64 / begun.elapsed().as_secs_f64()));
    case.with("payload_mb", round(bytes as f64 / 1e6)).print(json);
    Ok(())
}

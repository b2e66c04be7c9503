//! What is read is what was written, from every side.

use std::collections::BTreeSet;

use allmende_kernel::{Clock, Duration, PartitionName, Position, Revision, SubjectId};
use bytes::Bytes;
use uuid::Uuid;

use super::Harness;
use super::fixture::{
    Any, Bench, COUNTED, NoStream, RENAMED, Random, audit, event, groups, named, number, request_id, stream, write,
};
use crate::append::{NewCommit, NewEvent, Origin, StreamAppend, TraceContext};
use crate::group::genesis_hash;
use crate::reading::{Direction, ReadError};

/// Every field of a commit comes back, the absent ones absent.
pub async fn a_commit_is_read_as_it_was_written<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let source = PartitionName::parse("participation-12").unwrap();
    let actor = SubjectId::new(Uuid::from_bytes([9; 16]));
    let trace = TraceContext { trace_id: [3; 16], span_id: [4; 8], flags: 1 };
    let renamed = NewEvent { event_type: RENAMED, payload: Bytes::from_static(b"\x00\xffnew name") };
    let empty = NewEvent { event_type: RENAMED, payload: Bytes::new() };
    let full = NewCommit {
        origin: Origin::Request { id: request_id(bench.clock.now(), 5), digest: [6; 16] },
        actor: Some(actor),
        trace: Some(trace),
        outcome: Bytes::from_static(b"created"),
        ..bench.commit(vec![
            StreamAppend { stream: stream("a"), expected: NoStream, events: vec![event(1), renamed, empty] },
            write("b", NoStream, &[7]),
        ])
    };
    let reaction = NewCommit {
        origin: Origin::Process { source, position: Position::new(77, 3), step: 2 },
        ..bench.commit(vec![write("a", Any, &[8])])
    };
    let bare = bench.commit(vec![write("b", Any, &[9])]);

    for commit in [full, reaction, bare] {
        let position = bench.submit_and_wait(commit.clone()).await.unwrap().position;
        let group = bench.log.read_group(position.group).unwrap();
        let read = group.commit(position.index).unwrap();
        assert_eq!(read.position(), position);
        assert_eq!(read.origin(), commit.origin);
        assert_eq!(read.admitted_at(), commit.admitted_at);
        assert_eq!((read.actor(), read.trace()), (commit.actor, commit.trace));
        assert_eq!(read.outcome(), commit.outcome);
        assert_eq!(read.writes().count(), commit.writes.len());
        for (read, written) in read.writes().zip(&commit.writes) {
            assert_eq!(read.stream_name().as_ref(), Some(&written.stream));
            let events: Vec<_> = read.events().map(|event| (event.event_type(), event.payload_bytes())).collect();
            let expected: Vec<_> = written.events.iter().map(|e| (e.event_type, e.payload.clone())).collect();
            assert_eq!(events, expected);
        }
    }
}

/// Forward from old to new, backward from new to old, at most as many as asked for.
pub async fn a_stream_is_read_forward_and_backward<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    for number in (1..=90).step_by(3) {
        // Other streams lie between.
        bench.append(vec![write("b", Any, &[0]), write("a", Any, &[number, number + 1, number + 2])]).await.unwrap();
    }
    let read = |from, direction, max| -> Vec<u64> {
        let events = bench.log.read_stream(&stream("a"), Revision(from), direction, max).unwrap();
        for event in &events {
            assert_eq!(event.revision().0, number(event.view().payload()));
            assert_eq!(event.view().stream(), stream("a").as_str());
        }
        events.iter().map(|event| event.revision().0).collect()
    };
    assert_eq!(read(1, Direction::Forward, 1_000), (1..=90).collect::<Vec<_>>());
    assert_eq!(read(90, Direction::Backward, 1_000), (1..=90).rev().collect::<Vec<_>>());
    assert_eq!(read(50, Direction::Forward, 5), [50, 51, 52, 53, 54]);
    assert_eq!(read(50, Direction::Backward, 5), [50, 49, 48, 47, 46]);
    assert_eq!(read(89, Direction::Forward, 5), [89, 90]);
    assert_eq!(read(2, Direction::Backward, 5), [2, 1]);
}

/// A start outside the stream is no error: it reads what lies in the direction.
pub async fn a_stream_may_be_read_from_outside<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.append(vec![write("a", Any, &[1, 2, 3])]).await.unwrap();
    let read = |id: &str, from, direction, max| -> Vec<u64> {
        let events = bench.log.read_stream(&stream(id), Revision(from), direction, max).unwrap();
        events.iter().map(|event| event.revision().0).collect()
    };
    assert_eq!(read("a", 0, Direction::Forward, 9), [1, 2, 3]);
    assert_eq!(read("a", u64::MAX, Direction::Backward, 9), [3, 2, 1]);
    for (id, from, direction, max) in [
        ("a", 4, Direction::Forward, 9),
        ("a", u64::MAX, Direction::Forward, 9),
        ("a", 0, Direction::Backward, 9),
        ("a", 1, Direction::Forward, 0),
        ("a", 3, Direction::Backward, 0),
        ("nobody", 1, Direction::Forward, 9),
        ("nobody", u64::MAX, Direction::Backward, 9),
    ] {
        assert_eq!(read(id, from, direction, max), [0u64; 0], "{id} {from} {direction:?} {max}");
    }
}

/// A page holds at least one group, ends at its limit of bytes, and the next one continues without a gap.
pub async fn groups_are_read_in_pages_of_bytes<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let mut random = Random(21);
    for number in 0..40 {
        bench.append(vec![write("a", Any, &vec![number; 1 + random.below(60) as usize])]).await.unwrap();
    }
    let all = groups(bench.log.as_ref());
    for limit in [0, 1, 500, 5_000, usize::MAX] {
        let mut after = 0;
        while after < bench.head() {
            let page = bench.log.read_groups(after, limit).unwrap();
            let bytes: usize = page.iter().map(|group| group.body_length()).sum();
            assert!(page.len() == 1 || bytes <= limit, "{bytes} bytes in a page of {limit}");
            for group in page {
                after += 1;
                assert_eq!(group.header(), all[after as usize - 1].header());
            }
        }
        assert!(bench.log.read_groups(after, limit).unwrap().is_empty());
    }
    assert_eq!(bench.log.read_groups(0, usize::MAX).unwrap().len() as u64, bench.head());
}

/// Each group names the hash of the one before, back to the genesis hash of the partition; every hash is right.
pub async fn groups_chain_from_the_genesis_hash<H: Harness>(harness: H) {
    let mut bench = Bench::open(harness).await;
    assert!(bench.log.head().borrow().hash == genesis_hash(bench.log.partition()) || bench.leads_terms());
    for round in 0..3 {
        let waiting: Vec<_> =
            (0..60).map(|n| bench.log.submit(bench.commit(vec![write("a", Any, &[round, n])])).unwrap()).collect();
        for submitted in waiting {
            submitted.wait().await.unwrap();
        }
        bench = bench.reopen().await;
    }
    let mut previous = genesis_hash(bench.log.partition());
    for group in groups(bench.log.as_ref()) {
        assert_eq!(group.header().previous_hash, previous, "group {}", group.header().number);
        group.verify().unwrap();
        previous = group.header().hash;
    }
    assert_eq!(bench.log.head().borrow().hash, previous);
}

/// Past the head there is no data, and asking for one group there says so.
pub async fn what_the_log_does_not_reach_is_beyond<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let empty = bench.head();
    assert!(empty == 0 || bench.leads_terms());
    assert!(bench.log.read_groups(empty, usize::MAX).unwrap().is_empty());
    let group = bench.append(vec![write("a", Any, &[1])]).await.unwrap().position.group;
    assert_eq!(group, empty + 1);
    for number in [0, group + 1, u64::MAX] {
        assert_eq!(bench.log.read_group(number).unwrap_err(), ReadError::Beyond(number));
        assert!(number == 0 || bench.log.read_groups(number, usize::MAX).unwrap().is_empty());
    }
    assert!(bench.log.read_outcome(Position::new(group, 0)).is_ok());
    assert_eq!(bench.log.read_outcome(Position::new(group, 1)).unwrap_err(), ReadError::Beyond(group));
}

const TENANTS: [&str; 3] = ["koeln", "koeln-porz", "bonn"];
const CATEGORIES: [&str; 3] = ["counter", "counter-2", "station"];

/// Writes 120 commits and tells of each which category and type went into which group.
async fn scattered<H: Harness>(bench: &Bench<H>) -> Vec<(u64, String, &'static str)> {
    let mut random = Random(31);
    let mut written = Vec::new();
    let mut waiting = Vec::new();
    for _ in 0..120 {
        let mut pick = |of: &[&'static str; 3]| of[random.below(3) as usize];
        let (tenant, category) = (pick(&TENANTS), pick(&CATEGORIES));
        let event_type = pick(&[COUNTED, RENAMED, COUNTED]);
        let events = vec![NewEvent { event_type, payload: event(1).payload }];
        let target = named(&format!("{tenant}/{category}/{}", random.below(4)));
        let submitted =
            bench.log.submit(bench.commit(vec![StreamAppend { stream: target, expected: Any, events }])).unwrap();
        waiting.push((submitted, format!("{tenant}/{category}"), event_type));
        if random.below(3) == 0 {
            bench.log.settle().wait().await.unwrap();
        }
    }
    for (submitted, tenant_category, event_type) in waiting {
        written.push((submitted.wait().await.unwrap().position.group, tenant_category, event_type));
    }
    written
}

fn check_pages(expected: &BTreeSet<u64>, find: impl Fn(u64, usize) -> Result<Vec<u64>, ReadError>) {
    for max in [1, 7, 1_000] {
        let (mut found, mut after) = (Vec::new(), 0);
        loop {
            let page = find(after, max).unwrap();
            assert!(page.len() <= max);
            let Some(last) = page.last() else { break };
            after = *last;
            found.extend(page);
        }
        assert_eq!(found, expected.iter().copied().collect::<Vec<_>>(), "pages of {max}");
    }
    assert!(find(0, 0).unwrap().is_empty());
}

/// Exactly the groups that hold the category of the tenant, ascending, a page at a time, also after reopening.
pub async fn groups_are_found_by_category<H: Harness>(harness: H) {
    let mut bench = Bench::open(harness).await;
    let written = scattered(&bench).await;
    for _ in 0..2 {
        for tenant_category in TENANTS.iter().flat_map(|t| CATEGORIES.map(|c| format!("{t}/{c}"))) {
            let held: BTreeSet<u64> = written.iter().filter(|w| w.1 == tenant_category).map(|w| w.0).collect();
            check_pages(&held, |after, max| bench.log.groups_of_category(&tenant_category, after, max));
        }
        check_pages(&BTreeSet::new(), |after, max| bench.log.groups_of_category("koeln/nothing", after, max));
        bench = bench.reopen().await;
    }
}

/// Exactly the groups that hold the type, ascending, a page at a time, also after reopening.
pub async fn groups_are_found_by_type<H: Harness>(harness: H) {
    let mut bench = Bench::open(harness).await;
    let written = scattered(&bench).await;
    for _ in 0..2 {
        for event_type in [COUNTED, RENAMED, "allmende.contract.v1.Coun"] {
            let held: BTreeSet<u64> = written.iter().filter(|w| w.2 == event_type).map(|w| w.0).collect();
            check_pages(&held, |after, max| bench.log.groups_of_type(event_type, after, max));
        }
        bench = bench.reopen().await;
    }
}

/// The answer of a commit can be had again by its position.
pub async fn an_outcome_is_kept<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let mut waiting = Vec::new();
    for number in 0..50u64 {
        let outcome = Bytes::from(vec![number as u8; number as usize]);
        let commit = NewCommit { outcome: outcome.clone(), ..bench.commit(vec![write("a", Any, &[number])]) };
        waiting.push((bench.log.submit(commit).unwrap(), outcome));
    }
    for (submitted, outcome) in waiting {
        let position = submitted.wait().await.unwrap().position;
        assert_eq!(bench.log.read_outcome(position).unwrap(), outcome);
    }
}

/// L3: reopening changes no position, no hash, no event.
pub async fn everything_reads_the_same_after_reopening<H: Harness>(harness: H) {
    let mut bench = Bench::open(harness).await;
    let mut random = Random(41);
    for round in 0..4 {
        bench.clock.advance(Duration::from_secs(60));
        let mut waiting = Vec::new();
        for number in 0..50 {
            let (one, two) = (random.below(6).to_string(), (6 + random.below(6)).to_string());
            let writes = vec![write(&one, Any, &[round, number]), write(&two, Any, &[number])];
            waiting.push(bench.log.submit(bench.commit(writes)).unwrap());
        }
        for submitted in waiting {
            submitted.wait().await.unwrap();
        }
        let head = *bench.log.head().borrow();
        let headers: Vec<_> = groups(bench.log.as_ref()).iter().map(|group| group.header().clone()).collect();
        let content = audit(bench.log.as_ref());
        bench = bench.reopen().await;
        assert!(*bench.log.head().borrow() == head || bench.leads_terms());
        let again = groups(bench.log.as_ref());
        let again: Vec<_> = again.iter().take(headers.len()).map(|group| group.header().clone()).collect();
        assert_eq!(again, headers);
        assert_eq!(audit(bench.log.as_ref()), content);
    }
}

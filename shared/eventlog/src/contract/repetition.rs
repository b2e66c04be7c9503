//! L4: a repetition gets the first outcome, and what cannot be told from one is refused.

use std::sync::Arc;

use allmende_kernel::{Clock, Duration, PartitionName, Position, Revision, Timestamp};
use bytes::Bytes;

use super::Harness;
use super::fixture::{Any, Bench, NoStream, numbers, request_id, requested, stream, submit_and_wait, write};
use crate::admission::Window;
use crate::append::{AppendError, NewCommit, Origin};

fn process(position: Position, step: u32) -> Origin {
    Origin::Process { source: PartitionName::parse("telemetry-3").unwrap(), position, step }
}

/// The same id and digest: the first position, "repeated", and nothing stored, whatever the rest of it says.
pub async fn a_repeated_request_gets_the_first_position<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let commit = bench.request(1, vec![write("a", NoStream, &[1])]);
    let first = bench.submit_and_wait(commit.clone()).await.unwrap();
    assert!(!first.repeated);
    bench.append(vec![write("a", Any, &[2])]).await.unwrap();
    bench.clock.advance(Duration::from_secs(3_600));
    // Its revisions no longer hold, and it asks for something unstorable: a repetition is not checked again.
    let empty = NewCommit { writes: vec![], ..commit.clone() };
    for again in [commit, empty] {
        let again = bench.submit_and_wait(again).await.unwrap();
        assert!(again.repeated);
        assert_eq!(again.position, first.position);
    }
    assert_eq!(numbers(bench.log.as_ref(), &stream("a")), [1, 2]);
}

/// The same id with other content is a client's mistake, told and not stored.
pub async fn a_request_id_with_another_digest_is_refused<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let mut commit = bench.request(1, vec![write("a", Any, &[1])]);
    bench.submit_and_wait(commit.clone()).await.unwrap();
    let id = request_id(bench.clock.now(), 1);
    commit.origin = Origin::Request { id, digest: [0xee; 16] };
    let recalled = bench.log.recall(&commit.origin, bench.log.now());
    assert!(matches!(recalled, Err(AppendError::RequestReused(told)) if told == id));
    let refused = bench.log.submit(commit);
    assert!(matches!(refused, Err(AppendError::RequestReused(told)) if told == id), "{refused:?}");
    assert_eq!(numbers(bench.log.as_ref(), &stream("a")), [1]);
}

/// Outside the window a repetition could not be told, so the id is refused, known or not.
pub async fn a_request_id_older_than_the_window_is_refused<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let (minted, window) = (bench.clock.now(), Window::default().remembered);
    let known = bench.request(1, vec![write("a", Any, &[1])]);
    bench.submit_and_wait(known.clone()).await.unwrap();

    bench.clock.set(minted + window);
    let last_moment = NewCommit { origin: requested(minted, 2), ..bench.commit(vec![write("a", Any, &[2])]) };
    bench.submit_and_wait(last_moment).await.unwrap();
    assert!(bench.submit_and_wait(known.clone()).await.unwrap().repeated);

    bench.clock.advance(Duration::from_micros(1_000));
    let late = NewCommit { origin: requested(minted, 3), ..bench.commit(vec![write("a", Any, &[3])]) };
    for (commit, number) in [(late, 3), (NewCommit { admitted_at: bench.log.now(), ..known }, 1)] {
        let id = request_id(minted, number);
        let recalled = bench.log.recall(&commit.origin, bench.log.now());
        assert!(matches!(recalled, Err(AppendError::RequestExpired(told)) if told == id));
        let refused = bench.log.submit(commit);
        assert!(matches!(refused, Err(AppendError::RequestExpired(told)) if told == id), "{refused:?}");
    }
    assert_eq!(numbers(bench.log.as_ref(), &stream("a")), [1, 2]);
}

/// An id that was refused as too old stays refused, also with a clock set back and after reopening.
pub async fn the_window_never_opens_again<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let minted = bench.clock.now();
    bench.clock.set(minted + Window::default().remembered + Duration::from_secs(60));
    bench.append(vec![write("a", Any, &[1])]).await.unwrap();
    bench.clock.set(minted);
    let bench = bench.reopen().await;
    let late = NewCommit { origin: requested(minted, 1), ..bench.commit(vec![write("a", Any, &[2])]) };
    assert!(matches!(bench.log.submit(late), Err(AppendError::RequestExpired(_))));
    let floor = bench.log.head().borrow().window_floor;
    assert_eq!(floor, minted + Duration::from_secs(60));
}

/// Two minutes ahead is a clock, more is a mistake.
pub async fn a_request_id_from_a_clock_ahead_is_refused<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let limit = bench.log.now() + Window::default().ahead;
    let minted = |at: Timestamp| NewCommit { origin: requested(at, 1), ..bench.commit(vec![write("a", Any, &[1])]) };
    let refused = bench.log.submit(minted(limit + Duration::from_micros(1_000)));
    assert!(matches!(refused, Err(AppendError::RequestAhead(_))), "{refused:?}");
    bench.submit_and_wait(minted(limit)).await.unwrap();
}

/// Also the memory of requests is durable, with what was answered.
pub async fn requests_are_remembered_after_reopening<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let mut firsts = Vec::new();
    for number in 0..50 {
        let mut commit = bench.request(number, vec![write("a", Any, &[number])]);
        commit.outcome = Bytes::from(format!("number {number}"));
        let first = bench.submit_and_wait(commit.clone()).await.unwrap();
        firsts.push((commit, first.position));
    }
    let bench = bench.reopen().await;
    for (commit, position) in firsts {
        let again = bench.submit_and_wait(commit.clone()).await.unwrap();
        assert!(again.repeated);
        assert_eq!(again.position, position);
        assert_eq!(bench.log.read_outcome(position).unwrap(), commit.outcome);
        let reused = Origin::Request { id: request_id(bench.clock.now(), 3), digest: [0xee; 16] };
        assert!(matches!(bench.log.recall(&reused, bench.log.now()), Err(AppendError::RequestReused(_))));
    }
    assert_eq!(bench.log.admitted_revision(&stream("a")).unwrap(), Revision(50));
}

/// Of a request that arrives many times at once one is stored, and everyone is told where.
pub async fn concurrent_repetitions_get_one_position<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    for number in 0..20 {
        let commit = bench.request(number, vec![write("a", Any, &[number])]);
        let tasks: Vec<_> = (0..16)
            .map(|_| {
                let (log, commit) = (Arc::clone(&bench.log), commit.clone());
                tokio::spawn(async move { submit_and_wait(log.as_ref(), commit).await.unwrap() })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.unwrap());
        }
        assert!(answers.iter().all(|answer| answer.position == answers[0].position));
        assert_eq!(answers.iter().filter(|answer| !answer.repeated).count(), 1);
    }
    assert_eq!(numbers(bench.log.as_ref(), &stream("a")), (0..20).collect::<Vec<_>>());
}

/// A process manager's reaction has no window: the first one wins after a month and after reopening.
pub async fn the_first_reaction_of_a_process_wins_for_ever<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let origins: Vec<_> = [(1, 0, 0), (1, 0, 1), (1, 1, 0), (256, 0, 0)]
        .map(|(group, index, step)| process(Position::new(group, index), step))
        .into();
    let react = |bench: &Bench<H>, origin: &Origin, number| NewCommit {
        origin: origin.clone(),
        ..bench.commit(vec![write("a", Any, &[number])])
    };
    let mut firsts = Vec::new();
    for (number, origin) in origins.iter().enumerate() {
        let first = bench.submit_and_wait(react(&bench, origin, number as u64)).await.unwrap();
        assert!(!first.repeated);
        firsts.push(first.position);
    }
    bench.clock.advance(Duration::from_secs(30 * 86_400));
    bench.append(vec![write("b", Any, &[1])]).await.unwrap();
    let bench = bench.reopen().await;
    for (origin, position) in origins.iter().zip(firsts) {
        let again = bench.submit_and_wait(react(&bench, origin, 99)).await.unwrap();
        assert!(again.repeated);
        assert_eq!(again.position, position);
    }
    assert_eq!(numbers(bench.log.as_ref(), &stream("a")), [0, 1, 2, 3]);
}

/// Before deciding, a caller can ask whether it has to.
pub async fn recall_tells_what_a_submit_would_repeat<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let commit = bench.request(1, vec![write("a", Any, &[1])]);
    assert!(bench.log.recall(&commit.origin, bench.log.now()).unwrap().is_none());
    let submitted = bench.log.submit(commit.clone()).unwrap();
    let recalled = bench.log.recall(&commit.origin, bench.log.now()).unwrap().unwrap().wait().await.unwrap();
    let first = submitted.wait().await.unwrap();
    assert!(recalled.repeated && !first.repeated);
    assert_eq!(recalled.position, first.position);
    assert!(bench.log.recall(&requested(bench.clock.now(), 2), bench.log.now()).unwrap().is_none());
    assert!(bench.log.recall(&Origin::Unlinked, bench.log.now()).unwrap().is_none());
}

/// "Repeated" is an acknowledgement too: it waits for the first commit's disk write.
pub async fn a_repetition_is_answered_once_the_first_is_durable<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    for number in 0..30 {
        let commit = bench.request(number, vec![write("a", Any, &[number])]);
        let first = bench.log.submit(commit.clone()).unwrap();
        let again = bench.submit_and_wait(commit).await.unwrap();
        assert!(again.repeated);
        assert!(bench.head() >= again.position.group);
        assert_eq!(first.wait().await.unwrap().position, again.position);
    }
}

/// A commit that must not be linked has no memory: equal ones are stored again.
pub async fn what_cannot_be_repeated_is_stored_each_time<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let ballot = bench.commit(vec![write("a", Any, &[1])]);
    for _ in 0..3 {
        assert!(!bench.submit_and_wait(ballot.clone()).await.unwrap().repeated);
    }
    assert_eq!(numbers(bench.log.as_ref(), &stream("a")), [1, 1, 1]);
}

//! What an append requires of its streams, and what becomes of it when that does not hold.

use allmende_kernel::{ExpectedRevision, Revision};
use bytes::Bytes;

use super::Harness;
use super::fixture::{Any, Bench, COUNTED, Exact, NoStream, Random, audit, groups, numbers, stream, write};
use crate::append::{AppendError, NewEvent, StreamAppend};

fn is_wrong_revision<T: std::fmt::Debug>(result: Result<T, AppendError>) -> bool {
    matches!(result, Err(AppendError::WrongRevision { .. }))
}

/// "Any" asks nothing of the stream.
pub async fn any_takes_a_stream_as_it_is<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.append(vec![write("a", Any, &[1])]).await.unwrap();
    bench.append(vec![write("a", Any, &[2, 3])]).await.unwrap();
    assert_eq!(numbers(bench.log.as_ref(), &stream("a")), [1, 2, 3]);
}

/// "No stream" admits the first write only.
pub async fn no_stream_takes_a_new_stream_only<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.append(vec![write("a", NoStream, &[1])]).await.unwrap();
    assert!(is_wrong_revision(bench.append(vec![write("a", NoStream, &[2])]).await));
    bench.append(vec![write("b", NoStream, &[3])]).await.unwrap();
    assert_eq!(numbers(bench.log.as_ref(), &stream("a")), [1]);
}

/// "Exact" admits at that length, neither before nor after.
pub async fn exact_takes_that_revision_only<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.append(vec![write("a", Exact(Revision::NONE), &[1, 2])]).await.unwrap();
    for wrong in [0, 1, 3, u64::MAX] {
        assert!(is_wrong_revision(bench.append(vec![write("a", Exact(Revision(wrong)), &[9])]).await), "{wrong}");
    }
    bench.append(vec![write("a", Exact(Revision(2)), &[3])]).await.unwrap();
    assert_eq!(numbers(bench.log.as_ref(), &stream("a")), [1, 2, 3]);
}

/// The error says which stream, what was expected and what there is, so that the caller can fold again.
pub async fn a_wrong_revision_is_told_with_the_actual_one<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.append(vec![write("a", Any, &[1, 2])]).await.unwrap();
    let refused = bench.append(vec![write("b", NoStream, &[1]), write("a", Exact(Revision(1)), &[3])]).await;
    let Err(AppendError::WrongRevision { stream: told, expected, actual }) = refused else { panic!("{refused:?}") };
    assert_eq!((told, expected, actual), (stream("a"), ExpectedRevision::Exact(Revision(1)), Revision(2)));
}

/// L2: one wrong stream refuses all; otherwise all are written at one position.
pub async fn streams_of_one_commit_are_written_all_or_none<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.append(vec![write("c", NoStream, &[1])]).await.unwrap();
    let wrong_last = vec![write("a", NoStream, &[1]), write("b", NoStream, &[1]), write("c", NoStream, &[2])];
    assert!(is_wrong_revision(bench.append(wrong_last).await));
    let wrong_first = vec![write("c", NoStream, &[2]), write("a", NoStream, &[1])];
    assert!(is_wrong_revision(bench.append(wrong_first).await));
    assert_eq!(bench.log.admitted_revision(&stream("a")).unwrap(), Revision::NONE);

    let right = vec![write("a", NoStream, &[1]), write("b", NoStream, &[1, 2]), write("c", Exact(Revision(1)), &[2])];
    let appended = bench.append(right).await.unwrap();
    let group = bench.log.read_group(appended.position.group).unwrap();
    let commit = group.commit(appended.position.index).unwrap();
    let streams: Vec<_> = commit.writes().map(|write| (write.stream_name().unwrap(), write.len())).collect();
    assert_eq!(streams, [(stream("a"), 1), (stream("b"), 2), (stream("c"), 1)]);
    assert_eq!(audit(bench.log.as_ref())[&stream("c")], [1, 2]);
}

/// A decision that rests on another stream is refused once that stream has moved, also by a write not durable yet.
pub async fn a_stream_that_was_read_and_moved_refuses_the_commit<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.append(vec![write("phase", NoStream, &[1])]).await.unwrap();
    let mut decided = bench.commit(vec![write("vote", NoStream, &[1])]);
    decided.reads = vec![(stream("phase"), Revision(1)), (stream("nobody"), Revision::NONE)];
    bench.submit_and_wait(decided.clone()).await.unwrap();

    let moving = bench.log.submit(bench.commit(vec![write("phase", Any, &[2])])).unwrap();
    decided.writes = vec![write("vote", Any, &[2])];
    let refused = bench.log.submit(decided);
    let Err(AppendError::WrongRevision { stream: told, actual, .. }) = refused else { panic!("{refused:?}") };
    assert_eq!((told, actual), (stream("phase"), Revision(2)));
    moving.wait().await.unwrap();
    assert_eq!(numbers(bench.log.as_ref(), &stream("vote")), [1]);
}

/// Commits can be chained on one another without waiting for the disk.
pub async fn revisions_count_what_is_not_durable_yet<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let mut waiting = Vec::new();
    for revision in 0..100 {
        let next = write("a", Exact(Revision(revision)), &[revision + 1]);
        waiting.push(bench.log.submit(bench.commit(vec![next])).unwrap());
        assert_eq!(bench.log.admitted_revision(&stream("a")).unwrap(), Revision(revision + 1));
    }
    for submitted in waiting {
        submitted.wait().await.unwrap();
    }
    assert_eq!(numbers(bench.log.as_ref(), &stream("a")), (1..=100).collect::<Vec<_>>());
}

/// A refusal moves neither head nor revision, and its request id is free for a better try.
pub async fn a_refused_commit_leaves_no_trace<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.append(vec![write("a", NoStream, &[1])]).await.unwrap();
    let before = *bench.log.head().borrow();
    let mut refused = bench.request(7, vec![write("b", NoStream, &[1]), write("a", NoStream, &[2])]);
    assert!(is_wrong_revision(bench.log.submit(refused.clone())));
    bench.log.settle().wait().await.unwrap();
    assert!(*bench.log.head().borrow() == before || bench.leads_terms());
    assert!(groups(bench.log.as_ref())[before.group as usize..].iter().all(|group| group.commits().len() == 0));
    assert!(bench.log.recall(&refused.origin, bench.log.now()).unwrap().is_none());
    refused.writes.truncate(1);
    assert!(!bench.submit_and_wait(refused).await.unwrap().repeated);
}

/// No write, an empty write, a stream twice, more than 4 MiB, a type that is no ASCII name: none of it is stored.
pub async fn a_commit_without_a_storable_form_is_refused<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let empty = bench.head();
    let typed = |event_type: &'static str, length: usize| {
        let events = vec![NewEvent { event_type, payload: vec![7; length].into() }];
        StreamAppend { stream: stream("a"), expected: Any, events }
    };
    for (what, writes) in [
        ("no write", vec![]),
        ("empty write", vec![write("a", Any, &[])]),
        ("one write empty", vec![write("a", Any, &[1]), write("b", Any, &[])]),
        ("a stream twice", vec![write("a", Any, &[1]), write("b", Any, &[2]), write("a", Any, &[3])]),
        ("too large", vec![typed(COUNTED, 4 << 20)]),
        ("no type", vec![typed("", 1)]),
        ("a type that readers refuse", vec![typed("Gezählt", 1)]),
    ] {
        let refused = bench.append(writes).await;
        assert!(matches!(refused, Err(AppendError::Unstorable(_))), "{what}: {refused:?}");
    }
    assert_eq!(bench.head(), empty);
    assert_eq!(bench.log.admitted_revision(&stream("a")).unwrap(), Revision::NONE);
}

/// The limit of 4 MiB is one for commits, not for the log's own pages, buffers or frames.
pub async fn a_commit_just_below_the_limit_is_stored<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let mut random = Random(1);
    let payload: Bytes = (0..(4 << 20) - 200).map(|_| random.below(256) as u8).collect::<Vec<_>>().into();
    let events = vec![NewEvent { event_type: COUNTED, payload: payload.clone() }];
    let large = StreamAppend { stream: stream("large"), expected: NoStream, events };
    let appended = bench.append(vec![large, write("small", NoStream, &[1])]).await.unwrap();
    let bench = bench.reopen().await;
    let group = bench.log.read_group(appended.position.group).unwrap();
    assert_eq!(group.events().next().unwrap().payload(), payload);
    group.verify().unwrap();
}

/// Overload is an answer, not a delay: what is refused was not stored, what was admitted becomes durable.
pub async fn overload_refuses_and_keeps_what_was_admitted<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let mut random = Random(2);
    let noise: Bytes = (0..1 << 20).map(|_| random.below(256) as u8).collect::<Vec<_>>().into();
    let mut admitted = Vec::new();
    for _ in 0..48 {
        let events = vec![NewEvent { event_type: COUNTED, payload: noise.clone() }];
        let large = StreamAppend { stream: stream("a"), expected: Any, events };
        match bench.log.submit(bench.commit(vec![large])) {
            Ok(submitted) => admitted.push(submitted),
            Err(error) => assert!(matches!(error, AppendError::Overloaded), "{error:?}"),
        }
    }
    let count = admitted.len() as u64;
    assert!(count > 0);
    for submitted in admitted {
        submitted.wait().await.unwrap();
    }
    assert_eq!(bench.log.admitted_revision(&stream("a")).unwrap(), Revision(count));
    bench.append(vec![write("a", Exact(Revision(count)), &[1])]).await.unwrap();
}

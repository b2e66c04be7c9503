//! The order of things: revisions, positions, groups and time.

use allmende_kernel::{Clock, Duration, Position, Revision};

use super::Harness;
use super::fixture::{Any, Bench, Random, audit, commit, groups, stream, write};
use crate::reading::Direction;

/// L3: the first event of a stream has revision 1, and none is left out.
pub async fn revisions_are_dense_from_one<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let mut random = Random(11);
    let mut waiting = Vec::new();
    for number in 0..200 {
        let id = random.below(5).to_string();
        let numbers: Vec<u64> = (0..=random.below(4)).map(|offset| number * 10 + offset).collect();
        waiting.push(bench.log.submit(bench.commit(vec![write(&id, Any, &numbers)])).unwrap());
    }
    for submitted in waiting {
        submitted.wait().await.unwrap();
    }
    for (name, numbers) in audit(bench.log.as_ref()) {
        let events = bench.log.read_stream(&name, Revision(1), Direction::Forward, usize::MAX).unwrap();
        let revisions: Vec<u64> = events.iter().map(|event| event.revision().0).collect();
        assert_eq!(revisions, (1..=numbers.len() as u64).collect::<Vec<_>>(), "{name}");
    }
}

/// Positions ascend in the order in which commits were admitted, whether or not anyone waits in between.
pub async fn positions_follow_admission<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let mut last = Position::START;
    for round in 0..20 {
        let submitted: Vec<_> = (0..10)
            .map(|n| bench.log.submit(bench.commit(vec![write("a", Any, &[round * 10 + n])])).unwrap())
            .collect();
        for submitted in submitted {
            let position = submitted.wait().await.unwrap().position;
            assert!(position > last, "{position} after {last}");
            last = position;
        }
    }
    let group = bench.log.read_group(last.group).unwrap();
    assert_eq!(group.commits().last().unwrap().position(), last);
}

/// Groups carry the numbers 1, 2, 3 and so on; none is empty in a log that nobody else could lead.
pub async fn groups_are_numbered_from_one_without_gaps<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    for number in 0..30 {
        bench.append(vec![write("a", Any, &[number])]).await.unwrap();
    }
    let bench = bench.reopen().await;
    for number in 0..30 {
        bench.append(vec![write("a", Any, &[number])]).await.unwrap();
    }
    let groups = groups(bench.log.as_ref());
    for (index, group) in groups.iter().enumerate() {
        assert_eq!(group.header().number, index as u64 + 1);
        assert_eq!(group.header().commit_count as usize, group.commits().len());
        assert!(group.commits().len() > 0 || bench.leads_terms());
    }
    assert_eq!(groups.len() as u64, bench.head());
}

/// A clock that goes back does not take the log along: neither `now`, nor commits, nor groups.
pub async fn time_never_goes_back<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let start = bench.clock.now();
    for step in [0, 5, -600, 1, 700, -1, -86_400, 0] {
        bench.clock.advance(Duration::from_secs(step));
        bench.append(vec![write("a", Any, &[1])]).await.unwrap();
        // A writer that took its time from elsewhere.
        bench.submit_and_wait(commit(bench.clock.now(), vec![write("a", Any, &[2])])).await.unwrap();
        assert!(bench.log.now() >= start);
    }
    let groups = groups(bench.log.as_ref());
    let times: Vec<_> = groups.iter().flat_map(|g| g.commits()).map(|commit| commit.admitted_at()).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert_eq!(times[0], start);
    assert_eq!(*times.last().unwrap(), start + Duration::from_secs(106));
    let headers: Vec<_> = groups.iter().map(|group| group.header()).collect();
    assert!(headers.is_sorted_by_key(|header| header.leader_time));
    assert!(headers.is_sorted_by_key(|header| header.window_floor));
    for group in groups.iter().filter(|group| group.commits().len() > 0 || !bench.leads_terms()) {
        assert_eq!(group.commits().last().unwrap().admitted_at(), group.header().leader_time);
    }
}

/// A machine that starts with a clock behind goes on at the time of the last group.
pub async fn time_never_goes_back_across_reopening<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.append(vec![write("a", Any, &[1])]).await.unwrap();
    let before = *bench.log.head().borrow();
    bench.clock.advance(Duration::from_secs(-3600));
    let bench = bench.reopen().await;
    assert_eq!(bench.log.now(), before.leader_time);
    bench.append(vec![write("a", Any, &[2])]).await.unwrap();
    let events = bench.log.read_stream(&stream("a"), Revision(2), Direction::Forward, 1).unwrap();
    assert_eq!(events[0].view().commit().admitted_at(), before.leader_time);
    assert!(bench.log.head().borrow().window_floor >= before.window_floor);
}

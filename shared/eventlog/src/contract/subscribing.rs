//! Subscriptions: everything once, in order, from wherever the subscriber was.

use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::Position;
use bytes::Bytes;

use super::Harness;
use super::fixture::{Any, Bench, COUNTED, RENAMED, commit, groups, named, number, submit_and_wait, write};
use crate::append::{NewEvent, StreamAppend};
use crate::port::EventLog;
use crate::subscription::{Delivery, Filter, Subscription};

fn subscribe(log: &Arc<dyn EventLog>, after: Position) -> Subscription {
    Subscription::start(Arc::clone(log), after, Filter::default())
}

async fn next(subscription: &mut Subscription) -> Delivery {
    subscription.next().await.unwrap().unwrap()
}

/// The next `count` wanted commits, as positions and the numbers of their events.
async fn take(subscription: &mut Subscription, count: usize) -> Vec<(Position, Vec<u64>)> {
    let mut taken = Vec::new();
    while taken.len() < count {
        let delivery = next(subscription).await;
        taken.extend(delivery.commits().map(|c| (c.position(), c.events().map(|e| number(e.payload())).collect())));
    }
    assert_eq!(taken.len(), count);
    taken
}

/// First what was there, then what comes; nothing while nothing comes.
pub async fn a_subscription_catches_up_and_then_follows<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    for number in 0..30 {
        bench.append(vec![write("a", Any, &[number])]).await.unwrap();
    }
    let mut subscription = subscribe(&bench.log, Position::START);
    let caught_up: Vec<_> = take(&mut subscription, 30).await.into_iter().flat_map(|(_, numbers)| numbers).collect();
    assert_eq!(caught_up, (0..30).collect::<Vec<_>>());
    for number in 30..60 {
        assert!(subscription.try_next().is_none());
        let position = bench.append(vec![write("a", Any, &[number])]).await.unwrap().position;
        assert_eq!(take(&mut subscription, 1).await, [(position, vec![number])]);
    }
    let nothing = tokio::time::timeout(Duration::from_millis(50), subscription.next()).await;
    assert!(nothing.is_err());
}

/// Groups arrive in order and once each, while many write and the subscriber comes late.
pub async fn every_group_is_delivered_once_while_others_write<H: Harness>(harness: H) {
    const WRITERS: u64 = 8;
    const EACH: u64 = 40;
    let bench = Bench::open(harness).await;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let log = Arc::clone(&bench.log);
            tokio::spawn(async move {
                for round in 0..EACH {
                    let mine = write(&writer.to_string(), Any, &[writer * EACH + round]);
                    submit_and_wait(log.as_ref(), commit(log.now(), vec![mine])).await.unwrap();
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(5)).await;
    let mut subscription = subscribe(&bench.log, Position::START);
    let (mut expected, mut seen) = (1, Vec::new());
    while seen.len() < (WRITERS * EACH) as usize {
        let delivery = next(&mut subscription).await;
        assert_eq!(delivery.group.header().number, expected);
        assert!(bench.head() >= expected);
        expected += 1;
        seen.extend(delivery.commits().flat_map(|commit| commit.events()).map(|event| number(event.payload())));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..WRITERS * EACH).collect::<Vec<_>>());
}

/// All properties must fit, type and stream in the same write; groups without a wanted commit still move the position.
pub async fn a_filter_admits_by_tenant_category_and_type<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let typed = |name: &str, event_type| {
        let events = vec![NewEvent { event_type, payload: Bytes::copy_from_slice(&0u64.to_be_bytes()) }];
        StreamAppend { stream: named(name), expected: Any, events }
    };
    let mut positions = Vec::new();
    for writes in [
        vec![typed("koeln/counter/1", COUNTED)],
        vec![typed("koeln/station/1", RENAMED)],
        vec![typed("bonn/counter/1", RENAMED)],
        vec![typed("koeln/counter/1", RENAMED), typed("bonn/counter/1", COUNTED)],
        vec![typed("bonn/station/2", COUNTED), typed("koeln/station/2", COUNTED)],
    ] {
        positions.push(bench.append(writes).await.unwrap().position);
    }
    let filter = |tenant: &str, category: &str, event_type: &str| {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Filter { tenant: given(tenant), category: given(category), event_type: given(event_type) }
    };
    for (filter, wanted) in [
        (filter("", "", ""), vec![0, 1, 2, 3, 4]),
        (filter("koeln", "", ""), vec![0, 1, 3, 4]),
        (filter("", "counter", ""), vec![0, 2, 3]),
        (filter("", "", RENAMED), vec![1, 2, 3]),
        (filter("koeln", "counter", ""), vec![0, 3]),
        (filter("bonn", "counter", COUNTED), vec![3]),
        (filter("koeln", "station", RENAMED), vec![1]),
        (filter("koeln", "counter", COUNTED), vec![0]),
        (filter("aachen", "", ""), vec![]),
    ] {
        let mut subscription = Subscription::start(Arc::clone(&bench.log), Position::START, filter.clone());
        let (mut seen, mut last) = (Vec::new(), 0);
        while last < bench.head() {
            let delivery = next(&mut subscription).await;
            last = delivery.group.header().number;
            seen.extend(delivery.commits().map(|commit| commit.position()));
        }
        assert_eq!(seen, wanted.iter().map(|index| positions[*index]).collect::<Vec<_>>(), "{filter:?}");
    }
}

/// Whatever the groups are cut like: after a position comes exactly what is later.
pub async fn a_subscription_resumes_after_any_position<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let waiting: Vec<_> =
        (0..60).map(|number| bench.log.submit(bench.commit(vec![write("a", Any, &[number])])).unwrap()).collect();
    for submitted in waiting {
        submitted.wait().await.unwrap();
    }
    let all: Vec<Position> =
        groups(bench.log.as_ref()).iter().flat_map(|g| g.commits()).map(|commit| commit.position()).collect();
    for (index, after) in all.iter().enumerate() {
        let mut subscription = subscribe(&bench.log, *after);
        let rest: Vec<_> = take(&mut subscription, all.len() - index - 1).await.into_iter().map(|(p, _)| p).collect();
        assert_eq!(rest, all[index + 1..], "after {after}");
    }
    let mut subscription = subscribe(&bench.log, *all.last().unwrap());
    let position = bench.append(vec![write("a", Any, &[60])]).await.unwrap().position;
    assert_eq!(take(&mut subscription, 1).await, [(position, vec![60])]);
}

/// A subscriber that does not read costs a bounded buffer; it misses nothing when it reads at last.
pub async fn a_slow_subscriber_holds_up_nobody<H: Harness>(harness: H) {
    const COMMITS: u64 = 300;
    let bench = Bench::open(harness).await;
    let mut slow = subscribe(&bench.log, Position::START);
    let mut quick = subscribe(&bench.log, Position::START);
    for number in 0..COMMITS {
        bench.append(vec![write("a", Any, &[number])]).await.unwrap();
        assert_eq!(take(&mut quick, 1).await[0].1, [number]);
    }
    let late: Vec<_> = take(&mut slow, COMMITS as usize).await.into_iter().flat_map(|(_, numbers)| numbers).collect();
    assert_eq!(late, (0..COMMITS).collect::<Vec<_>>());
}

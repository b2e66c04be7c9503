//! An id has one key, and it is kept.

use std::sync::Arc;

use allmende_kernel::TenantId;

use super::Harness;
use super::fixture::{Bench, id, is_same, key, tenant};
use crate::port::Found;

/// A key that was handed out is there after reopening, and is the same.
pub async fn a_key_is_kept_over_reopening<H: Harness>(harness: H) {
    let mut bench = Bench::open(harness).await;
    for number in 0..10 {
        let made = bench.ensure(number).await;
        assert_eq!((made.tenant(), made.id()), (&tenant(), id(number)));
        bench = bench.reopen().await;
        assert!(is_same(&made, &key(bench.find(number))));
        assert!(is_same(&made, &bench.ensure(number).await));
    }
}

/// Asking again gives the same key, other ids have others.
pub async fn an_id_has_one_key<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let first = bench.ensure(1).await;
    assert!(is_same(&first, &bench.ensure(1).await));
    assert!(is_same(&first, &key(bench.find(1))));
    assert!(!is_same(&first, &bench.ensure(2).await));
}

/// Of all who ask for a new id at once, none gets a key of their own.
pub async fn an_id_has_one_key_however_many_ask_at_once<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    for number in 0..20 {
        let asking: Vec<_> = (0..32)
            .map(|_| {
                let keyring = Arc::clone(&bench.keyring);
                tokio::spawn(async move { keyring.ensure(&tenant(), id(number)).await.unwrap() })
            })
            .collect();
        let kept = bench.ensure(number).await;
        for asked in asking {
            assert!(is_same(&kept, &asked.await.unwrap()));
        }
    }
}

/// Thousands of keys, made by many at once, are all there after reopening.
pub async fn many_keys_are_kept<H: Harness>(harness: H) {
    const ASKING: u64 = 16;
    const EACH: u64 = 400;
    let bench = Bench::open(harness).await;
    let asking: Vec<_> = (0..ASKING)
        .map(|asker| {
            let keyring = Arc::clone(&bench.keyring);
            tokio::spawn(async move {
                let mut made = Vec::new();
                for number in asker * EACH..(asker + 1) * EACH {
                    made.push(keyring.ensure(&tenant(), id(number)).await.unwrap());
                }
                made
            })
        })
        .collect();
    let mut made = Vec::new();
    for asked in asking {
        made.extend(asked.await.unwrap());
    }
    let bench = bench.reopen().await;
    for (number, made) in (0..).zip(&made) {
        assert!(is_same(made, &key(bench.find(number))), "{number}");
    }
    assert_eq!(made.len() as u64, ASKING * EACH);
    assert!(matches!(bench.find(ASKING * EACH), Found::Unknown));
}

/// The same id in two tenants is two keys.
pub async fn tenants_share_no_keys<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let here = bench.ensure(1).await;
    let bonn = TenantId::parse("bonn").unwrap();
    assert!(matches!(bench.keyring.find(&bonn, id(1)).unwrap(), Found::Unknown));
    let there = bench.keyring.ensure(&bonn, id(1)).await.unwrap();
    assert!(!is_same(&here, &there));
    bench.erase(1).await;
    assert!(is_same(&there, &key(bench.keyring.find(&bonn, id(1)).unwrap())));
}

/// Looking makes no key.
pub async fn an_id_that_was_never_asked_for_is_unknown<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    assert!(matches!(bench.find(1), Found::Unknown));
    bench.ensure(2).await;
    let bench = bench.reopen().await;
    assert!(matches!(bench.find(1), Found::Unknown));
}

/// Who hangs up leaves no doubt behind: the next one is answered, and the key stays.
pub async fn a_key_is_made_also_if_nobody_waits<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    for number in 0..50 {
        let keyring = Arc::clone(&bench.keyring);
        let asking = tokio::spawn(async move { keyring.ensure(&tenant(), id(number)).await.map(drop) });
        tokio::task::yield_now().await;
        asking.abort();
        let kept = bench.ensure(number).await;
        assert!(is_same(&kept, &bench.ensure(number).await));
    }
}

/// Neither a key's bytes nor anything made of them are printed.
pub async fn a_key_shows_nothing_of_itself<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let made = bench.ensure(1).await;
    let expected = format!("Key({} of koeln)", id(1));
    assert_eq!(format!("{made:?}"), expected);
    assert_eq!(format!("{:?}", bench.find(1)), format!("Key({expected})"));
}

//! An erasure is final.

use std::sync::Arc;

use super::Harness;
use super::fixture::{Bench, CONTEXT, TEXT, id, is_same, key, tenant};
use crate::port::{Found, KeyringError};
use crate::sealing::{Opened, open};

/// Whoever looks is told.
pub async fn an_erased_id_is_found_erased<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.ensure(1).await;
    // Also one that was in use just now.
    assert!(matches!(bench.find(1), Found::Key(_)));
    bench.erase(1).await;
    assert!(matches!(bench.find(1), Found::Erased));
}

/// Nobody makes a new key in place of an erased one.
pub async fn an_erased_id_never_gets_a_key_again<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.ensure(1).await;
    bench.erase(1).await;
    for _ in 0..3 {
        let refused = bench.keyring.ensure(&tenant(), id(1)).await;
        assert_eq!(refused.unwrap_err(), KeyringError::Erased(id(1)));
    }
    assert!(matches!(bench.find(1), Found::Erased));
}

/// Every erasure that was answered holds after reopening.
pub async fn an_erasure_is_kept_over_reopening<H: Harness>(harness: H) {
    let mut bench = Bench::open(harness).await;
    for number in 0..10 {
        bench.ensure(number).await;
        bench.erase(number).await;
        bench = bench.reopen().await;
        for erased in 0..=number {
            assert!(matches!(bench.find(erased), Found::Erased));
            let refused = bench.keyring.ensure(&tenant(), id(erased)).await;
            assert_eq!(refused.unwrap_err(), KeyringError::Erased(id(erased)));
        }
    }
}

/// Also an id that has no key yet will have none.
pub async fn an_id_without_a_key_can_be_erased<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.erase(1).await;
    let bench = bench.reopen().await;
    assert!(matches!(bench.find(1), Found::Erased));
    assert_eq!(bench.keyring.ensure(&tenant(), id(1)).await.unwrap_err(), KeyringError::Erased(id(1)));
}

/// Who is not sure whether they were answered asks again.
pub async fn erasing_again_changes_nothing<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    bench.ensure(1).await;
    for _ in 0..3 {
        bench.erase(1).await;
    }
    let bench = bench.reopen().await;
    bench.erase(1).await;
    assert!(matches!(bench.find(1), Found::Erased));
}

/// All other keys are what they were.
pub async fn erasing_touches_nothing_else<H: Harness>(harness: H) {
    const KEYS: u64 = 300;
    let bench = Bench::open(harness).await;
    let mut made = Vec::new();
    for number in 0..KEYS {
        made.push(bench.ensure(number).await);
    }
    for number in (0..KEYS).step_by(3) {
        bench.erase(number).await;
    }
    let bench = bench.reopen().await;
    for (number, made) in (0..).zip(&made) {
        match bench.find(number) {
            Found::Erased => assert_eq!(number % 3, 0),
            found => assert!(number % 3 != 0 && is_same(made, &key(found))),
        }
    }
}

/// A key that is handed out around an erasure was handed out before it; after it there is none to be had.
pub async fn whoever_asks_meanwhile_gets_a_key_before_or_none_after<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    for number in 0..50 {
        let asking: Vec<_> = (0..8)
            .map(|_| {
                let keyring = Arc::clone(&bench.keyring);
                tokio::spawn(async move {
                    let asked = keyring.ensure(&tenant(), id(number)).await;
                    (asked, keyring.find(&tenant(), id(number)).unwrap())
                })
            })
            .collect();
        tokio::task::yield_now().await;
        bench.erase(number).await;
        assert!(matches!(bench.find(number), Found::Erased));
        for asked in asking {
            let (ensured, found) = asked.await.unwrap();
            match ensured {
                Ok(made) => assert!(matches!(found, Found::Erased) || is_same(&made, &key(found))),
                Err(error) => {
                    assert_eq!(error, KeyringError::Erased(id(number)));
                    assert!(matches!(found, Found::Erased));
                }
            }
        }
        // No reader that was late has put it back.
        assert!(matches!(bench.find(number), Found::Erased));
    }
}

/// A backup of the keys from before an erasure, put back, serves nothing that was erased.
pub async fn an_older_copy_of_the_keys_brings_nothing_back<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let sealed = bench.ensure(1).await.seal(CONTEXT, TEXT).unwrap();
    let kept = bench.ensure(2).await;
    let bench = bench.reopen_after(Harness::copy).await;
    bench.erase(1).await;
    let bench = bench.reopen_after(Harness::put_back).await;
    assert!(matches!(bench.find(1), Found::Erased));
    assert_eq!(bench.keyring.ensure(&tenant(), id(1)).await.unwrap_err(), KeyringError::Erased(id(1)));
    assert_eq!(open(bench.keyring.as_ref(), &tenant(), CONTEXT, &sealed).unwrap(), Opened::Erased);
    assert!(is_same(&kept, &key(bench.find(2))));
    // And not at the next start either.
    let bench = bench.reopen().await;
    assert!(matches!(bench.find(1), Found::Erased));
}

/// A key that was made after the copy is unknown, and told apart from an erased one.
pub async fn an_older_copy_of_the_keys_lacks_only_what_is_newer<H: Harness>(harness: H) {
    let bench = Bench::open(harness).await;
    let old = bench.ensure(1).await;
    let bench = bench.reopen_after(Harness::copy).await;
    bench.ensure(2).await;
    let bench = bench.reopen_after(Harness::put_back).await;
    assert!(is_same(&old, &key(bench.find(1))));
    assert!(matches!(bench.find(2), Found::Unknown));
}

//! Copies are whole, hold no erased key, and bring none back.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::fs;

use allmende_keyring::{FileError, Found, Keyring, Places, backup, copy_master, restore};
use support::{Kept, fill, id, opened, opens, tenant};

#[tokio::test]
async fn a_copy_opens_everything_that_was_sealed() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (places, elsewhere) = (Places::under(data.path()), Places::under(other.path()));
    let (copy, master) = (data.path().join("copy"), data.path().join("master copy"));
    let keyring = opened(&places).unwrap();
    let boxes = fill(&keyring, 0..3000).await;
    keyring.erase(&tenant(), id(5)).await.unwrap();
    // Also while it is open.
    let report = backup(&places, &copy).unwrap();
    assert_eq!((report.keys, report.erased, report.generation), (2999, 1, 1));
    copy_master(&places, &master).unwrap();

    assert!(matches!(restore(&copy, &elsewhere, None), Err(FileError::Missing(path)) if path == elsewhere.master));
    assert_eq!(restore(&copy, &elsewhere, Some(&master)).unwrap(), report);
    let restored = opened(&elsewhere).unwrap();
    for (number, sealed) in (0..).zip(&boxes) {
        assert_eq!(opens(&restored, sealed), number != 5);
    }
    assert!(matches!(restored.find(&tenant(), id(5)).unwrap(), Found::Erased));
    assert!(matches!(restore(&copy, &places, None), Err(FileError::InUse(_))));
    drop(keyring);
    assert!(matches!(restore(&copy, &places, None), Err(FileError::Occupied(_))));
}

#[tokio::test]
async fn a_copy_put_back_does_not_bring_back_the_erased() {
    let data = tempfile::tempdir().unwrap();
    let places = Places::under(data.path());
    let copy = data.path().join("copy");
    let keyring = opened(&places).unwrap();
    let boxes = fill(&keyring, 0..10).await;
    backup(&places, &copy).unwrap();
    for number in 0..3 {
        keyring.erase(&tenant(), id(number)).await.unwrap();
    }
    drop(keyring);
    fs::remove_file(places.keys.join("keys.00")).unwrap();
    assert_eq!(restore(&copy, &places, None).unwrap().erased, 0);
    let keyring = opened(&places).unwrap();
    assert_eq!(keyring.erased_again(), 3);
    for (number, sealed) in (0..).zip(&boxes) {
        assert_eq!(opens(&keyring, sealed), number >= 3);
    }
    drop(keyring);
    assert_eq!(opened(&places).unwrap().erased_again(), 0);
}

#[tokio::test]
async fn a_copy_from_before_a_rotation_opens_no_more() {
    let data = tempfile::tempdir().unwrap();
    let places = Places::under(data.path());
    let (old, new) = (data.path().join("old"), data.path().join("new"));
    let keyring = opened(&places).unwrap();
    let boxes = fill(&keyring, 0..10).await;
    backup(&places, &old).unwrap();
    keyring.rotate().await.unwrap();
    backup(&places, &new).unwrap();
    drop(keyring);
    fs::remove_file(places.keys.join("keys.00")).unwrap();
    assert!(matches!(restore(&old, &places, None), Err(FileError::OtherMaster(1))));
    assert_eq!(restore(&new, &places, None).unwrap().generation, 2);
    let keyring = opened(&places).unwrap();
    assert!(boxes.iter().all(|sealed| opens(&keyring, sealed)));
}

#[tokio::test]
async fn a_damaged_copy_is_not_put_back() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (places, elsewhere) = (Places::under(data.path()), Places::under(other.path()));
    let (copy, master) = (data.path().join("copy"), data.path().join("master copy"));
    let keyring = opened(&places).unwrap();
    fill(&keyring, 0..2).await;
    backup(&places, &copy).unwrap();
    copy_master(&places, &master).unwrap();
    let keys = Kept::of(&copy.join("keys"));
    for at in 0..keys.bytes().len() {
        let mut changed = keys.bytes().to_vec();
        changed[at] ^= 1;
        for bytes in [&changed[..], &keys.bytes()[..at]] {
            keys.write(bytes);
            let refused = restore(&copy, &elsewhere, Some(&master)).unwrap_err();
            assert!(matches!(refused, FileError::Damaged(_)), "{at}: {refused:?}");
        }
    }
    keys.put_back();
    restore(&copy, &elsewhere, Some(&master)).unwrap();
}

#[tokio::test]
async fn a_copy_made_while_keys_come_has_those_that_were_there() {
    let data = tempfile::tempdir().unwrap();
    let places = Places::under(data.path());
    let keyring = std::sync::Arc::new(opened(&places).unwrap());
    fill(keyring.as_ref(), 0..100).await;
    let writing = std::sync::Arc::clone(&keyring);
    let writer = tokio::spawn(async move { fill(writing.as_ref(), 100..4000).await });
    for number in 0..20 {
        let (from, to) = (places.clone(), data.path().join("copy"));
        let report = tokio::task::spawn_blocking(move || backup(&from, &to).unwrap()).await.unwrap();
        assert!(report.keys >= 100, "{number}: {report:?}");
    }
    writer.abort();
}

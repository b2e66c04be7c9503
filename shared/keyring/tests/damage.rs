//! Whatever happens to a file: a named error or an older state, never a wrong key and never an erased one.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod support;

use std::fs;

use allmende_kernel::Sealed;
use allmende_keyring::{BoxError, FileError, Found, Keyring, KeyringError, Opened, Places, open, repair, verify};
use support::{CONTEXT, fill, id, keep_all, opened, opens, tenant};

/// Three keys, the first two erased.
async fn three(places: &Places) -> Vec<Sealed> {
    let keyring = opened(places).unwrap();
    let boxes = fill(&keyring, 0..3).await;
    keyring.erase(&tenant(), id(0)).await.unwrap();
    keyring.erase(&tenant(), id(1)).await.unwrap();
    boxes
}

/// What was seen of damaged keyrings.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    refused: usize,
    named: usize,
    whole: usize,
}

impl Seen {
    /// Opens a keyring that may be damaged and asks it for everything.
    async fn look(&mut self, places: &Places, boxes: &[Sealed], what: &str) {
        let keyring = match opened(places) {
            Ok(keyring) => keyring,
            Err(FileError::Damaged(_) | FileError::Missing(_) | FileError::Foreign(_)) => {
                self.refused += 1;
                return;
            }
            Err(error) => panic!("{what}: {error:?}"),
        };
        let mut whole = true;
        for (number, sealed) in (0..).zip(boxes) {
            match (open(&keyring, &tenant(), CONTEXT, sealed), number < 2) {
                (Ok(Opened::Erased), true) | (Ok(Opened::Content(_)), false) => {}
                (Err(BoxError::Keyring(KeyringError::Damaged { .. } | KeyringError::OtherMaster(_))), _) => {
                    whole = false;
                }
                (other, _) => panic!("{what}: {other:?} of key {number}"),
            }
            match keyring.ensure(&tenant(), id(number)).await {
                Ok(key) => {
                    assert!(number == 2, "{what}: key {number} is back");
                    assert!(opens(&keyring, sealed), "{what}");
                    assert!(opens(&keyring, &key.seal(CONTEXT, support::TEXT).unwrap()), "{what}");
                }
                Err(KeyringError::Erased(_)) => assert!(number < 2, "{what}: key {number} is erased"),
                Err(KeyringError::Damaged { .. } | KeyringError::OtherMaster(_)) => whole = false,
                Err(error) => panic!("{what}: {error:?}"),
            }
        }
        if whole {
            self.whole += 1;
        } else {
            self.named += 1;
        }
    }
}

/// Whether something is in the slot of this byte.
fn used(keys: &[u8], at: usize) -> bool {
    at >= 4096 && keys[at / 128 * 128..][..128].iter().any(|byte| *byte != 0)
}

#[tokio::test]
async fn a_changed_byte_is_named_and_never_makes_another_key() {
    let data = tempfile::tempdir().unwrap();
    let places = Places::under(data.path());
    let boxes = three(&places).await;
    let files = keep_all(&places);
    for (file, every) in files.iter().zip(["keys", "master", "erased"]) {
        let mut seen = Seen::default();
        let mut bytes = file.bytes().to_vec();
        // Of the keys' pages those slots that are in use, and the ends of the header.
        let is_tried = |at: &usize| every != "keys" || *at < 64 || (4092..4096).contains(at) || used(file.bytes(), *at);
        for at in (0..bytes.len()).filter(is_tried) {
            bytes[at] ^= 0x20;
            file.write(&bytes);
            bytes[at] ^= 0x20;
            seen.look(&places, &boxes, &format!("{every} at {at}")).await;
            files.iter().for_each(|file| file.put_back());
        }
        assert!(seen.refused > 0 && (every != "keys" || seen.named > 0), "{every}: {seen:?}");
    }
}

#[tokio::test]
async fn a_shortened_file_is_named_or_older() {
    let data = tempfile::tempdir().unwrap();
    let places = Places::under(data.path());
    let boxes = three(&places).await;
    let files = keep_all(&places);
    for (file, every) in files.iter().zip(["keys", "master", "erased"]) {
        let mut seen = Seen::default();
        let len = file.bytes().len();
        for at in (0..len).filter(|at| every != "keys" || *at < 200 || *at % 4099 == 0 || *at > len - 200) {
            file.write(&file.bytes()[..at]);
            seen.look(&places, &boxes, &format!("{every} cut at {at}")).await;
            files.iter().for_each(|file| file.put_back());
        }
        // An unfinished record at the end of the list was never answered; all else is missed.
        let older = if every == "erased" { 128 } else { 0 };
        assert_eq!((seen.whole, seen.named), (older, 0), "{every}: {seen:?}");
    }
}

#[tokio::test]
async fn a_missing_part_is_missed() {
    for missing in 0..3 {
        let data = tempfile::tempdir().unwrap();
        let places = Places::under(data.path());
        three(&places).await;
        let first = places.keys.join("keys.00");
        let path = [&first, &places.master, &places.erased][missing];
        fs::remove_file(path).unwrap();
        let refused = opened(&places).map(drop).unwrap_err();
        assert!(matches!(&refused, FileError::Missing(named) if named == path), "{refused:?}");
        assert!(!path.exists());
    }
}

#[tokio::test]
async fn parts_of_two_keyrings_do_not_mix() {
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (places, others) = (Places::under(data.path()), Places::under(other.path()));
    three(&places).await;
    three(&others).await;
    for part in [&others.master, &others.erased] {
        let mixed = if *part == others.master {
            Places { master: part.clone(), ..places.clone() }
        } else {
            Places { erased: part.clone(), ..places.clone() }
        };
        let refused = opened(&mixed).map(drop).unwrap_err();
        assert!(matches!(&refused, FileError::Foreign(named) if named == part), "{refused:?}");
    }
}

/// A crash while a keyring is made leaves one that is made at the next start.
#[tokio::test]
async fn an_unfinished_keyring_is_finished() {
    let data = tempfile::tempdir().unwrap();
    let places = Places::under(data.path());
    drop(opened(&places).unwrap());
    let first = places.keys.join("keys.00");
    let [keys, master, _] = keep_all(&places);
    for (keeps_keys, left) in [(true, "master.new"), (false, "keys.new")] {
        fs::remove_file(&places.master).unwrap();
        if !keeps_keys {
            fs::remove_file(&first).unwrap();
        }
        fs::write(places.keys.join(left), b"half").unwrap();
        let keyring = opened(&places).unwrap();
        let boxes = fill(&keyring, 0..1).await;
        assert!(opens(&keyring, &boxes[0]));
        drop(keyring);
        keys.put_back();
        master.put_back();
    }
}

/// Ids that may have been in a damaged slot are not answered, until it is given up.
#[tokio::test]
async fn a_damaged_slot_is_given_up_by_a_repair_only() {
    let data = tempfile::tempdir().unwrap();
    let places = Places::under(data.path());
    let keyring = opened(&places).unwrap();
    let boxes = fill(&keyring, 0..1000).await;
    drop(keyring);
    let [keys, ..] = keep_all(&places);
    let mut bytes = keys.bytes().to_vec();
    let at = (4096..).step_by(4096).find(|at| bytes[*at] != 0).unwrap();
    bytes[at + 100] ^= 1;
    keys.write(&bytes);
    let keyring = opened(&places).unwrap();
    let named = |number| match keyring.find(&tenant(), id(number)) {
        Ok(Found::Key(_)) => false,
        Err(KeyringError::Damaged { place }) => place.starts_with("keys.00, page "),
        other => panic!("{other:?}"),
    };
    let lost: Vec<_> = (0..1000).filter(|number| named(*number)).collect();
    assert_eq!(lost.len(), 1);
    // Also beside whoever has it open.
    let found = verify(&places).unwrap();
    assert_eq!((found.keys, found.damaged, found.is_intact()), (999, 1, false));
    assert!(found.places[0].starts_with("keys.00, page "), "{:?}", found.places);
    drop(keyring);

    assert_eq!(repair(&places).unwrap().wiped, 1);
    let found = verify(&places).unwrap();
    assert_eq!((found.keys, found.damaged, found.is_intact()), (999, 0, true));
    let keyring = opened(&places).unwrap();
    assert!(matches!(keyring.find(&tenant(), id(lost[0])), Ok(Found::Unknown)));
    // A new key, which does not open the old box.
    keyring.ensure(&tenant(), id(lost[0])).await.unwrap();
    let old = open(&keyring, &tenant(), CONTEXT, &boxes[lost[0] as usize]);
    assert_eq!(old, Err(BoxError::Damaged));
    assert_eq!(boxes.iter().filter(|sealed| opens(&keyring, sealed)).count(), 999);
}

/// What is there is counted, and what an older copy brought back is told.
#[tokio::test]
async fn a_check_counts_and_changes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let places = Places::under(data.path());
    let keyring = opened(&places).unwrap();
    fill(&keyring, 0..10).await;
    drop(keyring);
    let older = keep_all(&places);
    let keyring = opened(&places).unwrap();
    keyring.erase(&tenant(), id(3)).await.unwrap();
    keyring.rotate().await.unwrap();
    let found = verify(&places).unwrap();
    assert_eq!((found.keys, found.erased, found.to_erase, found.generation), (9, 1, 0, 2));
    drop(keyring);
    let [keys, master, _] = older;
    keys.put_back();
    let found = verify(&places).unwrap();
    assert_eq!((found.keys, found.other_master, found.to_erase, found.is_intact()), (0, 10, 1, false));
    master.put_back();
    let found = verify(&places).unwrap();
    assert_eq!((found.keys, found.other_master, found.to_erase, found.is_intact()), (10, 0, 1, true));
    drop(opened(&places).unwrap());
    assert_eq!(verify(&places).unwrap().keys, 9);
}

#[tokio::test]
async fn a_keyring_is_open_once() {
    let data = tempfile::tempdir().unwrap();
    let places = Places::under(data.path());
    let keyring = opened(&places).unwrap();
    assert!(matches!(opened(&places), Err(FileError::InUse(_))));
    assert!(matches!(repair(&places), Err(FileError::InUse(_))));
    drop(keyring);
    opened(&places).unwrap();
}

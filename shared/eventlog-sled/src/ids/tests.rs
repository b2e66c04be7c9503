use allmende_kernel::Position;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};

use super::*;

fn entry(number: u64, group: u64) -> Entry {
    let mut id = [7; 16];
    id[8..].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    Entry { id, known: Known { position: Position::new(group, number as u32), digest: [number as u8; 16] } }
}

fn entries(numbers: std::ops::Range<u64>) -> Vec<Entry> {
    numbers.map(|number| entry(number, number / 10)).collect()
}

fn opened(folder: &Path, listed: &[Listed]) -> (Ids, Vec<Listed>) {
    Ids::open(folder.join("ids"), 42, listed).unwrap()
}

fn add(ids: &Ids, entries: Vec<Entry>) {
    let file = ids.write(entries, 1..=9).unwrap().unwrap();
    let files = ids.files().iter().cloned().chain([Arc::new(file)]).collect();
    ids.replace(files).unwrap();
}

fn merge_all(ids: &Ids, floor: &Id) {
    while let Some(due) = due(&ids.files()) {
        let merged = ids.merge(&due, floor).ok().unwrap();
        let others = ids
            .files()
            .iter()
            .filter(|file| !due.iter().any(|due| Arc::ptr_eq(due, file)))
            .cloned()
            .collect::<Vec<_>>();
        ids.replace(others.into_iter().chain(merged.map(Arc::new)).collect()).unwrap();
    }
}

fn find(ids: &Ids, id: &Id) -> Option<Known> {
    ids.find(id).ok().unwrap()
}

fn listed(ids: &Ids) -> Vec<Listed> {
    ids.files().iter().map(|file| file.listed).collect()
}

/// From one entry to several pages of ids.
#[test]
fn what_was_written_is_found_and_nothing_else() {
    for count in [1, 2, 92, 93, 94, 93 * 255, 93 * 255 + 1, 60_000] {
        let place = tempfile::tempdir().unwrap();
        let (ids, _) = opened(place.path(), &[]);
        let mut written = entries(0..count);
        written.shuffle(&mut StdRng::seed_from_u64(count));
        add(&ids, written);
        let (again, lost) = opened(place.path(), &listed(&ids));
        assert!(lost.is_empty());
        for ids in [&ids, &again] {
            for entry in entries(0..count) {
                assert_eq!(find(ids, &entry.id), Some(entry.known), "of {count}");
            }
            for entry in entries(count..count + 2_000) {
                assert_eq!(find(ids, &entry.id), None, "of {count}");
            }
            assert_eq!((find(ids, &[0; 16]), find(ids, &[0xff; 16])), (None, None));
        }
    }
}

#[test]
fn files_are_merged_without_what_has_expired_and_stay_few() {
    let place = tempfile::tempdir().unwrap();
    let (ids, _) = opened(place.path(), &[]);
    let mut random = StdRng::seed_from_u64(1);
    let (mut number, mut runs) = (0, 0);
    while number < 300_000 {
        let next = number + random.random_range(1..3_000);
        add(&ids, entries(number..next));
        merge_all(&ids, &[0; 16]);
        (number, runs) = (next, runs + 1);
        assert!(ids.files().len() <= 7 * 3 + 1 + runs / 80, "{} files of {runs}", ids.files().len());
    }
    for entry in entries(0..number) {
        assert_eq!(find(&ids, &entry.id), Some(entry.known));
    }
    let on_disk = fs::read_dir(place.path().join("ids")).unwrap().count();
    assert_eq!(on_disk, ids.files().len());

    let floor = entry(number / 2, 0).id;
    for _ in 0..8 {
        add(&ids, entries(number..number + 10));
        number += 10;
    }
    let due = due(&ids.files()).unwrap();
    let merged = ids.merge(&due, &floor).ok().unwrap().unwrap();
    let kept = entries(number - 80..number).iter().filter(|entry| entry.id >= floor).count();
    assert!(merged.listed.entries as usize >= kept && !merged.is_below(&floor));
    let all_expired = ids.merge(&due, &[0xff; 16]).ok().unwrap();
    assert!(all_expired.is_none());
}

/// What is repeated is there once, as it was at first.
#[test]
fn the_first_commit_of_an_id_wins() {
    let place = tempfile::tempdir().unwrap();
    let (ids, _) = opened(place.path(), &[]);
    for group in [5, 3, 4] {
        add(&ids, vec![entry(1, group), entry(1, group + 10)]);
    }
    let merged = ids.merge(&ids.files(), &[0; 16]).ok().unwrap().unwrap();
    assert_eq!(merged.listed.entries, 1);
    ids.replace([Arc::new(merged)].into()).unwrap();
    assert_eq!(find(&ids, &entry(1, 0).id), Some(entry(1, 3).known));
}

/// Whichever byte is wrong: it is noticed when the file is opened or when what it belongs to is read, and no other id is
/// found, or not found, for it.
#[test]
fn every_wrong_byte_is_noticed() {
    let place = tempfile::tempdir().unwrap();
    let (ids, _) = opened(place.path(), &[]);
    let all = entries(0..150);
    add(&ids, all.clone());
    let listed = listed(&ids);
    let path = path_of(&place.path().join("ids"), listed[0].number);
    let whole = fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(7).chain(whole.len() - 200..whole.len()) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        fs::write(&path, bytes).unwrap();
        let (ids, lost) = opened(place.path(), &listed);
        if !lost.is_empty() {
            continue;
        }
        let mut noticed = 0;
        for entry in &all {
            match ids.find(&entry.id) {
                Ok(known) => assert_eq!(known, Some(entry.known), "byte {at}"),
                Err(_) => noticed += 1,
            }
        }
        let is_line_without_ids = at as u64 >= listed[0].lines_at();
        assert!(noticed > 0 || is_line_without_ids, "byte {at}");
    }
    for len in [0, 1, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..len]).unwrap();
        assert_eq!(opened(place.path(), &listed).1, listed);
    }
}

/// A file of another index, or of another time, is not believed, and what nobody knows of is removed.
#[test]
fn only_what_is_listed_counts() {
    let place = tempfile::tempdir().unwrap();
    let (ids, _) = opened(place.path(), &[]);
    add(&ids, entries(0..100));
    add(&ids, entries(100..200));
    let both = listed(&ids);
    let folder = place.path().join("ids");
    fs::create_dir(folder.join("stray")).unwrap();
    fs::write(folder.join("7.ids"), "stray").unwrap();
    let (ids, lost) = opened(place.path(), &both[1..]);
    assert!(lost.is_empty());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    assert_eq!(find(&ids, &entry(5, 0).id), None);

    let (_, lost) = Ids::open(folder.clone(), 43, &both[1..]).unwrap();
    assert_eq!(lost, both[1..]);
    // The same number and size, other entries.
    fs::remove_dir_all(&folder).unwrap();
    let (ids, _) = opened(place.path(), &[]);
    add(&ids, entries(300..400));
    add(&ids, entries(400..500));
    assert_eq!(opened(place.path(), &both).1, both);
}

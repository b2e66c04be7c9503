//! What is removed is gone.

use super::{Harness, content, is_absent, keep, read, shelf};
use crate::port::Form;

/// Not now, not after reopening, and removing again changes nothing.
pub fn what_is_removed_is_not_found<H: Harness>(mut harness: H, form: Form) {
    let files = harness.open(shelf(form));
    let kept = keep(&files, &content(1, 200_000));
    read(&files, &kept.name);
    for _ in 0..2 {
        files.remove(&kept.name).unwrap();
        assert!(is_absent(&files, &kept.name));
    }
    drop(files);
    let files = harness.open(shelf(form));
    assert!(is_absent(&files, &kept.name));
    assert!(!files.settled().unwrap().contains(&kept.name));
}

/// As if it had never been there.
pub fn what_is_removed_can_be_kept_again<H: Harness>(mut harness: H, form: Form) {
    let files = harness.open(shelf(form));
    let content = content(2, 200_000);
    for _ in 0..3 {
        let kept = keep(&files, &content);
        assert!(read(&files, &kept.name) == content);
        files.remove(&kept.name).unwrap();
        assert!(is_absent(&files, &kept.name));
    }
}

/// All other files are what they were, and the room is free again.
pub fn removing_touches_nothing_else<H: Harness>(mut harness: H, form: Form) {
    let files = harness.open(shelf(form));
    let contents: Vec<_> = (0..10).map(|seed| content(seed, 60_000)).collect();
    let names: Vec<_> = contents.iter().map(|content| keep(&files, content).name).collect();
    let used = files.used().unwrap();
    for name in names.iter().step_by(2) {
        files.remove(name).unwrap();
    }
    for (at, (name, content)) in names.iter().zip(&contents).enumerate() {
        match at % 2 {
            0 => assert!(is_absent(&files, name)),
            _ => assert!(read(&files, name) == *content),
        }
    }
    assert!(files.used().unwrap() < used * 3 / 4);
}

//! What is kept is there, and nothing else.

use std::io::{self, Write as _};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::{Harness, LARGEST, content, is_absent, keep, read, shelf};
use crate::name::Name;
use crate::port::Form;

/// Nothing, a little, and as much as a file may have.
const LENGTHS: [usize; 5] = [0, 1, 4_096, (1 << 20) + 1, LARGEST as usize];

/// Whatever its length.
pub fn what_is_kept_is_read_as_it_was<H: Harness>(mut harness: H, form: Form) {
    let files = harness.open(shelf(form));
    for length in LENGTHS {
        let content = content(1, length);
        let kept = keep(&files, &content);
        assert!(files.contains(&kept.name).unwrap());
        assert!(read(&files, &kept.name) == content, "{length}");
        assert!(read(&files, &kept.name) == content, "again");
    }
}

/// It is there for whoever opens the shelf next, and is counted.
pub fn a_file_is_kept_over_reopening<H: Harness>(mut harness: H, form: Form) {
    let mut files = harness.open(shelf(form));
    let mut all = Vec::new();
    for (seed, length) in (0..).zip(LENGTHS) {
        let content = content(seed, length);
        all.push((keep(&files, &content).name, content));
        drop(files);
        files = harness.open(shelf(form));
        for (name, content) in &all {
            assert!(read(&files, name) == *content, "{length}");
        }
    }
    assert!(files.used().unwrap() > 0);
}

/// Neither what was begun and given up, nor what nobody ever began.
pub fn what_is_not_kept_is_never_found<H: Harness>(mut harness: H, form: Form) {
    let files = harness.open(shelf(form));
    let content = content(2, 200_000);
    let name = Name(Sha256::digest(&content).into());
    assert!(is_absent(&files, &name));
    let mut file = Arc::clone(&files).begin().unwrap();
    file.write_all(&content).unwrap();
    assert!(is_absent(&files, &name));
    drop(file);
    assert!(is_absent(&files, &name));
    drop(files);
    assert!(is_absent(&harness.open(shelf(form)), &name));
}

/// However often it is kept, and it takes its room once.
pub fn the_same_content_is_one_file<H: Harness>(mut harness: H, form: Form) {
    let files = harness.open(shelf(form));
    let content = content(3, 300_000);
    let kept = keep(&files, &content);
    let used = files.used().unwrap();
    for _ in 0..3 {
        assert_eq!(keep(&files, &content), kept);
        assert!(read(&files, &kept.name) == content);
    }
    // A store may throw the first one's pieces away later than it counts those of the next.
    let more = files.used().unwrap().saturating_sub(used);
    assert!(more < used / 2, "{more} more than {used}");
    files.remove(&kept.name).unwrap();
    assert!(is_absent(&files, &kept.name));
}

/// One byte more than a file may have.
pub fn what_is_too_large_is_refused<H: Harness>(mut harness: H, form: Form) {
    let files = harness.open(shelf(form));
    let content = content(4, LARGEST as usize);
    let mut file = Arc::clone(&files).begin().unwrap();
    file.write_all(&content).unwrap();
    assert_eq!(file.write_all(&[0]).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    drop(file);
    keep(&files, &content);
}

/// Each gets its own.
pub fn many_keep_at_once<H: Harness>(mut harness: H, form: Form) {
    let files = harness.open(shelf(form));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let files = &files;
            scope.spawn(move || {
                for number in 0..5 {
                    let content = content(100 + thread * 10 + number, 50_000);
                    let kept = keep(files, &content);
                    assert!(read(files, &kept.name) == content);
                }
            });
        }
    });
}

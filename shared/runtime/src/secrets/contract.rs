//! The promises of the port of secrets, for every adapter to be tested with.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, and a public suite cannot be cfg(test)")]

use std::sync::Arc;

use super::{Secrets, get_or_create};

/// Opens the secrets of one place, empty the first time, each time as another process would: what is opened first may still
/// be in use.
pub type Open<'a> = &'a dyn Fn() -> Arc<dyn Secrets>;

/// A promise, each to be shown in a place of its own.
pub type Promise = fn(Open<'_>);

/// All of them.
pub const ALL: [Promise; 5] = [
    a_secret_is_made_once,
    a_secret_is_there_for_everybody,
    a_folder_holds_its_own_names,
    what_is_removed_is_gone,
    whoever_waits_hears_of_a_change,
];

/// Whoever comes second gets what is there.
pub fn a_secret_is_made_once(open: Open<'_>) {
    let secrets = open();
    assert_eq!(secrets.get("a.token").unwrap(), None);
    assert_eq!(secrets.create("a.token", b"first".to_vec()).unwrap(), b"first");
    assert_eq!(secrets.create("a.token", b"second".to_vec()).unwrap(), b"first");
    assert_eq!(get_or_create(secrets.as_ref(), "a.token", || panic!("there is one")).unwrap(), b"first");
    assert_eq!(secrets.get("a.token").unwrap().unwrap(), b"first");
}

/// Also for whoever opens them later, whatever bytes it has.
pub fn a_secret_is_there_for_everybody(open: Open<'_>) {
    let secret: Vec<u8> = (0..=255).collect();
    open().create("keys/a.key", secret.clone()).unwrap();
    for _ in 0..3 {
        assert_eq!(open().get("keys/a.key").unwrap().unwrap(), secret);
    }
    assert_eq!(open().get("keys/b.key").unwrap(), None);
}

/// And nobody else's.
pub fn a_folder_holds_its_own_names(open: Open<'_>) {
    let secrets = open();
    assert!(secrets.names("keys").unwrap().is_empty());
    for name in ["keys/a.key", "keys/b.key", "others/c.key", "keys.token"] {
        secrets.create(name, b"seed".to_vec()).unwrap();
    }
    let mut names = open().names("keys").unwrap();
    names.sort_unstable();
    assert_eq!(names, ["a.key", "b.key"]);
}

/// For everybody, and can be made anew.
pub fn what_is_removed_is_gone(open: Open<'_>) {
    let secrets = open();
    secrets.create("keys/a.key", b"first".to_vec()).unwrap();
    for _ in 0..2 {
        secrets.remove("keys/a.key").unwrap();
        assert_eq!(open().get("keys/a.key").unwrap(), None);
        assert!(open().names("keys").unwrap().is_empty());
    }
    assert_eq!(secrets.create("keys/a.key", b"second".to_vec()).unwrap(), b"second");
}

/// Soon after it was made.
pub fn whoever_waits_hears_of_a_change(open: Open<'_>) {
    let secrets = open();
    let mut changes = secrets.changes();
    for change in 0..3 {
        changes.borrow_and_update();
        match change {
            1 => secrets.remove("a.token").unwrap(),
            _ => drop(secrets.create("a.token", b"first".to_vec()).unwrap()),
        }
        let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !changes.has_changed().unwrap() {
            assert!(std::time::Instant::now() < until, "change {change} was not heard");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }
}

use std::fmt::{Debug, Write as _};
use std::fs;
use std::path::{Path, PathBuf};

use allmende_eventlog::Aggregate;
use allmende_kernel::Decider;

/// Stored events are for ever: a crate's files in `tests/golden` were written once, and every later version reads the
/// same from them, and writes the same.
///
/// `UPDATE_GOLDEN=1` writes the bytes of events that have no file yet, and the descriptions of all of them; bytes that
/// are there are never replaced.
///
/// ```ignore
/// const GOLDEN: Golden = Golden::of(env!("CARGO_MANIFEST_DIR"));
/// GOLDEN.check::<wire::Station>("station_retired", &Event::Retired { .. });
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Golden {
    crate_folder: &'static str,
}

type EventOf<A> = <<A as Aggregate>::Model as Decider>::Event;

impl Golden {
    /// The files of the crate in this folder.
    pub const fn of(crate_folder: &'static str) -> Self {
        Self { crate_folder }
    }

    /// An event is read as ever, and written as ever.
    pub fn check<A: Aggregate>(&self, name: &str, event: &EventOf<A>)
    where
        EventOf<A>: PartialEq + Debug,
    {
        let (written, kept) = self.read_as_ever::<A>(name, event);
        assert_eq!(hex(&written), hex(&kept), "{name}");
    }

    /// An event is read as ever, though it may be written in another form by now: by a compressor, say.
    pub fn check_read<A: Aggregate>(&self, name: &str, event: &EventOf<A>)
    where
        EventOf<A>: PartialEq + Debug,
    {
        self.read_as_ever::<A>(name, event);
    }

    /// What is written now, and what is kept.
    fn read_as_ever<A: Aggregate>(&self, name: &str, event: &EventOf<A>) -> (Vec<u8>, Vec<u8>)
    where
        EventOf<A>: PartialEq + Debug,
    {
        let stored = A::encode(event);
        let kept = self.kept(&format!("{name}.bin"), &stored.payload);
        let description = format!("{}\n{event:#?}\n{}\n", stored.event_type, hex(&kept));
        assert_eq!(self.described(&format!("{name}.txt"), &description), description, "{name}");
        for bytes in [&kept[..], &stored.payload[..]] {
            assert_eq!(A::decode(stored.event_type, bytes).as_ref(), Ok(event), "{name}");
        }
        for unreadable in [Some(&b"\xff"[..]), kept.split_last().map(|(_, cut_off)| cut_off)].into_iter().flatten() {
            assert!(A::decode(stored.event_type, unreadable).is_err(), "{name} is read from {}", hex(unreadable));
        }
        (stored.payload.to_vec(), kept)
    }

    fn kept(&self, name: &str, new: &[u8]) -> Vec<u8> {
        let path = self.path(name);
        if updates() && !path.exists() {
            write(&path, new);
        }
        read(&path)
    }

    fn described(&self, name: &str, description: &str) -> String {
        let path = self.path(name);
        if updates() {
            write(&path, description.as_bytes());
        }
        String::from_utf8(read(&path)).expect("descriptions are text")
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(self.crate_folder).join("tests/golden").join(name)
    }
}

fn updates() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

fn write(path: &Path, bytes: &[u8]) {
    let folder = path.parent().expect("golden files lie in a folder");
    fs::create_dir_all(folder).and_then(|()| fs::write(path, bytes)).expect("golden files can be written");
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}; UPDATE_GOLDEN=1 writes new ones", path.display()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // A String takes everything.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

//! Commits to a group's stored form, without a log.

use allmende_eventlog::{
    Admission, Head, Known, Lookup, NewCommit, OriginKey, ReadError, Sealer, Window, genesis_hash,
};
use allmende_kernel::{PartitionName, Revision, StreamName, Timestamp};

/// 2026-01-01T00:00:00Z
pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

/// Nothing is durable yet.
struct Empty;

impl Lookup for Empty {
    fn revision(&self, _stream: &StreamName) -> Result<Revision, ReadError> {
        Ok(Revision::NONE)
    }

    fn known(&self, _origin: &OriginKey) -> Result<Option<Known>, ReadError> {
        Ok(None)
    }
}

pub(crate) fn partition() -> PartitionName {
    PartitionName::parse("contract-0").unwrap()
}

/// The first group of [`partition`], holding `commits`.
pub(crate) fn seal(commits: Vec<NewCommit>) -> (Vec<u8>, Head) {
    let head = Head {
        group: 0,
        epoch: 1,
        hash: genesis_hash(&partition()),
        leader_time: Timestamp::default(),
        window_floor: Timestamp::default(),
    };
    let mut admission = Admission::new(head, Window::default(), u32::MAX);
    for commit in commits {
        admission.submit(commit, &Empty).unwrap();
    }
    let mut stored = Vec::new();
    let head = Sealer::new(head, Window::default()).seal(&admission.take().unwrap(), &mut stored);
    assert!(admission.take().is_none(), "more than a group");
    (stored, head)
}

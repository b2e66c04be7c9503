//! How far the index is, and which files of request ids belong to it: one value, so that both are true together.

use allmende_eventlog::{Hash, Head};
use allmende_kernel::Timestamp;

use crate::ids::Listed;

pub(super) fn encode(head: &Head, files: impl Iterator<Item = Listed>) -> Vec<u8> {
    let mut value = Vec::with_capacity(HEAD + 16 * Listed::LEN);
    value.extend_from_slice(&head.group.to_le_bytes());
    value.extend_from_slice(&head.epoch.to_le_bytes());
    value.extend_from_slice(&head.leader_time.as_micros().to_le_bytes());
    value.extend_from_slice(&head.window_floor.as_micros().to_le_bytes());
    value.extend_from_slice(&head.hash.0);
    // Before there were files of ids, a checkpoint was a head alone; such an index is built anew.
    value.push(VERSION);
    files.for_each(|listed| listed.encode(&mut value));
    value
}

const HEAD: usize = 64;
const VERSION: u8 = 1;

/// `None` for bytes that are no checkpoint.
pub(super) fn decode(value: &[u8]) -> Option<(Head, Vec<Listed>)> {
    let (head, rest) = value.split_first_chunk::<HEAD>()?;
    let (version, files) = rest.split_first()?;
    let (files, []) = files.as_chunks() else { return None };
    let number = |at: usize| head[at..].first_chunk().map(|bytes| i64::from_le_bytes(*bytes));
    let head = Head {
        group: number(0)? as u64,
        epoch: number(8)? as u64,
        leader_time: Timestamp::from_micros(number(16)?),
        window_floor: Timestamp::from_micros(number(24)?),
        hash: Hash(*head[32..].first_chunk()?),
    };
    (*version == VERSION).then(|| (head, files.iter().map(Listed::decode).collect()))
}

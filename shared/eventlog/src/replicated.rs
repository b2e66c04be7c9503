//! Forms that only a replicated log has: barriers, records of what is void, and groups whose body travels apart.

use std::sync::Arc;

use allmende_kernel::Timestamp;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::admission::Window;
use crate::group::{self, GroupHeader, Hash, RecordedGroup, TermId};
use crate::reading::Head;
use crate::replica::Arrived;
use crate::wire;

/// The empty group that begins a term behind `head`, and the head that it makes.
pub fn barrier(head: &Head, term: TermId, now: Timestamp, window: Window) -> (Vec<u8>, Head) {
    let leader_time = head.leader_time.max(now);
    let mut header = GroupHeader {
        number: head.group + 1,
        epoch: head.epoch + 1,
        leader_time,
        window_floor: head.window_floor.max(leader_time - window.remembered),
        previous_hash: head.hash,
        hash: Hash::default(),
        commit_count: 0,
        term: Some(term),
        is_void: false,
    };
    header.hash = header.chain_hash(&[]);
    let mut bytes = Vec::new();
    group::encode(&header, false, 0, &[], &mut bytes);
    (bytes, Head::after(&header))
}

impl Arrived {
    /// The record of a message behind `head` that is no valid group. The head that it makes is the same but for the
    /// number.
    pub fn void(head: &Head, message: Bytes) -> Self {
        let header = GroupHeader {
            number: head.group + 1,
            epoch: head.epoch,
            leader_time: head.leader_time,
            window_floor: head.window_floor,
            previous_hash: head.hash,
            hash: head.hash,
            commit_count: 0,
            term: None,
            is_void: true,
        };
        let mut stored = Vec::with_capacity(message.len() + 128);
        wire::put_uint(&mut stored, 1, header.number);
        wire::put_uint(&mut stored, 2, header.epoch);
        wire::put_sfixed64(&mut stored, 3, header.leader_time.as_micros());
        wire::put_sfixed64(&mut stored, 4, header.window_floor.as_micros());
        wire::put_bytes(&mut stored, 5, &header.previous_hash.0);
        wire::put_bytes(&mut stored, 6, &header.hash.0);
        // Also when it is empty: it is the field that says "void".
        wire::put_message(&mut stored, 12, message.len());
        stored.extend_from_slice(&message);
        let head = Head::after(&header);
        let group =
            RecordedGroup { header, body: message, commits: Vec::new(), writes: Vec::new(), events: Vec::new() };
        Self { head, stored: stored.into(), group: Arc::new(group) }
    }
}

impl Head {
    /// The head that a group makes.
    pub fn after(header: &GroupHeader) -> Self {
        Self {
            group: header.number,
            epoch: header.epoch,
            hash: header.hash,
            leader_time: header.leader_time,
            window_floor: header.window_floor,
        }
    }
}

impl RecordedGroup {
    /// Whether it is a barrier: an empty group with a term of its own.
    pub fn is_barrier(&self) -> bool {
        self.header.term.is_some() && self.header.commit_count == 0
    }
}

/// A group without its body, as it travels where it is too large for one message, and the body with its SHA-256.
///
/// `None` for what has no body: it is not too large either.
pub fn without_body(stored: &Bytes) -> Option<(Bytes, Hash, Bytes)> {
    let span = group::body_span(stored)?;
    let body = stored.slice(span.range());
    let hash = Hash(Sha256::digest(&body).into());
    // The body is the last field of a group.
    let fields = span.range().start - (wire::bytes_len(body.len()) - body.len());
    if span.range().end != stored.len() {
        return None;
    }
    let mut message = stored[..fields].to_vec();
    wire::put_bytes(&mut message, group::BODY_HASH, &hash.0);
    Some((message.into(), hash, body))
}

/// The hash of the body that a message is to be completed with, if it came without.
pub fn missing_body(message: &[u8]) -> Option<Hash> {
    group::missing_body(message)
}

/// The group's stored form again.
pub fn with_body(message: &[u8], body: &[u8]) -> Bytes {
    let fields = message.len().saturating_sub(wire::bytes_len(32));
    let mut stored = Vec::with_capacity(fields + wire::bytes_len(body.len()));
    stored.extend_from_slice(&message[..fields]);
    wire::put_bytes(&mut stored, 10, body);
    stored.into()
}

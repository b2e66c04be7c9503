//! The hand-written envelope is protobuf: what prost reads from it, and writes again, is the same.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

#[path = "support/sealing.rs"]
mod sealing;

use allmende_eventlog::{NewCommit, NewEvent, Origin, RecordedGroup, StreamAppend, TraceContext};
use allmende_kernel::{ExpectedRevision, PartitionName, Position, RequestId, StreamName, SubjectId, Timestamp};
use allmende_proto::log::v1 as proto;
use bytes::Bytes;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use prost::Message;
use sealing::{NOW, partition, seal};
use sha2::{Digest, Sha256};
use uuid::Uuid;

fn origin() -> impl Strategy<Value = Origin> {
    let position = (1..u64::MAX, any::<u32>()).prop_map(|(group, index)| Position::new(group, index));
    let minted = (0..1_000i64, any::<[u8; 10]>()).prop_map(|(millis, random)| {
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&(NOW.as_micros() / 1_000 - millis).to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&random);
        bytes[6] = 0x70 | bytes[6] & 0x0f;
        bytes[8] = 0x80 | bytes[8] & 0x3f;
        RequestId::from_bytes(bytes).unwrap()
    });
    prop_oneof![
        Just(Origin::Unlinked),
        (minted, any::<[u8; 16]>()).prop_map(|(id, digest)| Origin::Request { id, digest }),
        ("[a-z0-9-]{1,63}", position, any::<u32>()).prop_map(|(source, position, step)| Origin::Process {
            source: PartitionName::parse(&source).unwrap(),
            position,
            step
        }),
    ]
}

fn bytes(max: usize) -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..max).prop_map(Bytes::from)
}

fn commit() -> impl Strategy<Value = NewCommit> {
    let event = (prop_oneof![Just("a.v1.A"), Just("allmende.telemetry.events.v1.StationRegistered")], bytes(300))
        .prop_map(|(event_type, payload)| NewEvent { event_type, payload });
    let writes = vec(("[a-z]{1,4}", vec(event, 1..5)), 1..4).prop_map(|writes| {
        let named = writes.into_iter().enumerate().map(|(index, (category, events))| StreamAppend {
            stream: StreamName::parse(&format!("koeln/{category}/{index}")).unwrap(),
            expected: ExpectedRevision::Any,
            events,
        });
        named.collect::<Vec<_>>()
    });
    let trace = (any::<[u8; 16]>(), any::<[u8; 8]>(), any::<u8>())
        .prop_map(|(trace_id, span_id, flags)| TraceContext { trace_id, span_id, flags });
    let actor = any::<[u8; 16]>().prop_map(|bytes| SubjectId::new(Uuid::from_bytes(bytes)));
    (origin(), 0..2_000_000i64, option::of(actor), option::of(trace), writes, bytes(40)).prop_map(
        |(origin, micros, actor, trace, writes, outcome)| NewCommit {
            origin,
            admitted_at: Timestamp::from_micros(NOW.as_micros() + micros),
            actor,
            trace,
            reads: Vec::new(),
            writes,
            outcome,
        },
    )
}

/// The commits of a group as prost reads them.
fn decode_body(group: &proto::CommitGroup) -> Vec<proto::Commit> {
    let body = match group.compression() {
        proto::Compression::None => group.body.to_vec(),
        proto::Compression::Zstd => zstd::stream::decode_all(&group.body[..]).unwrap(),
        proto::Compression::Unspecified => panic!("no compression given"),
    };
    assert_eq!(body.len(), group.body_length as usize);
    let mut rest = &body[..];
    let mut commits = Vec::new();
    while !rest.is_empty() {
        commits.push(proto::Commit::decode_length_delimited(&mut rest).unwrap());
    }
    commits
}

fn expected_origin(origin: &Origin) -> Option<proto::commit::Origin> {
    match origin {
        Origin::Request { id, digest } => Some(proto::commit::Origin::Request(proto::RequestOrigin {
            request_id: id.as_bytes().to_vec().into(),
            digest: digest.to_vec().into(),
        })),
        Origin::Process { source, position, step } => Some(proto::commit::Origin::Process(proto::ProcessOrigin {
            source_partition: source.as_str().to_owned(),
            source_group: position.group,
            source_index: position.index,
            step: *step,
        })),
        Origin::Unlinked => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn prost_reads_what_was_written(mut commits in vec(commit(), 1..40)) {
        // The writer lets time only advance.
        commits.sort_by_key(|commit| commit.admitted_at);
        let (stored, head) = seal(commits.clone());
        let group = proto::CommitGroup::decode(stored.as_slice()).unwrap();
        prop_assert_eq!(group.encode_to_vec(), stored.as_slice());
        prop_assert_eq!(group.number, 1);
        prop_assert_eq!(group.epoch, 1);
        prop_assert_eq!(group.commit_count as usize, commits.len());
        prop_assert_eq!(group.leader_time_us, commits.last().unwrap().admitted_at.as_micros());
        prop_assert_eq!(group.window_floor_us, group.leader_time_us - 86_400_000_000);
        prop_assert_eq!(&group.hash[..], &head.hash.0);

        let read = RecordedGroup::decode(&stored).unwrap();
        read.verify().unwrap();
        let decoded = decode_body(&group);
        prop_assert_eq!(decoded.len(), commits.len());
        let mut lengths = std::collections::HashMap::new();
        for ((decoded, written), read) in decoded.iter().zip(&commits).zip(read.commits()) {
            prop_assert_eq!(decoded.encode_to_vec(), read.canonical_bytes());
            prop_assert_eq!(&decoded.origin, &expected_origin(&written.origin));
            prop_assert_eq!(read.origin(), written.origin.clone());
            prop_assert_eq!(decoded.admitted_at_us, written.admitted_at.as_micros());
            prop_assert_eq!(&decoded.actor, &written.actor.map_or(vec![], |actor| actor.as_bytes().to_vec()));
            let trace = written.trace.map(|trace| proto::TraceContext {
                trace_id: trace.trace_id.to_vec().into(),
                span_id: trace.span_id.to_vec().into(),
                flags: trace.flags.into(),
            });
            prop_assert_eq!(&decoded.trace, &trace);
            prop_assert_eq!(read.trace(), written.trace);
            prop_assert_eq!(&decoded.outcome, &written.outcome);
            prop_assert_eq!(decoded.streams.len(), written.writes.len());
            for (decoded, written) in decoded.streams.iter().zip(&written.writes) {
                let length = lengths.entry(written.stream.clone()).or_insert(0);
                prop_assert_eq!(decoded.stream.as_str(), written.stream.as_str());
                prop_assert_eq!(decoded.first_revision, *length + 1);
                *length += written.events.len() as u64;
                let events: Vec<_> = decoded.events.iter().map(|e| (e.r#type.as_str(), &e.payload[..])).collect();
                let expected: Vec<_> = written.events.iter().map(|e| (e.event_type, &e.payload[..])).collect();
                prop_assert_eq!(events, expected);
            }
        }
    }

    /// The hashes are those of the definition in `proto/allmende/log/v1`, computed here from prost's reading alone.
    #[test]
    fn hashes_follow_the_definition(mut commits in vec(commit(), 1..10)) {
        commits.sort_by_key(|commit| commit.admitted_at);
        let (stored, _) = seal(commits);
        let group = proto::CommitGroup::decode(stored.as_slice()).unwrap();
        let genesis: [u8; 32] = Sha256::digest(format!("allmende.log.v1 genesis{}", partition())).into();
        prop_assert_eq!(&group.previous_hash[..], &genesis);
        let mut hashed = vec![2u8];
        hashed.extend(group.number.to_be_bytes());
        hashed.extend(group.epoch.to_be_bytes());
        hashed.extend(group.leader_time_us.to_be_bytes());
        hashed.extend(group.window_floor_us.to_be_bytes());
        hashed.extend(&group.previous_hash);
        hashed.extend(group.commit_count.to_be_bytes());
        for commit in decode_body(&group) {
            let leaf: [u8; 32] = Sha256::digest([&[0u8], commit.encode_to_vec().as_slice()].concat()).into();
            hashed.extend(leaf);
        }
        let hash: [u8; 32] = Sha256::digest(&hashed).into();
        prop_assert_eq!(&group.hash[..], &hash);
    }

    /// A change of any byte is refused or has another hash; none is served as the same group.
    #[test]
    fn a_changed_byte_is_found(mut commits in vec(commit(), 1..6), place in any::<prop::sample::Index>(), flip in 1..=255u8) {
        commits.sort_by_key(|commit| commit.admitted_at);
        let (mut stored, head) = seal(commits);
        let place = place.index(stored.len());
        let before = RecordedGroup::decode(&stored).unwrap();
        stored[place] ^= flip;
        if let Ok(group) = RecordedGroup::decode(&stored)
            && group.verify().is_ok()
            && group.header().hash == head.hash
        {
            // A byte of the envelope that nothing is read from; what is read is the same.
            prop_assert_eq!(group.header(), before.header());
            let commits = |group: &RecordedGroup| group.commits().map(|c| c.canonical_bytes().to_vec()).collect::<Vec<_>>();
            prop_assert_eq!(commits(&group), commits(&before));
        }
    }

    #[test]
    fn hostile_bytes_never_panic(bytes in vec(any::<u8>(), 0..400)) {
        let _ = RecordedGroup::decode(&bytes);
        let _ = RecordedGroup::decode_header(&bytes);
    }

    /// Also a group that was cut off at any place is refused.
    #[test]
    fn a_cut_group_is_refused(mut commits in vec(commit(), 1..6), cut in any::<prop::sample::Index>()) {
        commits.sort_by_key(|commit| commit.admitted_at);
        let (stored, _) = seal(commits);
        let cut = &stored[..cut.index(stored.len())];
        prop_assert!(RecordedGroup::decode(cut).is_err());
    }
}

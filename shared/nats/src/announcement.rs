//! An announcement as JSON. Members of the version before and after read it too: fields are added, never renamed, and
//! what is not known is passed over.

use std::collections::BTreeSet;

use allmende_eventlog::Hash;
use allmende_eventlog_nats::cluster::{Announcement, ReplicaHead, Standing};
use allmende_kernel::{PartitionName, Timestamp};
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Why one cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    #[error("a head's partition or hash is none")]
    Head,
}

#[derive(Serialize, Deserialize)]
struct Written {
    member: String,
    service: String,
    address: String,
    #[serde(default)]
    leaving: bool,
    #[serde(default)]
    heads: Vec<WrittenHead>,
    #[serde(default)]
    event_types: BTreeSet<String>,
    announced_at_us: i64,
}

#[derive(Serialize, Deserialize)]
struct WrittenHead {
    partition: String,
    group: u64,
    epoch: u64,
    hash: String,
    #[serde(default)]
    standing: String,
}

pub(crate) fn encode(announcement: &Announcement) -> Result<Bytes, serde_json::Error> {
    let head = |head: &ReplicaHead| WrittenHead {
        partition: head.partition.to_string(),
        group: head.group,
        epoch: head.epoch,
        hash: head.hash.to_string(),
        standing: name(head.standing).to_owned(),
    };
    let written = Written {
        member: announcement.member.clone(),
        service: announcement.service.clone(),
        address: announcement.address.clone(),
        leaving: announcement.leaving,
        heads: announcement.heads.iter().map(head).collect(),
        event_types: announcement.event_types.clone(),
        announced_at_us: announcement.announced_at.as_micros(),
    };
    serde_json::to_vec(&written).map(Bytes::from)
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Announcement, Malformed> {
    let written: Written = serde_json::from_slice(bytes)?;
    let head = |head: WrittenHead| {
        Some(ReplicaHead {
            partition: PartitionName::parse(&head.partition).ok()?,
            group: head.group,
            epoch: head.epoch,
            hash: hash(&head.hash)?,
            standing: standing(&head.standing),
        })
    };
    Ok(Announcement {
        member: written.member,
        service: written.service,
        address: written.address,
        leaving: written.leaving,
        heads: written
            .heads
            .into_iter()
            .map(|written| head(written).ok_or(Malformed::Head))
            .collect::<Result<_, _>>()?,
        event_types: written.event_types,
        announced_at: Timestamp::from_micros(written.announced_at_us),
    })
}

fn name(standing: Standing) -> &'static str {
    match standing {
        Standing::Able => "able",
        Standing::Unable => "unable",
        Standing::Astray => "astray",
    }
}

/// Who does not say that it may lead, or says it in other words, is not counted on.
fn standing(name: &str) -> Standing {
    [Standing::Able, Standing::Astray]
        .into_iter()
        .find(|standing| self::name(*standing) == name)
        .unwrap_or(Standing::Unable)
}

/// From the hexadecimal digits that a [`Hash`] shows.
fn hash(text: &str) -> Option<Hash> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(Hash(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement() -> Announcement {
        Announcement {
            member: "participation-1".into(),
            service: "participation".into(),
            address: "10.0.0.7:7400".into(),
            leaving: true,
            heads: vec![ReplicaHead {
                partition: PartitionName::parse("participation-3").unwrap(),
                group: 7,
                epoch: 2,
                hash: Hash(std::array::from_fn(|at| at as u8 * 7)),
                standing: Standing::Astray,
            }],
            event_types: ["allmende.participation.events.v1.Supported".to_owned()].into(),
            announced_at: Timestamp::from_micros(1_767_225_600_000_001),
        }
    }

    #[test]
    fn an_announcement_reads_back_as_written() {
        assert_eq!(decode(&encode(&announcement()).unwrap()).unwrap(), announcement());
    }

    #[test]
    fn what_a_later_version_adds_is_passed_over_and_what_an_earlier_one_left_out_is_empty() {
        let text = r#"{"member":"a","service":"b","address":"c:1","announced_at_us":5,"colour":"green"}"#;
        let read = decode(text.as_bytes()).unwrap();
        assert_eq!((read.member.as_str(), read.heads.len(), read.event_types.len(), read.leaving), ("a", 0, 0, false));
    }

    #[test]
    fn who_says_nothing_of_its_standing_is_not_counted_on() {
        let text = String::from_utf8(encode(&announcement()).unwrap().to_vec()).unwrap();
        for (said, read) in [("able", Standing::Able), ("astray", Standing::Astray), ("splendid", Standing::Unable)] {
            let text = text.replace("\"astray\"", &format!("\"{said}\""));
            assert_eq!(decode(text.as_bytes()).unwrap().heads[0].standing, read);
        }
        let text = text.replace(",\"standing\":\"astray\"", "");
        assert_eq!(decode(text.as_bytes()).unwrap().heads[0].standing, Standing::Unable);
    }

    #[test]
    fn what_is_none_is_an_error() {
        let text = String::from_utf8(encode(&announcement()).unwrap().to_vec()).unwrap();
        let hash = announcement().heads[0].hash.to_string();
        for wrong in [text.replace(&hash, "00"), text.replace(&hash, &"ü".repeat(32)), text.replace("-3", "_")] {
            assert!(matches!(decode(wrong.as_bytes()), Err(Malformed::Head)), "{wrong}");
        }
        assert!(matches!(decode(b"{}"), Err(Malformed::Json(_))));
    }
}

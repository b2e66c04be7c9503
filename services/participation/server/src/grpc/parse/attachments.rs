use allmende_participation_domain::AttachmentId;
use allmende_participation_domain::contribution::MAX_ATTACHMENTS;
use allmende_proto::participation::v1 as pb;
use allmende_runtime::errors::Rule;
use uuid::Uuid;

use super::Parse;
use crate::app::Upload;

const MAX_BYTES: usize = 1 << 20;
const MAX_BYTES_TOGETHER: usize = 2 << 20;
/// What files of a type begin with.
const TYPES: [(&str, &[u8]); 3] = [
    ("image/jpeg", &[0xff, 0xd8, 0xff]),
    ("image/png", &[0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n']),
    ("application/pdf", b"%PDF-"),
];
/// Namespace of the ids of attachments, which are made of their contribution's and their number, so that a request that
/// is sent again names the same files.
const IDS: Uuid = Uuid::from_u128(0x5b0c_9e0a_61f7_5d3e_8c14_90a2_7d5b_33e1);

/// Files of types that are shown, judged by their first bytes.
pub(super) fn uploads(
    parse: &mut Parse,
    contribution: Option<Uuid>,
    messages: &[pb::AttachmentUpload],
) -> Option<Vec<Upload>> {
    if messages.len() > MAX_ATTACHMENTS {
        parse.add(
            "attachments",
            Rule::Count(0, MAX_ATTACHMENTS as u64).says(format!("must be at most {MAX_ATTACHMENTS} files")),
        );
        return None;
    }
    let together: usize = messages.iter().map(|message| message.content.len()).sum();
    if together > MAX_BYTES_TOGETHER {
        parse.add(
            "attachments",
            Rule::Size(MAX_BYTES_TOGETHER as u64)
                .says(format!("must have at most {MAX_BYTES_TOGETHER} bytes together")),
        );
    }
    let mut uploads = Vec::new();
    for (number, message) in messages.iter().enumerate() {
        let path = |field: &str| format!("attachments[{number}].{field}");
        let known = TYPES.iter().find(|(media_type, _)| *media_type == message.media_type);
        match known {
            None => parse.add(&path("media_type"), "must be image/jpeg, image/png or application/pdf"),
            Some((_, begin)) if !message.content.starts_with(begin) => {
                parse.add(&path("content"), "must be a file of that media type");
            }
            Some(_) if message.content.len() > MAX_BYTES => {
                parse.add(&path("content"), Rule::Size(MAX_BYTES as u64));
            }
            Some(_) => {}
        }
        let id = contribution.map(|id| Uuid::new_v5(&IDS, format!("{id}/{number}").as_bytes()));
        uploads.push(id.map(|id| Upload {
            id: AttachmentId::new(id),
            media_type: message.media_type.clone(),
            content: message.content.clone(),
        }));
    }
    uploads.into_iter().collect()
}

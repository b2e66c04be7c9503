//! Answers as the API has them.

mod official;
mod texts;

pub(super) use official::{channel_reach, document, hit, procedure, project, section_diff, theme, version};
pub(super) use texts::{contribution, queue_item, synopsis_entry};

use uuid::Uuid;

/// A stored id as text; empty for none.
fn id(bytes: &[u8]) -> String {
    Uuid::from_slice(bytes).map(|uuid| uuid.to_string()).unwrap_or_default()
}

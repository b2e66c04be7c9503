//! Values of rows. The view wrote them itself: one that cannot be read is a fault, not an older form, because a changed
//! form raises the view's version.

use allmende_kernel::{Position, TenantId};
use allmende_opendata_domain::Source;
use allmende_opendata_domain::dataset::WithdrawalReason;
use allmende_views::{Keys, Order, Table, Tables, ViewError};
use prost::Message;
use uuid::Uuid;

use super::keys::RETRACTED;
use crate::sources::Retracted;
use crate::sources::changes::{position_bytes, split_position};

/// A procedure.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Procedure {
    #[prost(string, tag = "1")]
    pub(super) title: String,
    #[prost(string, tag = "2")]
    pub(super) licence: String,
}

/// A document under consultation.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Document {
    #[prost(string, tag = "1")]
    pub(super) title: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) procedure: Vec<u8>,
    /// Sections of all versions, the latest heading of each.
    #[prost(message, repeated, tag = "3")]
    pub(super) sections: Vec<Section>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Section {
    #[prost(string, tag = "1")]
    pub(super) id: String,
    #[prost(string, tag = "2")]
    pub(super) heading: String,
}

/// A theme of a synopsis.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Theme {
    #[prost(string, tag = "1")]
    pub(super) title: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) procedure: Vec<u8>,
    #[prost(string, tag = "3")]
    pub(super) answer: String,
}

/// A contribution, its text and place sealed.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Contribution {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) procedure: Vec<u8>,
    /// Empty for what is not about a text.
    #[prost(bytes = "vec", tag = "2")]
    pub(super) document: Vec<u8>,
    #[prost(string, tag = "3")]
    pub(super) section: String,
    #[prost(uint32, tag = "4")]
    pub(super) version: u32,
    #[prost(bytes = "vec", tag = "5")]
    pub(super) proposal: Vec<u8>,
    /// As participation's events number them.
    #[prost(int32, tag = "6")]
    pub(super) kind: i32,
    #[prost(int32, tag = "7")]
    pub(super) channel: i32,
    #[prost(string, tag = "8")]
    pub(super) licence: String,
    #[prost(int64, tag = "9")]
    pub(super) at_us: i64,
    #[prost(bytes = "vec", tag = "10")]
    pub(super) text_sealed: Vec<u8>,
    #[prost(bool, tag = "11")]
    pub(super) public: bool,
    #[prost(bool, tag = "12")]
    pub(super) redacted: bool,
    #[prost(bool, tag = "13")]
    pub(super) accepted: bool,
    #[prost(bytes = "vec", tag = "14")]
    pub(super) theme: Vec<u8>,
    #[prost(string, tag = "15")]
    pub(super) answer: String,
    #[prost(sint32, optional, tag = "16")]
    pub(super) latitude_milli: Option<i32>,
    #[prost(sint32, optional, tag = "17")]
    pub(super) longitude_milli: Option<i32>,
    /// Since which commit datasets may hold it as it reads now; 0 for none.
    #[prost(uint64, tag = "18")]
    pub(super) held_since_group: u64,
    #[prost(uint32, tag = "19")]
    pub(super) held_since_index: u32,
    /// Instead of the two numbers, since places are sealed.
    #[prost(bytes = "vec", tag = "20")]
    pub(super) place_sealed: Vec<u8>,
    /// Instead of the answer, since answers are sealed.
    #[prost(bytes = "vec", tag = "21")]
    pub(super) answer_sealed: Vec<u8>,
}

impl Contribution {
    /// Whether it may stand in an open dataset: public, and under a licence that its author granted.
    pub(super) fn is_open(&self) -> bool {
        self.public && !self.licence.is_empty()
    }

    /// The datasets that it belongs to.
    pub(super) fn datasets(&self) -> impl Iterator<Item = Source> + use<> {
        let procedure = id(&self.procedure).map(|procedure| Source::Contributions { procedure });
        let document = id(&self.document).map(|document| Source::Synopsis { document });
        procedure.into_iter().chain(document)
    }
}

/// An id, if there is one.
pub(super) fn id(bytes: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(bytes).ok()
}

/// Reads a row of `table`.
pub(super) fn get<M: Message + Default>(
    tables: &impl Tables,
    table: Table,
    key: &[u8],
) -> Result<Option<M>, ViewError> {
    tables.get(table, key)?.map(|row| M::decode(&row[..]).map_err(|_| ViewError::Row(table))).transpose()
}

/// What is kept of a retraction, beside its position.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Retraction {
    #[prost(string, tag = "1")]
    pub(super) tenant: String,
    #[prost(bool, tag = "2")]
    pub(super) synopsis: bool,
    #[prost(bytes = "vec", tag = "3")]
    pub(super) id: Vec<u8>,
    #[prost(uint64, tag = "4")]
    pub(super) held_since_group: u64,
    #[prost(uint32, tag = "5")]
    pub(super) held_since_index: u32,
    #[prost(bool, tag = "6")]
    pub(super) erased: bool,
}

/// Retractions after a position, in order: `max`, and what else was retracted where the last of them was.
pub(super) fn retracted(tables: &impl Tables, after: Position, max: usize) -> Result<Vec<Retracted>, ViewError> {
    let from = position_bytes(Position::new(after.group, after.index.saturating_add(1)));
    let keys = if after == Position::START { Keys::all() } else { Keys::all().from(&from) };
    let mut retracted: Vec<Retracted> = Vec::new();
    for row in tables.scan(RETRACTED, &keys, Order::Ascending) {
        let row = row?;
        let unreadable = || ViewError::Row(RETRACTED);
        let (position, _) = split_position(row.key()).ok_or_else(unreadable)?;
        if retracted.len() >= max && retracted.last().is_some_and(|last| last.position != position) {
            break;
        }
        let kept = Retraction::decode(&row.value[..]).map_err(|_| unreadable())?;
        let id = id(&kept.id).ok_or_else(unreadable)?;
        retracted.push(Retracted {
            position,
            tenant: TenantId::parse(&kept.tenant).map_err(|_| unreadable())?,
            source: match kept.synopsis {
                true => Source::Synopsis { document: id },
                false => Source::Contributions { procedure: id },
            },
            held_since: Position::new(kept.held_since_group, kept.held_since_index),
            reason: if kept.erased { WithdrawalReason::Erasure } else { WithdrawalReason::Rights },
        });
    }
    Ok(retracted)
}

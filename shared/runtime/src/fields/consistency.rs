use std::collections::BTreeMap;

use allmende_kernel::{PartitionName, Position};
use allmende_proto::log::v1 as wire;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use prost::Message as _;

use crate::errors::Problem;

const MAX_TEXT: usize = 16 * 1_024;

/// What a client has seen, by partition: a read that is given it waits until its view has reached all of it.
///
/// In requests and replies it is text: base64url of `allmende.log.v1.ConsistencyToken`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ConsistencyToken(BTreeMap<PartitionName, Position>);

impl ConsistencyToken {
    /// What a client has seen of one partition.
    pub fn of(partition: PartitionName, position: Position) -> Self {
        Self(BTreeMap::from([(partition, position)]))
    }

    /// Notes that `partition` was seen up to `position`; never goes back.
    pub fn advance(&mut self, partition: PartitionName, position: Position) {
        let seen = self.0.entry(partition).or_default();
        *seen = position.max(*seen);
    }

    /// How far `partition` was seen; [`Position::START`] if not at all.
    pub fn position(&self, partition: &PartitionName) -> Position {
        self.0.get(partition).copied().unwrap_or(Position::START)
    }

    /// All positions, by partition.
    pub fn positions(&self) -> impl Iterator<Item = (&PartitionName, Position)> {
        self.0.iter().map(|(partition, position)| (partition, *position))
    }

    /// The text for a reply; empty for nothing seen.
    pub fn to_text(&self) -> String {
        let positions = self.positions().map(|(partition, position)| wire::PartitionPosition {
            partition: partition.to_string(),
            group: position.group,
            index: position.index,
        });
        let token = wire::ConsistencyToken { positions: positions.collect() };
        BASE64_URL_SAFE_NO_PAD.encode(token.encode_to_vec())
    }
}

/// The token that a request carries; empty text is an empty token, which waits for nothing.
///
/// A position that does not exist yet is well-formed: the read waits for it until its deadline.
pub fn consistency_token(text: &str) -> Result<ConsistencyToken, Problem> {
    let unknown = || Problem::new("must be empty or a consistency_token as it was given");
    if text.len() > MAX_TEXT {
        return Err(unknown());
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| unknown())?;
    let decoded = wire::ConsistencyToken::decode(bytes.as_slice()).map_err(|_| unknown())?;
    let mut token = ConsistencyToken::default();
    for wire::PartitionPosition { partition, group, index } in decoded.positions {
        let partition = PartitionName::parse(&partition).map_err(|_| unknown())?;
        token.advance(partition, Position::new(group, index));
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partition(number: u32) -> PartitionName {
        PartitionName::parse(&format!("telemetry-{number}")).unwrap()
    }

    #[test]
    fn a_token_reads_back_as_written() {
        let mut token = ConsistencyToken::of(partition(0), Position::new(7, 2));
        token.advance(partition(1), Position::new(3, 0));
        token.advance(partition(0), Position::new(6, 9));
        let read = consistency_token(&token.to_text()).unwrap();
        assert_eq!(read, token);
        assert_eq!(read.position(&partition(0)), Position::new(7, 2));
        assert_eq!(read.position(&partition(9)), Position::START);
    }

    #[test]
    fn an_empty_token_waits_for_nothing() {
        assert_eq!(ConsistencyToken::default().to_text(), "");
        assert_eq!(consistency_token("").unwrap().positions().count(), 0);
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let bad_name = wire::PartitionPosition { partition: "../x".into(), group: 1, index: 0 };
        let bad_name = wire::ConsistencyToken { positions: vec![bad_name] }.encode_to_vec();
        for wrong in ["!", "_____w", &BASE64_URL_SAFE_NO_PAD.encode(bad_name), &"A".repeat(20_000)] {
            assert!(consistency_token(wrong).is_err(), "{wrong}");
        }
    }
}

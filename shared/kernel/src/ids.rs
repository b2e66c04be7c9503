use std::fmt;

use uuid::Uuid;

use crate::Timestamp;

/// An id that is not of the form its type asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidId(pub(crate) &'static str);

/// Names one request, so that a repetition can be told from a second wish: a UUIDv7 whose time bounds how long it must
/// be remembered.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestId(Uuid);

impl RequestId {
    /// Takes a UUID of version 7 ([RFC 9562, section 5.7](https://www.rfc-editor.org/rfc/rfc9562#section-5.7)).
    pub fn new(uuid: Uuid) -> Result<Self, InvalidId> {
        match uuid.get_version_num() {
            7 => Ok(Self(uuid)),
            _ => Err(InvalidId("a request id must be a UUID of version 7")),
        }
    }

    /// Parses the hyphenated or simple text form.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        Uuid::try_parse(text).map_err(|_| InvalidId("a request id must be a UUID of version 7")).and_then(Self::new)
    }

    /// Takes the sixteen bytes of a stored id.
    pub fn from_bytes(bytes: [u8; 16]) -> Result<Self, InvalidId> {
        Self::new(Uuid::from_bytes(bytes))
    }

    /// The id's bytes; they sort by the time of minting.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }

    /// When the id was minted by its client's clock, to the millisecond.
    pub fn minted_at(&self) -> Timestamp {
        let b = self.0.as_bytes();
        let millis = b[..6].iter().fold(0i64, |millis, byte| (millis << 8) | i64::from(*byte));
        Timestamp::from_millis(millis)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({})", self.0)
    }
}

/// An opaque person or machine: what an event carries instead of a name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SubjectId(Uuid);

impl SubjectId {
    /// Takes the id that the identity provider's subject was mapped to.
    pub fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// The id's bytes.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for SubjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubjectId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_tells_when_it_was_minted() {
        let id = RequestId::parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f").unwrap();
        assert_eq!(id.minted_at(), Timestamp::from_millis(1_645_557_742_000));
    }

    #[test]
    fn only_version_7_is_a_request_id() {
        assert!(RequestId::parse("919108f7-52d1-4320-9bac-f847db4148a8").is_err());
        assert!(RequestId::parse("not a uuid").is_err());
    }
}

use std::fmt;

use uuid::Uuid;

/// A text that is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a UUID")]
pub struct InvalidUuid;

/// A dataset. One that the platform fills by itself has an id that follows from its source.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DatasetId(Uuid);

impl DatasetId {
    /// Takes the UUID that was minted or derived.
    pub const fn new(uuid: Uuid) -> Self {
        Self(uuid)
    }

    /// Parses the hyphenated or simple text form.
    pub fn parse(text: &str) -> Result<Self, InvalidUuid> {
        Uuid::try_parse(text).map(Self).map_err(|_| InvalidUuid)
    }

    /// Takes the sixteen bytes of a stored id.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(Uuid::from_bytes(bytes))
    }

    /// The id's bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl fmt::Display for DatasetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for DatasetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatasetId({})", self.0)
    }
}

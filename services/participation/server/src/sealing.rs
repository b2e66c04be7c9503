//! Texts of citizens between their plain and their sealed form. The key of a text has the text's id.

use std::fmt;
use std::sync::Arc;

use allmende_kernel::{Sealed, TenantId};
use allmende_keyring::{BoxError, Key, KeyId, Keyring, KeyringError, Opened};
use allmende_participation_domain::{AttachmentId, ContributionId};
use allmende_proto::participation::events::v1::ContributionText;
use prost::Message as _;

use crate::error::Error;

/// What of a contribution is sealed: a box opens as that and as nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Text,
    Redacted,
    Note,
    Report,
    Objection,
    Attachment(AttachmentId),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Redacted => f.write_str("redacted"),
            Self::Note => f.write_str("note"),
            Self::Report => f.write_str("report"),
            Self::Objection => f.write_str("objection"),
            Self::Attachment(id) => write!(f, "attachment/{id}"),
        }
    }
}

fn context(id: ContributionId, part: Part) -> String {
    format!("contribution/{id}/{part}")
}

/// Seals the parts of one contribution.
pub(crate) struct Sealer {
    key: Key,
    id: ContributionId,
}

impl Sealer {
    pub(crate) fn seal(&self, part: Part, content: &[u8]) -> Result<Sealed, KeyringError> {
        self.key.seal(&context(self.id, part), content)
    }

    pub(crate) fn text(&self, part: Part, text: &ContributionText) -> Result<Sealed, KeyringError> {
        self.seal(part, &text.encode_to_vec())
    }

    /// `None` for a note that says nothing.
    pub(crate) fn note(&self, part: Part, note: &str) -> Result<Option<Sealed>, KeyringError> {
        (!note.is_empty()).then(|| self.seal(part, note.as_bytes())).transpose()
    }
}

/// Opens what is sealed, and forgets keys.
#[derive(Clone)]
pub(crate) struct Vault {
    keyring: Arc<dyn Keyring>,
}

impl Vault {
    pub(crate) fn new(keyring: Arc<dyn Keyring>) -> Self {
        Self { keyring }
    }

    /// The key of a contribution, durable before this returns.
    pub(crate) async fn sealer(&self, tenant: &TenantId, id: ContributionId) -> Result<Sealer, KeyringError> {
        let key = self.keyring.ensure(tenant, KeyId::new(id.as_uuid())).await?;
        Ok(Sealer { key, id })
    }

    /// Forgets a contribution's key for good.
    pub(crate) async fn erase(&self, tenant: &TenantId, id: ContributionId) -> Result<(), KeyringError> {
        self.keyring.erase(tenant, KeyId::new(id.as_uuid())).await
    }

    /// A text, unless its key is gone.
    pub(crate) fn text(
        &self,
        tenant: &TenantId,
        id: ContributionId,
        part: Part,
        sealed: &[u8],
    ) -> Result<Opened<ContributionText>, Error> {
        match self.open(tenant, id, part, sealed)? {
            Opened::Content(bytes) => match ContributionText::decode(bytes.as_slice()) {
                Ok(text) => Ok(Opened::Content(text)),
                Err(_) => Err(Error::Box(BoxError::Damaged)),
            },
            Opened::Erased => Ok(Opened::Erased),
        }
    }

    /// A note; empty for none, and for one whose key is gone.
    pub(crate) fn note(
        &self,
        tenant: &TenantId,
        id: ContributionId,
        part: Part,
        sealed: &[u8],
    ) -> Result<String, Error> {
        if sealed.is_empty() {
            return Ok(String::new());
        }
        match self.open(tenant, id, part, sealed)? {
            Opened::Content(bytes) => String::from_utf8(bytes).map_err(|_| Error::Box(BoxError::Damaged)),
            Opened::Erased => Ok(String::new()),
        }
    }

    pub(crate) fn open(
        &self,
        tenant: &TenantId,
        id: ContributionId,
        part: Part,
        sealed: &[u8],
    ) -> Result<Opened<Vec<u8>>, Error> {
        let sealed = Sealed::from_bytes(sealed);
        match allmende_keyring::open(self.keyring.as_ref(), tenant, &context(id, part), &sealed) {
            Err(BoxError::UnknownKey(key)) => {
                // Not erased as far as is known, but as little to be read; the list it is in has other texts.
                tracing::error!(%key, "the keyring does not know the key of a contribution: is it an older copy?");
                Ok(Opened::Erased)
            }
            opened => opened.map_err(Error::Box),
        }
    }
}

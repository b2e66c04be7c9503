//! Texts of citizens between their plain and their sealed form. The key of a text is named by the text's id.

use std::fmt;
use std::sync::Arc;

use allmende_kernel::{Sealed, SubjectId, TenantId};
use allmende_keyring::{BoxError, Found, Key, KeyId, Keyring, KeyringError, Opened, key_of};
use allmende_participation_domain::contribution::Place;
use allmende_participation_domain::{AttachmentId, CoarsePoint, ContributionId};
use allmende_proto::participation::events::v1 as stored;
use allmende_proto::participation::events::v1::{ContributionSubmitted, ContributionText};
use prost::Message as _;

use crate::error::Error;
use crate::wire::point_message;

/// What of a contribution is sealed: a box opens as that and as nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Text,
    Place,
    Redacted,
    Note,
    Report,
    /// The box around a report's, under a key that goes with who reported.
    Reporter,
    Objection,
    Answer,
    Attachment(AttachmentId),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text => f.write_str("text"),
            Self::Place => f.write_str("place"),
            Self::Redacted => f.write_str("redacted"),
            Self::Note => f.write_str("note"),
            Self::Report => f.write_str("report"),
            Self::Reporter => f.write_str("reporter"),
            Self::Objection => f.write_str("objection"),
            Self::Answer => f.write_str("answer"),
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

    /// Which place it is about.
    pub(crate) fn place(&self, point: CoarsePoint) -> Result<Place, KeyringError> {
        self.seal(Part::Place, &point_message(point).encode_to_vec()).map(Place::Sealed)
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
        let key = self.keyring.ensure(tenant, KeyId::contribution(id.as_uuid())).await?;
        Ok(Sealer { key, id })
    }

    /// Seals what takes the place of `stands`, or gives that box back if it says the same: a box differs each time, and
    /// only by the box a rule can tell that nothing is new.
    pub(crate) fn reseal(
        &self,
        sealer: &Sealer,
        part: Part,
        stands: &[u8],
        content: &[u8],
    ) -> Result<Sealed, KeyringError> {
        match self.open(sealer.key.tenant(), sealer.id, part, stands) {
            Ok(Opened::Content(said)) if said == content => Ok(Sealed::from_bytes(stands)),
            _ => sealer.seal(part, content),
        }
    }

    /// Forgets a contribution's key for good.
    pub(crate) async fn erase(&self, tenant: &TenantId, id: ContributionId) -> Result<(), KeyringError> {
        self.keyring.erase(tenant, KeyId::contribution(id.as_uuid())).await
    }

    /// What somebody told about another one's text: sealed under the text's key, as it may repeat the text, and that box
    /// under a key of the report's own, as it is theirs. Both are durable before this returns.
    pub(crate) async fn report(
        &self,
        tenant: &TenantId,
        id: ContributionId,
        reporter: SubjectId,
        note: &str,
    ) -> Result<Sealed, KeyringError> {
        let inner = self.sealer(tenant, id).await?.seal(Part::Report, note.as_bytes())?;
        let own = self.keyring.ensure(tenant, KeyId::report(id.as_uuid(), reporter)).await?;
        own.seal(&context(id, Part::Reporter), inner.as_bytes())
    }

    /// Forgets what somebody told about a text for good; the text stays.
    pub(crate) async fn erase_report(
        &self,
        tenant: &TenantId,
        id: ContributionId,
        reporter: SubjectId,
    ) -> Result<(), KeyringError> {
        let key = KeyId::report(id.as_uuid(), reporter);
        match self.keyring.find(tenant, key)? {
            Found::Erased => Ok(()),
            Found::Key(_) | Found::Unknown => self.keyring.erase(tenant, key).await,
        }
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

    /// Which place a text is about, unless none is told or the key is gone.
    pub(crate) fn place(
        &self,
        tenant: &TenantId,
        id: ContributionId,
        submitted: &ContributionSubmitted,
    ) -> Result<Option<stored::CoarsePoint>, Error> {
        if submitted.place_sealed.is_empty() {
            return Ok(submitted.place);
        }
        match self.open(tenant, id, Part::Place, &submitted.place_sealed)? {
            Opened::Content(bytes) => match stored::CoarsePoint::decode(bytes.as_slice()) {
                Ok(place) => Ok(Some(place)),
                Err(_) => Err(Error::Box(BoxError::Damaged)),
            },
            Opened::Erased => Ok(None),
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

    /// The note of a report; empty for none, and when the key of either box is gone.
    pub(crate) fn reported(&self, tenant: &TenantId, id: ContributionId, sealed: &[u8]) -> Result<String, Error> {
        // Before reports had keys of their own there was the inner box alone; the oldest keys have the text's very id.
        let of_text = |key: KeyId| key == KeyId::contribution(id.as_uuid()) || key.as_bytes() == id.as_bytes();
        if key_of(&Sealed::from_bytes(sealed)).is_none_or(of_text) {
            return self.note(tenant, id, Part::Report, sealed);
        }
        match self.open(tenant, id, Part::Reporter, sealed)? {
            Opened::Content(inner) => self.note(tenant, id, Part::Report, &inner),
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

#[cfg(test)]
mod tests {
    use allmende_keyring::MemoryKeyring;
    use uuid::Uuid;

    use super::*;

    #[tokio::test]
    async fn what_was_stored_before_opens_as_it_did() {
        let keyring: Arc<dyn Keyring> = Arc::new(MemoryKeyring::new());
        let (vault, tenant) = (Vault::new(Arc::clone(&keyring)), TenantId::parse("koeln").unwrap());
        let (id, reporter) = (ContributionId::new(Uuid::from_u128(1)), SubjectId::new(Uuid::from_u128(2)));
        let sealer = vault.sealer(&tenant, id).await.unwrap();
        let before = sealer.seal(Part::Report, b"Werbung").unwrap();
        let now = vault.report(&tenant, id, reporter, "Werbung").await.unwrap();
        let read = |sealed: &Sealed| vault.reported(&tenant, id, sealed.as_bytes()).unwrap();
        assert_eq!((read(&before).as_str(), read(&now).as_str()), ("Werbung", "Werbung"));
        assert_eq!(vault.reported(&tenant, id, b"").unwrap(), "");
        assert!(vault.reported(&tenant, id, b"no box").is_err());
        vault.erase_report(&tenant, id, reporter).await.unwrap();
        vault.erase_report(&tenant, id, reporter).await.unwrap();
        assert_eq!((read(&before).as_str(), read(&now).as_str()), ("Werbung", ""));

        let point = CoarsePoint::from_milli(51_336, 12_609).unwrap();
        let plain = ContributionSubmitted { place: Some(point_message(point)), ..Default::default() };
        let Place::Sealed(place) = sealer.place(point).unwrap() else { panic!("it is sealed") };
        let place_sealed = place.as_bytes().to_vec().into();
        let sealed = ContributionSubmitted { place_sealed, ..Default::default() };
        for submitted in [&plain, &sealed] {
            assert_eq!(vault.place(&tenant, id, submitted).unwrap(), Some(point_message(point)));
        }
        vault.erase(&tenant, id).await.unwrap();
        assert_eq!(vault.place(&tenant, id, &sealed).unwrap(), None);
    }
}

use std::collections::BTreeSet;

use allmende_eventlog::{CommandError, Rehearsal, Request, Transaction};
use allmende_gateway_domain::AddressKey;
use allmende_gateway_domain::address::{Command as AddressCommand, Holder, Rejection as AddressRefused};
use allmende_gateway_domain::mail::Kind;
use allmende_gateway_domain::person::{Account, Command, Identity, Rejection as Refused, State};
use allmende_kernel::{Sealed, SubjectId, TenantId, Timestamp};
use allmende_keyring::{Key, KeyId, KeyringError, open_text};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;
use uuid::Uuid;

use super::mails::{Letter, Recipient};
use super::streams::{address_stream, person_stream};
use super::{Answer, App};
use crate::error::{Error, Rejection};
use crate::secrets::Purpose;
use crate::wire::{Address, Person};

/// The ways to sign in to an account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SignInMethods {
    pub(crate) password: bool,
    pub(crate) providers: Vec<LinkedProvider>,
}

/// An identity of a provider that is linked to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LinkedProvider {
    pub(crate) id: Uuid,
    /// Absent as [`Identity::provider`] is, and where it was erased.
    pub(crate) provider: Option<String>,
    /// What people know it by; absent where it is not configured.
    pub(crate) name: Option<String>,
    pub(crate) at: Timestamp,
}

fn provider_context(subject: SubjectId) -> String {
    format!("person/{subject}/provider")
}

impl App {
    /// The ways to sign in to a person's account; none for who has none.
    pub(crate) async fn sign_in_methods(
        &self,
        subject: SubjectId,
        token: &ConsistencyToken,
    ) -> Result<Answer<SignInMethods>, Error> {
        let read = self.read(token, move |reader| match reader.home(subject)? {
            Some(home) => {
                let state = reader.person(&home, subject)?;
                Ok(Some((home, state)))
            }
            None => Ok(None),
        });
        let Answer { value: found, seen } = read.await?;
        let Some((home, State::Present(account))) = found else {
            return Ok(Answer { value: SignInMethods::default(), seen });
        };
        let linked = |(identity, linked): (&AddressKey, &Identity)| {
            let provider = self.open_provider(&home, subject, linked)?;
            let name = provider.as_ref().and_then(|id| self.providers.name_of(id)).map(str::to_owned);
            Ok(LinkedProvider { id: self.linked_id(subject, *identity), provider, name, at: linked.linked_at })
        };
        let mut providers: Vec<_> = account.identities.iter().map(linked).collect::<Result<_, Error>>()?;
        providers.sort_by_key(|linked| (linked.at, linked.id));
        Ok(Answer { value: SignInMethods { password: account.password.is_some(), providers }, seen })
    }

    /// Begins to link an identity to a person's account: where the browser goes, and what it keeps.
    pub(crate) async fn begin_provider_link(
        &self,
        tenant: &AuthorizedTenant,
        provider: &str,
        subject: SubjectId,
    ) -> Result<(String, String), Error> {
        let provider = self.providers.find(tenant.id().as_str(), provider)?;
        self.present(subject).await?;
        let (address, link) =
            provider.begin(&self.installation, tenant.id(), Purpose::Link(subject), self.now()).await?;
        Ok((address, link.text(&self.installation)))
    }

    /// Links the identity that the provider vouches for to the person's account.
    pub(crate) async fn link_provider(
        &self,
        request: &Request,
        subject: SubjectId,
        (link, state, code): (&str, &str, &str),
    ) -> Result<ConsistencyToken, Error> {
        // A code is good once, so what was done is told before the provider is asked again.
        let before = self.commands.rehearse(request, |_, _| Ok::<_, CommandError<Rejection>>(()));
        if let Rehearsal::Done(done) = before.await? {
            return Ok(self.queries.seen(done.position));
        }
        let (home, account) = self.present(subject).await?;
        let (begun, vouched) = self.come_back(Purpose::Link(subject), link, state, code).await?;
        let identity = self.vouched_address(&vouched);
        let key = self.person_key(&home, subject).await?;
        let provider = Self::seal_provider(&key, subject, &begun.provider)?;
        let holder = Holder { subject, home: home.clone() };
        let stream = person_stream(&home, subject);
        let done = self.commands.execute(request, |transaction, now| {
            let take = AddressCommand::Take(holder.clone());
            let decided = transaction.decide::<Address>(&address_stream(identity), &(), &take);
            decided.map_err(|error| error.map_rejection(|AddressRefused::Taken(_)| Rejection::LinkedElsewhere))?;
            let command = Command::LinkProvider { identity, provider: provider.clone(), at: now };
            let decided = transaction.decide::<Person>(&stream, &(), &command);
            if !decided.map_err(|error| error.map_rejection(Rejection::from))?.is_empty() {
                self.tell(Kind::ProviderLinked, &holder, &account, now).queue(transaction, now)?;
            }
            Ok(Bytes::new())
        });
        let done = done.await.map_err(|error| Error::from(error).after_redeeming())?;
        Ok(self.queries.seen(done.position))
    }

    /// Unlinks an identity from the person's account, and ends all sessions.
    pub(crate) async fn unlink_provider(
        &self,
        request: &Request,
        subject: SubjectId,
        id: Uuid,
    ) -> Result<ConsistencyToken, Error> {
        let (home, account) = self.present(subject).await?;
        let holder = Holder { subject, home: home.clone() };
        let identity = account.identities.keys().find(|identity| self.linked_id(subject, **identity) == id);
        let dead = self.dead(&home, subject, &account)?;
        let stream = person_stream(&home, subject);
        let done = self.commands.execute(request, |transaction, now| {
            let Some(identity) = identity.copied() else { return Ok(Bytes::new()) };
            let command = Command::UnlinkProvider { identity, dead: dead.clone(), at: now };
            let decided = transaction.decide::<Person>(&stream, &(), &command);
            if !decided.map_err(|error| error.map_rejection(Rejection::from))?.is_empty() {
                release(transaction, identity, subject)?;
                self.tell(Kind::ProviderUnlinked, &holder, &account, now).queue(transaction, now)?;
            }
            Ok(Bytes::new())
        });
        let done = done.await?;
        self.in_force(done.position).await?;
        Ok(self.queries.seen(done.position))
    }

    async fn present(&self, subject: SubjectId) -> Result<(TenantId, Account), Error> {
        let home = self.home_of(subject).await?.ok_or(Rejection::from(Refused::Unknown))?;
        let stream = person_stream(&home, subject);
        self.commands.warm::<Person>(&stream).await?;
        let account = self.glance(|transaction| match transaction.state::<Person>(&stream)? {
            State::Present(account) => Ok((**account).clone()),
            State::Erased { .. } => Err(CommandError::Rejected(Refused::Erased.into())),
            State::Absent => Err(CommandError::Rejected(Refused::Unknown.into())),
        });
        let account = account.await?;
        Ok((home, account))
    }

    /// The mail that tells the holder of an account of a change that was made at this moment.
    fn tell(&self, kind: Kind, holder: &Holder, account: &Account, at: Timestamp) -> Letter {
        let Holder { subject, home } = holder.clone();
        let to = Recipient { subject, home: home.clone(), language: account.details.language };
        self.mail_about(&home, kind, to, None, &at.as_micros().to_string())
    }

    /// What a linked identity is called in requests.
    fn linked_id(&self, subject: SubjectId, identity: AddressKey) -> Uuid {
        self.installation.derive_id("linked provider", &[&subject.to_string(), &identity.to_hex()])
    }

    /// Identities of an account whose provider is not configured any more.
    fn dead(&self, home: &TenantId, subject: SubjectId, account: &Account) -> Result<BTreeSet<AddressKey>, Error> {
        let mut dead = BTreeSet::new();
        for (identity, linked) in &account.identities {
            let provider = self.open_provider(home, subject, linked)?;
            if provider.is_some_and(|provider| self.providers.name_of(&provider).is_none()) {
                dead.insert(*identity);
            }
        }
        Ok(dead)
    }

    /// The key that a person's boxes are sealed with.
    pub(super) async fn person_key(&self, home: &TenantId, subject: SubjectId) -> Result<Key, Error> {
        match self.keyring.ensure(home, KeyId::person(subject)).await {
            // The account goes at this moment.
            Err(KeyringError::Erased(_)) => Err(Rejection::from(Refused::Erased).into()),
            key => Ok(key?),
        }
    }

    pub(super) fn seal_provider(key: &Key, subject: SubjectId, provider: &str) -> Result<Sealed, Error> {
        Ok(key.seal(&provider_context(subject), provider.as_bytes())?)
    }

    fn open_provider(&self, home: &TenantId, subject: SubjectId, linked: &Identity) -> Result<Option<String>, Error> {
        let Some(sealed) = &linked.provider else { return Ok(None) };
        Ok(open_text(self.keyring.as_ref(), home, &provider_context(subject), sealed)?.content())
    }
}

/// Has an address lead nowhere, if it leads to the person's account.
pub(super) fn release(
    transaction: &mut Transaction<'_>,
    address: AddressKey,
    subject: SubjectId,
) -> Result<(), CommandError<Rejection>> {
    let decided = transaction.decide::<Address>(&address_stream(address), &(), &AddressCommand::Release { subject });
    decided.map(drop).map_err(|error| error.map_rejection(Rejection::from))
}

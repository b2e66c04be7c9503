use allmende_eventlog::{CommandError, Transaction};
use allmende_gateway_domain::address::{Command as AddressCommand, Holder};
use allmende_gateway_domain::person::{self, Details, State as PersonState};
use allmende_gateway_domain::session::{Command, Standing};
use allmende_gateway_domain::{AddressKey, Language};
use allmende_kernel::TenantId;
use allmende_keyring::KeyId;
use allmende_runtime::authorize::AuthorizedTenant;
use bytes::Bytes;

use super::accounts::Email;
use super::glance::confirmed_holder;
use super::register::fresh_subject;
use super::sessions::Begun;
use super::streams::{address_stream, person_stream, session_stream};
use super::{App, PATIENCE};
use crate::error::{Error, Rejection};
use crate::providers::{self, Doubt, Vouched};
use crate::secrets::{ProviderSignIn, Purpose};
use crate::tokens::outside_subject;
use crate::wire::{Address, Person, Session};

/// How often is begun anew because somebody else was faster.
const ATTEMPTS: usize = 3;

impl App {
    /// Identity providers of a tenant: id and name.
    pub(crate) fn sign_in_providers(&self, tenant: &AuthorizedTenant) -> Vec<(String, String)> {
        let providers = self.providers.of_tenant(tenant.id().as_str());
        providers.map(|provider| (provider.id().to_owned(), provider.name().to_owned())).collect()
    }

    /// Begins a sign-in: where the browser goes, and what it keeps.
    pub(crate) async fn begin_provider_sign_in(
        &self,
        tenant: &AuthorizedTenant,
        provider: &str,
    ) -> Result<(String, String), Error> {
        let provider = self.providers.find(tenant.id().as_str(), provider)?;
        let (address, sign_in) = provider.begin(&self.installation, tenant.id(), Purpose::SignIn, self.now()).await?;
        Ok((address, sign_in.text(&self.installation)))
    }

    /// Begins a session for whom the provider vouches for, and makes an account the first time.
    pub(crate) async fn complete_provider_sign_in(
        &self,
        sign_in: &str,
        state: &str,
        code: &str,
        language: Language,
    ) -> Result<Begun, Error> {
        self.takes_commands().await?;
        let (begun, vouched) = self.come_back(Purpose::SignIn, sign_in, state, code).await?;
        self.begin_vouched(&begun, &vouched, language).await.map_err(Error::after_redeeming)
    }

    async fn begin_vouched(
        &self,
        begun: &ProviderSignIn,
        vouched: &Vouched,
        language: Language,
    ) -> Result<Begun, Error> {
        let address = self.vouched_address(vouched);
        let mut held = self.account_at(address).await?.map(|(holder, _)| holder);
        for _ in 0..ATTEMPTS {
            match self.begin_for(begun, address, &mut held, vouched, language).await {
                Err(error) if error.is(&Rejection::Moved) => {}
                other => return other,
            }
        }
        Err(Rejection::Moved.into())
    }

    /// What was begun for this purpose and is completed in time, and whom the provider vouches for.
    pub(super) async fn come_back(
        &self,
        purpose: Purpose,
        kept: &str,
        state: &str,
        code: &str,
    ) -> Result<(ProviderSignIn, Vouched), Error> {
        let begun = ProviderSignIn::parse(&self.installation, kept, self.now());
        let begun = begun.filter(|begun| begun.purpose == purpose && begun.has_state(&self.installation, state));
        let begun = begun.ok_or(providers::Error::Over)?;
        let provider = self.providers.find(begun.tenant.as_str(), &begun.provider)?;
        let vouched = provider.complete(&self.installation, &begun, code, self.now()).await.inspect_err(|error| {
            if let providers::Error::NotBelieved(doubt) = error {
                let provider = provider.id();
                match doubt {
                    // People come back late, or twice.
                    Doubt::Code => tracing::info!(provider, "an identity provider does not know a code"),
                    doubt => tracing::warn!(provider, %doubt, "an identity provider is not believed"),
                }
            }
        })?;
        Ok((begun, vouched))
    }

    /// What a person is looked up by whom somebody outside vouches for: an address in the sense of the domain, of which
    /// there is one in the installation.
    pub(super) fn vouched_address(&self, vouched: &Vouched) -> AddressKey {
        let parts = [vouched.issuer.as_bytes(), vouched.sub.as_bytes()];
        AddressKey::from_bytes(self.installation.keyed_hash("person vouched for elsewhere", &parts))
    }

    /// Begins a session for the account that the address leads to. If it leads elsewhere by now, `held` says where.
    async fn begin_for(
        &self,
        begun: &ProviderSignIn,
        identity: AddressKey,
        held: &mut Option<Holder>,
        vouched: &Vouched,
        language: Language,
    ) -> Result<Begun, Error> {
        let email = vouched.email.as_ref().map(|email| self.address(email));
        let (holder, details) = match held {
            Some(holder) => (holder.clone(), None),
            None => {
                self.glance(|transaction| no_other_account(transaction, email)).await?;
                let (holder, details) = self.new_account(&begun.tenant, identity, vouched, language).await?;
                (holder, Some(details))
            }
        };
        let key = self.person_key(&holder.home, holder.subject).await?;
        let provider = Self::seal_provider(&key, holder.subject, &begun.provider)?;
        let (address, stream) = (address_stream(identity), person_stream(&holder.home, holder.subject));
        let (session, token) = self.fresh_session(&holder.home);
        let mut opened = None;
        let done = self.act(|transaction, now| {
            let leads_to = transaction.state::<Address>(&address)?;
            if leads_to != held {
                held.clone_from(leads_to);
                return Err(CommandError::Rejected(Rejection::Moved));
            }
            if let Some(details) = &details {
                no_other_account(transaction, email)?;
                let take = AddressCommand::Take(holder.clone());
                let decided = transaction.decide::<Address>(&address, &(), &take);
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
                let register = person::Command::Register { details: details.clone(), at: now };
                let decided = transaction.decide::<Person>(&stream, &(), &register);
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
            }
            // Also where it was begun with the identity before providers were kept.
            let link = person::Command::LinkProvider { identity, provider: provider.clone(), at: now };
            let decided = transaction.decide::<Person>(&stream, &(), &link);
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            let PersonState::Present(present) = transaction.state::<Person>(&stream)? else {
                return Err(CommandError::Rejected(person::Rejection::Erased.into()));
            };
            let standing = Standing { sessions_since: Some(present.sessions_since) };
            let level = present.level_vouched(vouched.level);
            let (subject, token, ends_at) = (holder.subject, token.hash, now + self.session);
            let command = Command::Begin { subject, level, token, at: now, ends_at };
            let decided = transaction.decide::<Session>(&session_stream(&holder.home, session), &standing, &command);
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            opened = Some((level, now, ends_at));
            Ok(Bytes::new())
        });
        let done = done.await?;
        if details.is_some() {
            // The next call is to find it.
            self.queries.view().wait_for(done.position, PATIENCE).await?;
        }
        let (level, now, ends_at) = opened.ok_or(Rejection::Moved)?;
        self.begun(holder, session, token, level, now, ends_at)
    }

    /// An account to be made: its holder and what it is made of.
    async fn new_account(
        &self,
        tenant: &TenantId,
        address: AddressKey,
        vouched: &Vouched,
        language: Language,
    ) -> Result<(Holder, Details), Error> {
        // The id that tokens of the same issuer lead to, unless somebody was forgotten under it.
        let known = outside_subject(&self.installation, &vouched.issuer, &vouched.sub);
        let subject = match self.home_of(known).await? {
            None => known,
            Some(_) => fresh_subject(),
        };
        let key = self.keyring.ensure(tenant, KeyId::person(subject)).await?;
        let email = vouched.email.clone().unwrap_or_else(Email::absent);
        let (email, name) = Self::seal_person(&key, subject, &email, vouched.name.as_deref())?;
        let details = Details { email, address, name, password: None, language, code: None, level: vouched.level };
        Ok((Holder { subject, home: tenant.clone() }, details))
    }
}

/// Refuses where the address that a provider has verified leads to an account: its holder is to link the provider.
fn no_other_account(
    transaction: &mut Transaction<'_>,
    email: Option<AddressKey>,
) -> Result<(), CommandError<Rejection>> {
    let Some(email) = email else { return Ok(()) };
    match confirmed_holder(transaction, email)? {
        Some(_) => Err(CommandError::Rejected(Rejection::EmailHasAccount)),
        None => Ok(()),
    }
}

use allmende_eventlog::CommandError;
use allmende_gateway_domain::address::{Command as AddressCommand, Holder};
use allmende_gateway_domain::person::{self, Details, State as PersonState};
use allmende_gateway_domain::session::{Command, Standing};
use allmende_gateway_domain::{AddressKey, Language};
use allmende_kernel::TenantId;
use allmende_keyring::KeyId;
use allmende_runtime::authorize::AuthorizedTenant;
use bytes::Bytes;

use super::accounts::Email;
use super::register::fresh_subject;
use super::sessions::Begun;
use super::streams::{address_stream, person_stream, session_stream};
use super::{App, PATIENCE};
use crate::error::{Error, Rejection};
use crate::providers::{self, Doubt, Vouched};
use crate::secrets::ProviderSignIn;
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
        let (address, sign_in) = provider.begin(&self.installation, tenant.id(), self.now()).await?;
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
        let begun = ProviderSignIn::parse(&self.installation, sign_in, self.now());
        let begun = begun.filter(|begun| begun.has_state(&self.installation, state)).ok_or(providers::Error::Over)?;
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
        let address = self.vouched_address(&vouched);
        let mut held = self.account_at(address).await?.map(|(holder, _)| holder);
        for _ in 0..ATTEMPTS {
            match self.begin_for(&begun.tenant, address, &mut held, &vouched, language).await {
                // Whose id a new account would get is looked up as well, and that must not be older.
                Err(error) if error.is(&Rejection::Moved) => self.queries.view().catch_up(PATIENCE).await?,
                other => return other,
            }
        }
        Err(Rejection::Moved.into())
    }

    /// What a person is looked up by whom somebody outside vouches for: an address in the sense of the domain, of which
    /// there is one in the installation.
    fn vouched_address(&self, vouched: &Vouched) -> AddressKey {
        let parts = [vouched.issuer.as_bytes(), vouched.sub.as_bytes()];
        AddressKey::from_bytes(self.installation.keyed_hash("person vouched for elsewhere", &parts))
    }

    /// Begins a session for the account that the address leads to. If it leads elsewhere by now, `held` says where.
    async fn begin_for(
        &self,
        tenant: &TenantId,
        address: AddressKey,
        held: &mut Option<Holder>,
        vouched: &Vouched,
        language: Language,
    ) -> Result<Begun, Error> {
        let (holder, details) = match held {
            Some(holder) => (holder.clone(), None),
            None => {
                let (holder, details) = self.new_account(tenant, address, vouched, language).await?;
                (holder, Some(details))
            }
        };
        let (address, stream) = (address_stream(address), person_stream(&holder.home, holder.subject));
        let (session, token) = self.fresh_session(&holder.home);
        let mut begun = None;
        let done = self.act(|transaction, now| {
            let leads_to = transaction.state::<Address>(&address)?;
            if leads_to != held {
                held.clone_from(leads_to);
                return Err(CommandError::Rejected(Rejection::Moved));
            }
            if let Some(details) = &details {
                let take = AddressCommand::Take(holder.clone());
                let decided = transaction.decide::<Address>(&address, &(), &take);
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
                let register = person::Command::Register { details: details.clone(), at: now };
                let decided = transaction.decide::<Person>(&stream, &(), &register);
                decided.map_err(|error| error.map_rejection(Rejection::from))?;
            }
            let PersonState::Present(present) = transaction.state::<Person>(&stream)? else {
                return Err(CommandError::Rejected(person::Rejection::Erased.into()));
            };
            let standing = Standing { sessions_since: Some(present.sessions_since) };
            let (subject, level, token, ends_at) = (holder.subject, vouched.level, token.hash, now + self.session);
            let command = Command::Begin { subject, level, token, at: now, ends_at };
            let decided = transaction.decide::<Session>(&session_stream(&holder.home, session), &standing, &command);
            decided.map_err(|error| error.map_rejection(Rejection::from))?;
            begun = Some((now, ends_at));
            Ok(Bytes::new())
        });
        let done = done.await?;
        if details.is_some() {
            // The next call is to find it.
            self.queries.view().wait_for(done.position, PATIENCE).await?;
        }
        let (now, ends_at) = begun.ok_or(Rejection::Moved)?;
        self.begun(holder, session, token, vouched.level, now, ends_at)
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
        let subject = match self.look_up(move |reader| Ok(reader.home(known)?)).await? {
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

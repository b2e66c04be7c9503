use std::collections::BTreeMap;

use allmende_kernel::{Level, TenantId, Timestamp};
use allmende_runtime::installation::Installation;
use form_urlencoded::Serializer;
use jsonwebtoken::decode_header;
use tokio::sync::Semaphore;

use super::claims::{Claims, Expected};
use super::config::{Provider as Config, ProvidersError};
use super::fetch::Fetch;
use super::key_set::KeySet;
use super::metadata::Discovery;
use super::{Doubt, Error, RETURN_PATH};
use crate::app::Email;
use crate::secrets::{ProviderSignIn, Purpose};
use crate::tokens::level_of;

/// Codes that are exchanged at once; further sign-ins are turned away.
const AT_ONCE: usize = 32;
const MAX_NAME: usize = 100;

/// An identity provider.
pub(crate) struct Provider {
    pub(super) config: Config,
    pub(super) secret: Option<String>,
    level: Level,
    levels: BTreeMap<String, Level>,
    pub(super) redirect_uri: String,
    pub(super) fetch: Fetch,
    discovery: Discovery,
    keys: KeySet,
    exchanges: Semaphore,
}

/// Whom a provider vouches for.
#[derive(Debug, Clone)]
pub(crate) struct Vouched {
    pub(crate) issuer: String,
    /// What the issuer calls the person.
    pub(crate) sub: String,
    pub(crate) level: Level,
    /// Where they read mail, as far as the provider has verified it.
    pub(crate) email: Option<Email>,
    pub(crate) name: Option<String>,
}

impl Provider {
    pub(super) fn open(config: &Config, public_url: &str) -> Result<Self, ProvidersError> {
        let id = &config.id;
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=32).contains(&id.len()) || !id.bytes().all(fits) {
            return Err(ProvidersError::Id(id.clone()));
        }
        for (field, value) in [("name", &config.name), ("issuer", &config.issuer), ("client_id", &config.client_id)] {
            if value.is_empty() {
                return Err(ProvidersError::Empty { id: id.clone(), field });
            }
        }
        if !Fetch::may_ask(&config.issuer) {
            return Err(ProvidersError::Issuer(id.clone()));
        }
        let level = |text: &str| match text {
            "" => Ok(Level::None),
            text => level_of(text).ok_or_else(|| ProvidersError::Level(text.to_owned())),
        };
        let secret = match &config.client_secret_file {
            Some(path) => {
                let read = std::fs::read_to_string(path);
                let secret = read.map_err(|source| ProvidersError::File { path: path.clone(), source })?;
                Some(secret.trim().to_owned()).filter(|secret| !secret.is_empty())
            }
            None => None,
        };
        if config.client_secret_file.is_some() && secret.is_none() {
            return Err(ProvidersError::Empty { id: id.clone(), field: "client_secret_file" });
        }
        let levels = config.levels.iter().map(|(value, text)| Ok((value.clone(), level(text)?)));
        Ok(Self {
            level: level(&config.level)?,
            levels: levels.collect::<Result<_, ProvidersError>>()?,
            secret,
            redirect_uri: format!("{}{RETURN_PATH}", public_url.trim_end_matches('/')),
            fetch: Fetch::new(&format!("identity provider {id}"), config.ca_file.as_deref(), &config.proxy)?,
            discovery: Discovery::default(),
            keys: KeySet::default(),
            exchanges: Semaphore::new(AT_ONCE),
            config: config.clone(),
        })
    }

    pub(crate) fn id(&self) -> &str {
        &self.config.id
    }

    /// What people know it by.
    pub(crate) fn name(&self) -> &str {
        &self.config.name
    }

    pub(super) fn serves(&self, tenant: &str) -> bool {
        self.config.tenants.is_empty() || self.config.tenants.iter().any(|served| served == tenant)
    }

    /// Where a person's browser goes to begin a sign-in, and what it keeps of it.
    pub(crate) async fn begin(
        &self,
        installation: &Installation,
        tenant: &TenantId,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<(String, ProviderSignIn), Error> {
        let metadata = self.discovery.get(&self.fetch, &self.config.issuer, now).await?;
        let sign_in = ProviderSignIn::fresh(tenant, self.id(), purpose, now);
        let scopes: Vec<&str> = std::iter::once("openid")
            .chain(self.config.scopes.iter().map(String::as_str).filter(|scope| *scope != "openid"))
            .collect();
        let mut query = Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", &sign_in.state(installation))
            .append_pair("nonce", &sign_in.nonce(installation))
            .append_pair("code_challenge", &sign_in.challenge(installation))
            .append_pair("code_challenge_method", "S256");
        if !self.config.acr_values.is_empty() {
            query.append_pair("acr_values", &self.config.acr_values);
        }
        let endpoint = &metadata.authorization_endpoint;
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        Ok((format!("{endpoint}{joint}{}", query.finish()), sign_in))
    }

    /// Whom the provider vouches for with a code that it gave out in this sign-in.
    pub(crate) async fn complete(
        &self,
        installation: &Installation,
        sign_in: &ProviderSignIn,
        code: &str,
        now: Timestamp,
    ) -> Result<Vouched, Error> {
        let _permit = self.exchanges.try_acquire().map_err(|_| Error::Away)?;
        let metadata = self.discovery.get(&self.fetch, &self.config.issuer, now).await?;
        let token = self.exchange(&metadata, code, &sign_in.verifier(installation)).await?;
        let header = decode_header(&token).map_err(|_| Error::NotBelieved(Doubt::Token))?;
        let key = match self.keys.find(&header) {
            Some(key) => key,
            None => {
                if let Err(error) = self.keys.fetch(&self.fetch, &metadata.jwks_uri, now).await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        provider = self.id(),
                        "an identity provider's keys cannot be read"
                    );
                    return Err(Error::Away);
                }
                self.keys.find(&header).ok_or(Error::NotBelieved(Doubt::Key))?
            }
        };
        let nonce = sign_in.nonce(installation);
        let (issuer, client_id) = (&self.config.issuer, &self.config.client_id);
        let expected = Expected { issuer, client_id, nonce: &nonce, now };
        let claims = Claims::read(&token, &header, &key, &expected).map_err(Error::NotBelieved)?;
        Ok(self.vouched(&claims))
    }

    fn vouched(&self, claims: &Claims) -> Vouched {
        let level_claim = if self.config.level_claim.is_empty() { "acr" } else { &self.config.level_claim };
        let level = claims.text(level_claim).and_then(|value| self.levels.get(value)).copied().unwrap_or(self.level);
        let verified = self.config.trust_email || claims.is_true("email_verified");
        let email = claims.text("email").filter(|_| verified).and_then(Email::parse);
        let name = claims
            .text("name")
            .map(str::trim)
            .filter(|name| (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control));
        Vouched {
            issuer: self.config.issuer.clone(),
            sub: claims.text("sub").unwrap_or_default().to_owned(),
            level: if email.is_some() { level.max(Level::Email) } else { level },
            email,
            name: name.map(str::to_owned),
        }
    }
}

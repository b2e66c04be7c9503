//! Sign-in with identity providers outside: OpenID Connect Core 1.0, the authorisation code flow with PKCE (RFC 7636).
//!
//! Nothing is kept between beginning and completing a sign-in: what the browser keeps is a random number under the
//! installation's tag, and state, nonce and verifier follow from it and the installation's key. What a provider says is
//! read from its discovery document and its ID tokens, which are checked against its keys by our own clock.

mod claims;
mod config;
mod exchange;
mod fetch;
mod key_set;
mod metadata;
mod provider;
mod proxy;

use std::sync::Arc;

pub use config::{Provider as ProviderConfig, ProvidersError};
pub(crate) use fetch::{Fetch, FetchError};
pub(crate) use key_set::{KeySet, Unread};
pub(crate) use provider::{Provider, Vouched};

/// The most providers that an installation has.
const MAX_PROVIDERS: usize = 20;
/// Where providers send people back to, below the address of the platform.
pub(crate) const RETURN_PATH: &str = "/.well-known/allmende/sign-in";

/// Why a sign-in with a provider does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// There is none of this name for the tenant.
    #[error("there is no such identity provider")]
    Unknown,
    /// It was not begun here, or too long ago.
    #[error("the sign-in was not begun here, or too long ago")]
    Over,
    /// What the provider tells does not hold.
    #[error("what the identity provider tells is not to be believed: {0}")]
    NotBelieved(Doubt),
    /// The provider does not answer as it should.
    #[error("the identity provider does not answer")]
    Away,
}

/// What does not hold, for the operator's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Doubt {
    #[error("the code is not good")]
    Code,
    #[error("there is no token, or it is none")]
    Token,
    #[error("the token's key is unknown")]
    Key,
    #[error("signature, issuer or audience are wrong")]
    Signature,
    #[error("the token is for another party")]
    Party,
    #[error("the token is too old, or from the future")]
    Time,
    #[error("the token belongs to another sign-in")]
    Nonce,
}

/// The providers of the installation.
#[derive(Default)]
pub(crate) struct Providers(Vec<Arc<Provider>>);

impl Providers {
    /// `public_url` is where people reach the platform.
    pub(crate) fn open(configs: &[ProviderConfig], public_url: &str) -> Result<Self, ProvidersError> {
        if configs.len() > MAX_PROVIDERS {
            return Err(ProvidersError::TooMany);
        }
        let mut providers: Vec<Arc<Provider>> = Vec::new();
        for config in configs {
            if providers.iter().any(|other| other.id() == config.id) {
                return Err(ProvidersError::Twice(config.id.clone()));
            }
            providers.push(Arc::new(Provider::open(config, public_url)?));
        }
        Ok(Self(providers))
    }

    /// Those that people of a tenant can sign in with.
    pub(crate) fn of_tenant(&self, tenant: &str) -> impl Iterator<Item = &Arc<Provider>> {
        self.0.iter().filter(move |provider| provider.serves(tenant))
    }

    /// What people know a provider by, whomever it is for.
    pub(crate) fn name_of(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|provider| provider.id() == id).map(|provider| provider.name())
    }

    /// One of them.
    pub(crate) fn find(&self, tenant: &str, id: &str) -> Result<&Arc<Provider>, Error> {
        self.of_tenant(tenant).find(|provider| provider.id() == id).ok_or(Error::Unknown)
    }
}

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// An identity provider that people can sign in with. At the provider, `{mail.public_url}/.well-known/allmende/sign-in`
/// is to be registered as the address to send people back to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Provider {
    /// Its name in addresses: small letters, digits and hyphens. It stays, also when the provider moves.
    pub id: String,
    /// What people know it by, as the sign-in page shows it.
    pub name: String,
    /// Its issuer identifier; `{issuer}/.well-known/openid-configuration` is its discovery document.
    pub issuer: String,
    /// What it knows this platform by.
    pub client_id: String,
    /// File with the secret that goes with it; without one, PKCE alone protects the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret_file: Option<PathBuf>,
    /// What is asked for beside `openid`. Without `email`, new accounts get no mail.
    pub scopes: Vec<String>,
    /// Level of assurance that is asked for (`acr_values`); empty: none.
    pub acr_values: String,
    /// The claim that tells how surely the person was known; empty: `acr`.
    pub level_claim: String,
    /// Levels by the value of that claim: `none`, `email`, `substantial` or `high`.
    pub levels: BTreeMap<String, String>,
    /// The level for all other values; empty: `none`. With an address that the provider has verified it is at least
    /// `email`.
    pub level: String,
    /// Whether its word on addresses is taken also where it does not say that it has verified them.
    pub trust_email: bool,
    /// Tenants whose people sign in with it; empty: all.
    pub tenants: Vec<String>,
    /// File with certificates (PEM) of authorities that its own is checked against, instead of the public ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// Address of an HTTP proxy that it is asked through (`http://proxy.example:3128`); empty: none.
    pub proxy: String,
}

/// Why an identity provider cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ProvidersError {
    /// More than the sign-in page can show.
    #[error("there are more than 20 identity providers")]
    TooMany,
    /// Two of one name.
    #[error("there are two identity providers of the name {0:?}")]
    Twice(String),
    /// A name that is none.
    #[error("{0:?} is no name of 1 to 32 small letters, digits and hyphens")]
    Id(String),
    /// Something that is needed is missing.
    #[error("identity provider {id}: {field} is empty")]
    Empty {
        /// Which provider.
        id: String,
        /// Which setting.
        field: &'static str,
    },
    /// Neither https nor on this machine.
    #[error("identity provider {0}: the issuer must begin with https://")]
    Issuer(String),
    /// An address that no proxy has. It is not said, for it may hold a password.
    #[error("{0}: proxy must be like http://proxy.example:3128, without a password")]
    Proxy(String),
    /// A level that there is not.
    #[error("{0:?} is none of the levels none, email, substantial, high")]
    Level(String),
    /// A file cannot be read.
    #[error("cannot read {path}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Certificates that are none.
    #[error("{0} holds no certificates that can be used")]
    Certificates(PathBuf),
}

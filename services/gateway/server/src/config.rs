use serde::{Deserialize, Serialize};

use crate::providers::ProviderConfig;
use crate::tokens::OutsideIssuer;
use crate::{http, mail};

/// What can be set of gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What access tokens name as their issuer.
    pub issuer: String,
    /// How long an access token is good, in seconds: at most 3,600.
    pub access_token_s: u32,
    /// How long a session may go on, in hours.
    pub session_h: u32,
    /// Issuers outside whose tokens are believed.
    pub issuers: Vec<OutsideIssuer>,
    /// Identity providers that people can sign in with (OpenID Connect).
    pub providers: Vec<ProviderConfig>,
    /// The HTTP port.
    pub http: http::Config,
    /// How mail goes out.
    pub mail: mail::Config,
    /// Memory for the log's index, in MiB.
    pub index_cache_mib: u64,
    /// Memory for what is read, in MiB.
    pub view_cache_mib: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            issuer: "allmende".to_owned(),
            access_token_s: 900,
            session_h: 24 * 14,
            issuers: Vec::new(),
            providers: Vec::new(),
            http: http::Config::default(),
            mail: mail::Config::default(),
            index_cache_mib: 8,
            view_cache_mib: 8,
        }
    }
}

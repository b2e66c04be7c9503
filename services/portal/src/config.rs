use std::fmt;

use serde::{Deserialize, Serialize};

/// What can be set of the portal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where people reach it, e.g. `https://mitmachen.example.de`. Forms must come from there, and cookies are sent
    /// over TLS only if it begins with https. Empty: forms must come from the host that they are sent to.
    pub public_url: String,
    /// How long a page waits for an answer of a service, in seconds.
    pub call_timeout_s: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { public_url: String::new(), call_timeout_s: 10 }
    }
}

impl Config {
    /// Whether people reach the portal over TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The origin that forms come from, if it was set.
    pub(crate) fn origin(&self) -> Option<&str> {
        let url = self.public_url.trim_end_matches('/');
        (!url.is_empty()).then_some(url)
    }
}

/// The key that forms are bound to a visit with. The same on every replica, e.g. a keyed hash of the installation's.
#[derive(Clone)]
pub struct FormKey([u8; 32]);

impl FormKey {
    /// A key of these bytes.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for FormKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FormKey(***)")
    }
}

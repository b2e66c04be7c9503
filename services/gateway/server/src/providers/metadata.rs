use std::sync::Arc;

use allmende_kernel::{Duration, Timestamp};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::Error;
use super::fetch::Fetch;

/// How long a discovery document is not read again.
const GOOD_FOR: Duration = Duration::from_secs(3_600);
/// How long a provider that did not answer is not asked again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// What a provider says of itself (OpenID Connect Discovery 1.0, section 3).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Metadata {
    fn parse(json: &[u8], issuer: &str) -> Option<Self> {
        let metadata: Self = serde_json::from_slice(json).ok()?;
        let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        let right = metadata.issuer == issuer && endpoints.into_iter().all(|endpoint| Fetch::may_ask(endpoint));
        right.then_some(metadata)
    }

    /// Whether the client's secret goes into the form, where it does not go into a header.
    pub(super) fn takes_secret_in_form(&self) -> bool {
        self.token_endpoint_auth_methods_supported.as_ref().is_some_and(|methods| {
            let has = |wanted: &str| methods.iter().any(|method| method == wanted);
            has("client_secret_post") && !has("client_secret_basic")
        })
    }
}

/// A provider's discovery document, as it was read last.
#[derive(Default)]
pub(super) struct Discovery(Mutex<Known>);

#[derive(Default)]
struct Known {
    read: Option<(Arc<Metadata>, Timestamp)>,
    failed_at: Option<Timestamp>,
}

impl Discovery {
    /// Reads it if that was long ago. The one before counts on while the provider does not answer.
    pub(super) async fn get(&self, fetch: &Fetch, issuer: &str, now: Timestamp) -> Result<Arc<Metadata>, Error> {
        let lately = |at: Timestamp, span: Duration| now >= at && now.since(at) < span;
        // Whoever comes while it is being read waits for it.
        let mut known = self.0.lock().await;
        let before = known.read.as_ref().map(|(metadata, _)| Arc::clone(metadata));
        if let Some((metadata, at)) = &known.read
            && lately(*at, GOOD_FOR)
        {
            return Ok(Arc::clone(metadata));
        }
        if known.failed_at.is_some_and(|at| lately(at, AFTER_FAILURE)) {
            return before.ok_or(Error::Away);
        }
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let problem: &dyn std::error::Error = match fetch.get(&address).await {
            Ok(json) => match Metadata::parse(&json, issuer) {
                Some(metadata) => {
                    let metadata = Arc::new(metadata);
                    *known = Known { read: Some((Arc::clone(&metadata), now)), failed_at: None };
                    return Ok(metadata);
                }
                None => &Unusable,
            },
            Err(error) => &{ error },
        };
        tracing::warn!(error = problem, issuer, "an identity provider's discovery document cannot be read");
        known.failed_at = Some(now);
        before.ok_or(Error::Away)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("it is none, of another issuer, or with addresses that are not safe")]
struct Unusable;

#[cfg(test)]
mod tests {
    use super::*;

    fn json(issuer: &str, token: &str, methods: &str) -> String {
        format!(
            r#"{{"issuer":"{issuer}","authorization_endpoint":"https://id.example/a","token_endpoint":"{token}",
            "jwks_uri":"https://id.example/k"{methods}}}"#
        )
    }

    #[test]
    fn a_document_is_of_its_issuer_and_safe() {
        let read = |json: &str| Metadata::parse(json.as_bytes(), "https://id.example");
        let good = json("https://id.example", "https://id.example/t", "");
        assert!(!read(&good).unwrap().takes_secret_in_form());
        let post = r#","token_endpoint_auth_methods_supported":["client_secret_post"]"#;
        assert!(read(&json("https://id.example", "https://id.example/t", post)).unwrap().takes_secret_in_form());
        assert_eq!(read(&json("https://other.example", "https://id.example/t", "")), None);
        assert_eq!(read(&json("https://id.example", "http://id.example/t", "")), None);
        assert_eq!(read("{}"), None);
    }
}

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use form_urlencoded::{Serializer, byte_serialize};
use http::StatusCode;
use serde::Deserialize;

use super::metadata::Metadata;
use super::provider::Provider;
use super::{Doubt, Error};

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

impl Provider {
    /// The ID token for a code (RFC 6749, section 4.1.3). What else the provider gives is not used.
    pub(super) async fn exchange(&self, metadata: &Metadata, code: &str, verifier: &str) -> Result<String, Error> {
        let (form, authorization) = self.form(metadata, code, verifier);
        let answer = self.fetch.post(&metadata.token_endpoint, form, authorization).await.map_err(|error| {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                provider = self.id(),
                "an identity provider does not exchange codes"
            );
            Error::Away
        })?;
        match answer.status {
            StatusCode::OK => {
                let tokens = serde_json::from_slice::<Tokens>(&answer.body);
                tokens.map(|tokens| tokens.id_token).map_err(|_| Error::NotBelieved(Doubt::Token))
            }
            StatusCode::BAD_REQUEST => Err(Error::NotBelieved(Doubt::Code)),
            status => {
                // 401 and 403 say that the client is not configured as the provider wants it.
                tracing::error!(%status, provider = self.id(), "an identity provider exchanges no codes with us");
                Err(Error::Away)
            }
        }
    }

    /// The form, and what shows who sends it where that is not in the form.
    fn form(&self, metadata: &Metadata, code: &str, verifier: &str) -> (String, Option<String>) {
        let client_id = &self.config.client_id;
        let mut form = Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("code_verifier", verifier);
        match &self.secret {
            Some(secret) if !metadata.takes_secret_in_form() => (form.finish(), Some(basic(client_id, secret))),
            secret => {
                form.append_pair("client_id", client_id);
                if let Some(secret) = secret {
                    form.append_pair("client_secret", secret);
                }
                (form.finish(), None)
            }
        }
    }
}

/// RFC 6749, section 2.3.1: both parts are encoded as in forms.
fn basic(client_id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(secret))))
}

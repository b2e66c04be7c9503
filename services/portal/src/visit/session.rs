//! The reader's session: continued when its access token ends, over when the gateway says so.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use allmende_proto::gateway::v1::{self as gateway, GetMeRequest, GetMeResponse, RefreshRequest};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::{Code, Status};

use super::Visit;
use super::cookies::{self, Cookie};
use crate::api::Api;
use crate::forms;

/// An access token is changed for the next one this long before its end.
const EARLY_S: i64 = 20;

/// What a request's cookies say about who asks.
#[derive(Debug, Default)]
pub(super) struct Session {
    pub(super) bearer: Option<MetadataValue<Ascii>>,
    /// Cookies to be changed.
    pub(super) cookies: Vec<HeaderValue>,
    /// There was one, and it is over.
    pub(super) has_ended: bool,
}

impl Session {
    fn ended() -> Self {
        Self { has_ended: true, ..Self::default() }
    }

    /// Reads the cookies and continues the session if its access token has ended.
    pub(super) async fn of(api: &Api, headers: &HeaderMap, https: bool) -> Result<Self, Status> {
        let access = Cookie::Access.read(headers);
        let refresh = Cookie::Refresh.read(headers);
        match (access, refresh) {
            (None, None) => Ok(Self::default()),
            (Some(access), _) if !ends_soon(access) => Ok(Self { bearer: bearer(access), ..Self::default() }),
            (_, None) => Ok(Self::ended()),
            (_, Some(refresh)) => {
                let mut request = tonic::Request::new(RefreshRequest { refresh_token: refresh.to_owned() });
                request.set_timeout(api.timeout());
                match api.identity().refresh(request).await {
                    Ok(answer) => Ok(answer.into_inner().session.map_or_else(Self::default, |session| Self {
                        bearer: bearer(&session.access_token),
                        cookies: cookies::continue_session(&session, https),
                        has_ended: false,
                    })),
                    Err(status) if matches!(status.code(), Code::Unauthenticated | Code::InvalidArgument) => {
                        Ok(Self::ended())
                    }
                    Err(status) => Err(status),
                }
            }
        }
    }

    /// Who asks. A token that is good no more makes a visitor.
    pub(super) async fn person(&mut self, api: &Api) -> Result<Option<GetMeResponse>, Status> {
        let Some(bearer) = self.bearer.clone() else { return Ok(None) };
        let mut request = tonic::Request::new(GetMeRequest { consistency_token: String::new() });
        request.set_timeout(api.timeout());
        request.metadata_mut().insert("authorization", bearer);
        match api.identity().get_me(request).await {
            Ok(answer) => Ok(Some(answer.into_inner())),
            Err(status) if matches!(status.code(), Code::Unauthenticated | Code::PermissionDenied) => {
                *self = Self::ended();
                Ok(None)
            }
            Err(status) => Err(status),
        }
    }
}

impl Visit {
    /// The same request, by who has just signed in with it: for the page that answers it, whose forms are of the visit
    /// that begins with the session.
    pub(crate) async fn signed_in(&self, session: &gateway::Session, visit: &str) -> Result<Self, Status> {
        let mut begun = Session { bearer: bearer(&session.access_token), ..Session::default() };
        let person = begun.person(&self.api).await?;
        let csrf = forms::token(&self.key, visit);
        Ok(Self { person, csrf, bearer: begun.bearer, kept: OnceLock::new(), ..self.clone() })
    }
}

/// The refresh token of a request, to end its session with.
pub(crate) fn refresh_token(headers: &HeaderMap) -> String {
    Cookie::Refresh.read(headers).unwrap_or_default().to_owned()
}

pub(super) fn now_s() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}

fn bearer(token: &str) -> Option<MetadataValue<Ascii>> {
    format!("Bearer {token}").parse().ok()
}

#[derive(Deserialize)]
struct Claims {
    exp: Option<i64>,
}

/// Whether a token says of itself that it ends about now. Only a hint of when to ask for the next one: whether it is
/// good is decided where it is shown. What is no JWT (the operator's token) says nothing.
fn ends_soon(token: &str) -> bool {
    let payload = token.split('.').nth(1).and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
    let claims = payload.and_then(|payload| serde_json::from_slice::<Claims>(&payload).ok());
    claims.and_then(|claims| claims.exp).is_some_and(|end| end <= now_s() + EARLY_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_its_end() {
        let token = |claims: &str| format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims));
        assert!(ends_soon(&token(r#"{"exp":1}"#)));
        assert!(!ends_soon(&token(r#"{"exp":99999999999}"#)));
        assert!(!ends_soon("opaque") && !ends_soon(&token("not json")));
    }
}

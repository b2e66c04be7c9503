//! Signing in with an identity provider: the way there, and back.

use allmende_proto::gateway::v1::{
    BeginProviderSignInRequest, CompleteProviderSignInRequest, GetSignInProvidersRequest, Language as Written,
};
use axum::Extension;
use axum::extract::Path;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use tonic::Code;

use super::sign_in::page;
use crate::failure::Failure;
use crate::pages::Outcome;
use crate::view::{Links, Notice};
use crate::visit::{Visit, Visiting, begin_provider, begin_session, end_provider, fresh_visit, provider_sign_in};
use crate::words::{self, Language};

/// The ways to sign in with a provider of the tenant, if there are any. Without an answer there are none: a password
/// is asked for all the same.
pub(in crate::pages) async fn ways(visit: &Visit, onward: &str) -> Option<Links> {
    let request = GetSignInProvidersRequest { tenant: visit.of_tenant() };
    let answer = visit.api.identity().get_sign_in_providers(visit.ask(request)).await;
    let providers = answer.inspect_err(|status| tracing::warn!(code = ?status.code(), "no identity provider is shown"));
    let onward = Some(onward).filter(|onward| visit.is_own_page(onward));
    let onward = onward.map(|onward| format!("?weiter={onward}")).unwrap_or_default();
    let way = |provider: allmende_proto::gateway::v1::SignInProvider| {
        let label = words::fill(visit.m.sign_in_with, &[&words::clean(&provider.name)]);
        (visit.to(&format!("/konto/anmelden/mit/{}{onward}", provider.provider)), label)
    };
    Links::buttons(providers.ok()?.into_inner().providers.into_iter().map(way).collect())
}

/// Leads to the provider.
pub(crate) async fn begin(Extension(visit): Visiting, Path((_, provider)): Path<(String, String)>) -> Outcome {
    visit.tenant.as_ref().ok_or(Failure::NotFound)?;
    let request = BeginProviderSignInRequest { tenant: visit.of_tenant(), provider };
    match visit.api.identity().begin_provider_sign_in(visit.ask(request)).await {
        Ok(answer) => {
            let begun = answer.into_inner();
            let onward = Some(visit.query("weiter")).filter(|onward| visit.is_own_page(onward)).unwrap_or_default();
            let mut response = Redirect::to(&begun.authorization_url).into_response();
            response.headers_mut().extend(begin_provider(&begun.sign_in, onward, visit.https).map(set));
            Ok(response)
        }
        Err(status) if status.code() == Code::NotFound => Err(Failure::NotFound),
        Err(status) => Ok(turned_away(&visit, &words::reason(&status, visit.language), status.code()).await),
    }
}

/// Comes back from the provider: begins a session, and leads to where the sign-in was asked for.
pub(crate) async fn back(Extension(visit): Visiting, headers: HeaderMap) -> Outcome {
    visit.tenant.as_ref().ok_or(Failure::NotFound)?;
    let m = visit.m;
    let (state, code) = (visit.query("state").to_owned(), visit.query("code").to_owned());
    let mut response = match provider_sign_in(&headers) {
        // The provider says so, or the person, who went away from its page.
        _ if !visit.query("error").is_empty() => {
            turned_away(&visit, m.sign_in_cancelled, Code::FailedPrecondition).await
        }
        Some((sign_in, onward)) if !state.is_empty() && !code.is_empty() => {
            let language = match visit.language {
                Language::German => Written::De,
                Language::English => Written::En,
            };
            let request = CompleteProviderSignInRequest { sign_in, state, code, language: language.into() };
            match visit.api.identity().complete_provider_sign_in(visit.ask(request)).await {
                Ok(answer) => {
                    let session = answer.into_inner().session.ok_or(Failure::NotFound)?;
                    let to = if visit.is_own_page(&onward) { onward } else { visit.to("") };
                    let mut response = Redirect::to(&to).into_response();
                    response
                        .headers_mut()
                        .extend(begin_session(&session, "", &fresh_visit(), visit.https).into_iter().map(set));
                    response
                }
                Err(status) => turned_away(&visit, &words::reason(&status, visit.language), status.code()).await,
            }
        }
        _ => turned_away(&visit, m.sign_in_over, Code::FailedPrecondition).await,
    };
    response.headers_mut().extend(end_provider(visit.https).map(set));
    Ok(response)
}

/// The sign-in page, and why it is shown again.
async fn turned_away(visit: &Visit, text: &str, code: Code) -> Response {
    let status = match code {
        Code::Unavailable | Code::DeadlineExceeded => StatusCode::SERVICE_UNAVAILABLE,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    page(visit, super::sign_in::form(visit), Some(Notice::warning(text))).await.status(status).respond(visit)
}

fn set(cookie: axum::http::HeaderValue) -> (axum::http::HeaderName, axum::http::HeaderValue) {
    (SET_COOKIE, cookie)
}

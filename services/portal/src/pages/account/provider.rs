//! Signing in with an identity provider: the way there, and back.

use allmende_proto::gateway::v1::{
    BeginProviderSignInRequest, CompleteProviderSignInRequest, GetSignInProvidersRequest, Language as Written,
    SignInProvider,
};
use axum::Extension;
use axum::extract::Path;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use tonic::Code;

use super::sign_in::{fields, form, page};
use crate::failure::Failure;
use crate::pages::Outcome;
use crate::view::{Links, Notice};
use crate::visit::{Visit, Visiting, begin_provider, begin_session, end_provider, fresh_visit, provider_sign_in};
use crate::words::{self, Language};

/// The providers of the tenant. Without an answer there are none: a password is asked for all the same.
pub(super) async fn of_tenant(visit: &Visit) -> Vec<SignInProvider> {
    let request = GetSignInProvidersRequest { tenant: visit.of_tenant() };
    let answer = visit.api.identity().get_sign_in_providers(visit.ask(request)).await;
    let answer = answer.inspect_err(|status| tracing::warn!(code = ?status.code(), "no identity provider is shown"));
    answer.map(|answer| answer.into_inner().providers).unwrap_or_default()
}

/// The ways to sign in with a provider of the tenant, if there are any.
pub(in crate::pages) async fn ways(visit: &Visit, onward: &str) -> Option<Links> {
    let onward = Some(onward).filter(|onward| visit.is_own_page(onward));
    let onward = onward.map(|onward| format!("?weiter={onward}")).unwrap_or_default();
    let way = |provider: SignInProvider| {
        let label = words::fill(visit.m.sign_in_with, &[&words::clean(&provider.name)]);
        (visit.to(&format!("/konto/anmelden/mit/{}{onward}", provider.provider)), label)
    };
    Links::buttons(of_tenant(visit).await.into_iter().map(way).collect())
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
                Err(status) => {
                    // Who is told to link the provider comes to where that is done.
                    let form = match words::is_reason(&status, "EMAIL_HAS_ACCOUNT") {
                        true => fields(&visit).hidden("weiter", visit.to("/konto/anmeldewege")),
                        false => form(&visit),
                    };
                    let text = words::reason(&status, visit.language);
                    let page = page(&visit, form, Some(Notice::warning(&text))).await;
                    page.status(status_of(status.code())).respond(&visit)
                }
            }
        }
        _ => turned_away(&visit, m.sign_in_over, Code::FailedPrecondition).await,
    };
    response.headers_mut().extend(end_provider(visit.https).map(set));
    Ok(response)
}

/// The sign-in page, and why it is shown again.
async fn turned_away(visit: &Visit, text: &str, code: Code) -> Response {
    page(visit, form(visit), Some(Notice::warning(text))).await.status(status_of(code)).respond(visit)
}

/// The status of a page that tells why it did not go on.
pub(super) fn status_of(code: Code) -> StatusCode {
    match code {
        Code::Unavailable | Code::DeadlineExceeded => StatusCode::SERVICE_UNAVAILABLE,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

pub(super) fn set(cookie: axum::http::HeaderValue) -> (axum::http::HeaderName, axum::http::HeaderValue) {
    (SET_COOKIE, cookie)
}

use allmende_proto::gateway::v1::{SignInRequest, SignInResponse, SignOutRequest};
use axum::Extension;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Redirect};

use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::view::{Links, Notice, Page};
use crate::visit::{Visit, Visiting, begin_session, device, end_session, refresh_token};

pub(super) fn form(visit: &Visit) -> Form {
    let m = visit.m;
    Form::new(visit, "anmelden", m.sign_in)
        .hidden("weiter", visit.query("weiter"))
        .field(Field::email("email", m.email))
        .field(Field::password("password", m.password, "current-password"))
}

/// The page with the form, and with the ways to sign in elsewhere before it.
pub(super) async fn page(visit: &Visit, form: Form, notice: Option<Notice>) -> Page {
    let m = visit.m;
    let elsewhere = super::provider::ways(visit).await;
    let ways = vec![
        (visit.to("/konto/registrieren"), m.register.to_owned()),
        (visit.to("/konto/passwort-vergessen"), m.password_forgotten.to_owned()),
    ];
    let page = Page::new(m.sign_in).lead(m.sign_in_lead).with_some(notice).with_some(elsewhere);
    page.with_form(form).with(Links::list(ways))
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.tenant.as_ref().ok_or(Failure::NotFound)?;
    Ok(page(&visit, form(&visit), None).await.respond(&visit))
}

/// Begins a session and leads back to where it was asked for.
pub(crate) async fn submit(Extension(visit): Visiting, headers: HeaderMap, submitted: Submitted) -> Outcome {
    let form = form(&visit).filled(&submitted);
    if form.is_wrong() {
        return Ok(page(&visit, form, None).await.respond(&visit));
    }
    let (email, password) = (submitted.text("email"), submitted.raw("password").to_owned());
    let request = SignInRequest { email, password, device: device(&headers) };
    let mut asking = tonic::Request::new(request);
    asking.set_timeout(visit.api.timeout());
    match visit.api.identity().sign_in(asking).await {
        Ok(answer) => {
            let SignInResponse { session, device } = answer.into_inner();
            let session = session.ok_or(Failure::NotFound)?;
            let onward = submitted.get("weiter");
            let to = if visit.is_own_page(onward) { onward.to_owned() } else { visit.to("") };
            let mut response = Redirect::to(&to).into_response();
            for cookie in begin_session(&session, &device, visit.https) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(status) => Ok(page(&visit, form.refused(&visit, &status)?, None).await.respond(&visit)),
    }
}

/// Ends the session. The cookies go whatever the gateway answers.
pub(crate) async fn sign_out(Extension(visit): Visiting, headers: HeaderMap, _: Submitted) -> Outcome {
    let request = SignOutRequest { refresh_token: refresh_token(&headers) };
    if !request.refresh_token.is_empty()
        && let Err(status) = visit.api.identity().sign_out(visit.ask(request)).await
    {
        tracing::warn!(code = ?status.code(), "a session was not ended at the gateway; its cookies are gone");
    }
    let mut response = Redirect::to(&visit.to("?ok=abgemeldet")).into_response();
    for cookie in end_session(visit.https) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

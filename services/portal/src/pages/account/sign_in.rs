use allmende_proto::gateway::v1::{SignInRequest, SignInResponse, SignOutRequest};
use axum::Extension;
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Redirect};

use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, kept};
use crate::view::{Links, Notice, Page};
use crate::visit::{Visit, Visiting, begin_session, device, end_session, fresh_visit, refresh_token};

/// The form without where it leads to. It is sent to the sign-in's own page, wherever it stands.
pub(in crate::pages) fn fields(visit: &Visit) -> Form {
    let m = visit.m;
    Form::new(visit, "anmelden", m.sign_in)
        .to(visit.to("/konto/anmelden"))
        .field(Field::email("email", m.email))
        .field(Field::password("password", m.password, "current-password"))
}

pub(super) fn form(visit: &Visit) -> Form {
    fields(visit).hidden("weiter", visit.query("weiter"))
}

/// What else there is to do for whoever cannot sign in.
pub(in crate::pages) fn other_ways(visit: &Visit) -> Links {
    let m = visit.m;
    Links::list(vec![
        (visit.to("/konto/registrieren"), m.register.to_owned()),
        (visit.to("/konto/passwort-vergessen"), m.password_forgotten.to_owned()),
    ])
}

/// The page with the form, and with the ways to sign in elsewhere before it.
pub(super) async fn page(visit: &Visit, form: Form, notice: Option<Notice>) -> Page {
    let m = visit.m;
    let elsewhere = super::provider::ways(visit, visit.query("weiter")).await;
    let page = Page::new(m.sign_in).lead(m.sign_in_lead).with_some(notice).with_some(elsewhere);
    page.with_form(form).with(other_ways(visit))
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.tenant.as_ref().ok_or(Failure::NotFound)?;
    Ok(page(&visit, form(&visit), None).await.respond(&visit))
}

/// Begins a session and leads back to where it was asked for.
pub(crate) async fn submit(Extension(visit): Visiting, headers: HeaderMap, submitted: Submitted) -> Outcome {
    let onward = submitted.get("weiter");
    let kept = visit.kept();
    // What was typed elsewhere goes along until somebody is signed in.
    let again = async |form: Form| match kept {
        Some(kept) => kept::sign_in(&visit, kept, form).await,
        None => page(&visit, form.hidden("weiter", onward), None).await,
    };
    let form = fields(&visit).filled(&submitted);
    if form.is_wrong() {
        return Ok(again(form).await.respond(&visit));
    }
    let (email, password) = (submitted.text("email"), submitted.raw("password").to_owned());
    let request = SignInRequest { email, password, device: device(&headers) };
    match visit.api.identity().sign_in(visit.ask_as_visitor(request)).await {
        Ok(answer) => {
            let SignInResponse { session, device } = answer.into_inner();
            let session = session.ok_or(Failure::NotFound)?;
            let number = fresh_visit();
            let mut response = match kept {
                Some(kept) => {
                    let begun = visit.signed_in(&session, &number).await?;
                    kept::page(&begun, kept, visit.m.kept_text).respond(&begun)
                }
                None => {
                    let to = visit.own_page(onward).unwrap_or_else(|| visit.to(""));
                    Redirect::to(&to).into_response()
                }
            };
            for cookie in begin_session(&session, &device, &number, visit.https) {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            Ok(response)
        }
        Err(status) => Ok(again(form.refused(&visit, &status)?).await.respond(&visit)),
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
    for cookie in end_session(&fresh_visit(), visit.https) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}

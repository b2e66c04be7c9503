use allmende_proto::gateway::v1::{RequestPasswordResetRequest, ResetPasswordRequest};
use axum::Extension;

use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::view::Page;
use crate::visit::{Service, Visit, Visiting};

fn ask_form(visit: &Visit) -> Form {
    Form::new(visit, "vergessen", visit.m.send_code).field(Field::email("email", visit.m.email))
}

fn ask_page(visit: &Visit, form: Form) -> Page {
    Page::new(visit.m.password_forgotten).lead(visit.m.password_forgotten_lead).with_form(form)
}

pub(crate) async fn show_ask(Extension(visit): Visiting) -> Outcome {
    visit.tenant.as_ref().ok_or(Failure::NotFound)?;
    Ok(ask_page(&visit, ask_form(&visit)).respond(&visit))
}

/// Asks for a code by mail. The answer does not tell whether the address has an account.
pub(crate) async fn ask(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    let form = ask_form(&visit).filled(&submitted);
    if form.is_wrong() {
        return Ok(ask_page(&visit, form).respond(&visit));
    }
    let (request_id, email) = (submitted.text("request_id"), submitted.text("email"));
    let request = RequestPasswordResetRequest { request_id, email };
    match visit.api.identity().request_password_reset(visit.ask(request)).await {
        Ok(_) => Ok(visit.done(&visit.to("/konto/passwort"), "code-gesandt", Service::Gateway, "")),
        Err(status) => Ok(ask_page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}

fn set_form(visit: &Visit) -> Form {
    let m = visit.m;
    Form::new(visit, "passwort", m.set_password)
        .field(
            Field { autocomplete: "one-time-code", ..Field::line("code", m.code, 200) }
                .value(visit.query("code"))
                .hint(m.code_hint),
        )
        .field(Field::password("new_password", m.new_password, "new-password").hint(m.password_hint))
}

fn set_page(visit: &Visit, form: Form) -> Page {
    Page::new(visit.m.set_password).with_form(form)
}

pub(crate) async fn show_set(Extension(visit): Visiting) -> Outcome {
    visit.tenant.as_ref().ok_or(Failure::NotFound)?;
    Ok(set_page(&visit, set_form(&visit)).respond(&visit))
}

pub(crate) async fn set(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    let form = set_form(&visit).filled(&submitted);
    if form.is_wrong() {
        return Ok(set_page(&visit, form).respond(&visit));
    }
    let request = ResetPasswordRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        code: submitted.text("code"),
        new_password: submitted.raw("new_password").to_owned(),
    };
    match visit.api.identity().reset_password(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.to("/konto/anmelden"), "passwort", Service::Gateway, &token))
        }
        Err(status) => Ok(set_page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}

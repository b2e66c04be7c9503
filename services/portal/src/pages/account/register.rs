use allmende_proto::gateway::v1::{ConfirmEmailRequest, Language as Speaks, RegisterRequest};
use axum::Extension;

use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::view::{Links, Page};
use crate::visit::{Service, Visit, Visiting};

fn form(visit: &Visit) -> Form {
    let m = visit.m;
    Form::new(visit, "registrieren", m.register)
        .field(Field::email("email", m.email).hint(m.email_hint))
        .field(Field { autocomplete: "name", ..Field::line("name", m.your_name, 100) }.optional().hint(m.name_hint))
}

fn page(visit: &Visit, form: Form) -> Page {
    let m = visit.m;
    let ways = vec![
        (visit.to("/konto/anmelden"), m.have_account.to_owned()),
        (visit.to("/datenschutz"), m.privacy.to_owned()),
    ];
    Page::new(m.register).lead(m.register_lead).with_form(form).with(Links::list(ways))
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.tenant.as_ref().ok_or(Failure::NotFound)?;
    Ok(page(&visit, form(&visit)).respond(&visit))
}

/// Makes an account. The page after it is the same whether there was one already.
pub(crate) async fn submit(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    let form = form(&visit).filled(&submitted);
    if form.is_wrong() {
        return Ok(page(&visit, form).respond(&visit));
    }
    let request = RegisterRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        email: submitted.text("email"),
        password: String::new(),
        name: submitted.text("name"),
        language: visit.language.of(Speaks::De, Speaks::En).into(),
    };
    match visit.api.identity().register(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.to("/konto/bestaetigen"), "registriert", Service::Gateway, &token))
        }
        Err(status) => Ok(page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}

fn confirm_form(visit: &Visit) -> Form {
    let m = visit.m;
    let code = Field { autocomplete: "one-time-code", ..Field::line("code", m.code, 200) };
    Form::new(visit, "bestaetigen", m.confirm)
        .field(code.value(visit.query("code")).hint(m.code_hint))
        .field(Field::password("password", m.new_password, "new-password").hint(m.password_hint))
}

fn confirm_page(visit: &Visit, form: Form) -> Page {
    Page::new(visit.m.confirm_title).lead(visit.m.confirm_lead).with_form(form)
}

/// The page that the mail leads to. It changes nothing by itself: programs that look at mails follow links, too.
pub(crate) async fn show_confirm(Extension(visit): Visiting) -> Outcome {
    visit.tenant.as_ref().ok_or(Failure::NotFound)?;
    Ok(confirm_page(&visit, confirm_form(&visit)).respond(&visit))
}

pub(crate) async fn confirm(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    let form = confirm_form(&visit).filled(&submitted);
    if form.is_wrong() {
        return Ok(confirm_page(&visit, form).respond(&visit));
    }
    let request = ConfirmEmailRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        code: submitted.text("code"),
        password: submitted.raw("password").to_owned(),
    };
    match visit.api.identity().confirm_email(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.to("/konto/anmelden"), "bestaetigt", Service::Gateway, &token))
        }
        Err(status) => Ok(confirm_page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}

//! What the tenant is called, and what the law asks it to say.

use allmende_proto::gateway::v1::{LocalizedText, Tenant, UpdateTenantRequest};
use axum::Extension;

use super::fields::{self, Bilingual};
use super::work;
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::view::Page;
use crate::visit::{Service, Visit, Visiting};
use crate::words;

fn form(visit: &Visit, present: &Tenant) -> Form {
    let (m, s) = (visit.m, visit.language.staff());
    let mut form = Form::new(visit, "angaben", m.save)
        .field(Field::line("tenant.name", s.tenant_name, 200).value(present.name.clone()))
        .field(
            Field::select("tenant.kind", s.kind_of_tenant, words::tenant_kinds(visit.language))
                .value(present.kind.to_string()),
        )
        .field(
            Field::line("tenant.regional_key", s.regional_key, 12)
                .value(present.regional_key.clone())
                .optional()
                .hint(s.regional_key_hint),
        );
    let texts = [
        ("tenant.imprint", m.imprint, &present.imprint),
        ("tenant.privacy_notice", m.privacy, &present.privacy_notice),
        ("tenant.accessibility_statement", m.accessibility, &present.accessibility_statement),
        ("tenant.contact", m.contact, &present.contact),
    ];
    for (name, label, text) in texts {
        let text = text.clone().unwrap_or_default();
        let text = Bilingual { name, label, rows: 8, max: 50_000, is_needed: false, present: (text.de, text.en) };
        form = text.add_to(visit, form.group(label));
    }
    form
}

fn page(visit: &Visit, form: Form) -> Page {
    let s = visit.language.staff();
    visit.staff_page(s.tenant_texts).lead(s.tenant_texts_lead).with_form(form)
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.only(work::UPDATE_TENANT)?;
    let tenant = visit.tenant.as_ref().ok_or(Failure::NotFound)?;
    Ok(page(&visit, form(&visit, tenant)).respond(&visit))
}

pub(crate) async fn update(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    visit.only(work::UPDATE_TENANT)?;
    let present = visit.tenant.clone().ok_or(Failure::NotFound)?;
    let form = form(&visit, &present).filled(&submitted);
    if form.is_wrong() {
        return Ok(page(&visit, form).respond(&visit));
    }
    let text = |name: &str| {
        let (de, en) = fields::both(&submitted, name);
        Some(LocalizedText { de, en })
    };
    let tenant = Tenant {
        name: submitted.text("tenant.name"),
        kind: submitted.number("tenant.kind"),
        regional_key: submitted.text("tenant.regional_key"),
        imprint: text("tenant.imprint"),
        privacy_notice: text("tenant.privacy_notice"),
        accessibility_statement: text("tenant.accessibility_statement"),
        contact: text("tenant.contact"),
        ..present
    };
    let request = UpdateTenantRequest { request_id: submitted.text("request_id"), tenant: Some(tenant) };
    match visit.api.tenants().update_tenant(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.path, "gespeichert", Service::Gateway, &token))
        }
        Err(status) => Ok(page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}

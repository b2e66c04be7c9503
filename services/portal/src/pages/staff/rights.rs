//! People of a tenant and what they may do.

use std::collections::HashMap;

use allmende_proto::gateway::v1::{
    Grant, GrantRoleRequest, ListGrantsRequest, ListPeopleRequest, Person, RevokeRoleRequest,
};
use axum::Extension;

use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::view::{Cell, Entries, Entry, Heading, Pager, Paragraph, Table};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

fn form(visit: &Visit) -> Form {
    let m = visit.m;
    Form::new(visit, "recht", m.give_role)
        .titled(m.give_role)
        .field(Field::email("email", m.email).hint(m.grant_email_hint))
        .field(Field::select("role", m.role, words::roles(visit.language)))
        .field(Field::line("procedure_id", m.only_procedure, 36).optional().hint(m.only_procedure_hint))
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.staff_only()?;
    let form = form(&visit);
    page(&visit, form).await
}

async fn page(visit: &Visit, form: Form) -> Outcome {
    let m = visit.m;
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Gateway));
    let request = ListGrantsRequest {
        tenant: tenant.clone(),
        page_size: 100,
        page_token: visit.query("seite").to_owned(),
        consistency_token: consistency_token.clone(),
    };
    let grants = visit.api.identity().list_grants(visit.ask(request)).await?.into_inner();
    let request = ListPeopleRequest { tenant, page_size: 500, page_token: String::new(), consistency_token };
    // An auditor sees the roles without the names.
    let people = visit.api.identity().list_people(visit.ask(request)).await.map(|answer| answer.into_inner().people);
    // Of those whose account is elsewhere there is nothing to tell but their roles.
    let at_home = |person: &Person| !person.home_tenant.is_empty();
    let people: Vec<_> = people.unwrap_or_default().into_iter().filter(at_home).collect();
    let names: HashMap<_, _> = people.iter().map(|person| (person.subject_id.as_str(), person)).collect();
    let page = visit.staff_page(m.people_and_roles).lead(m.people_lead).with(Heading::new(m.roles));
    let page = if grants.grants.is_empty() {
        page.with(Paragraph::soft(m.no_roles))
    } else {
        let items =
            grants.grants.iter().map(|grant| entry(visit, grant, names.get(grant.subject_id.as_str()).copied()));
        page.with(Entries { m, items: items.collect() })
    };
    let page = page.with_some(Pager::new(visit, &grants.next_page_token, &[])).with_form(form);
    if people.is_empty() {
        return Ok(page.respond(visit));
    }
    let row = |person: &Person| {
        vec![
            Cell::text(called(visit, person)),
            Cell::text(if person.email_confirmed { m.yes } else { m.no }),
            Cell::text(words::moment(person.registered_at_us, visit.language)),
        ]
    };
    let heads = vec![Cell::text(m.person), Cell::text(m.confirmed), Cell::text(m.registered)];
    let table = Table { caption: m.people.to_owned(), heads, rows: people.iter().map(row).collect() };
    Ok(page.with(Heading::new(m.people)).with(table).respond(visit))
}

fn called(visit: &Visit, person: &Person) -> String {
    match (person.erased, person.name.is_empty()) {
        (true, _) => visit.m.erased_account.to_owned(),
        (_, true) => words::clean(&person.email),
        _ => format!("{} ({})", words::clean(&person.name), words::clean(&person.email)),
    }
}

fn entry(visit: &Visit, grant: &Grant, person: Option<&Person>) -> Entry {
    let (m, language) = (visit.m, visit.language);
    let role = words::role(grant.role(), language);
    let title = person.map_or_else(|| grant.subject_id.clone(), |person| called(visit, person));
    let scope = if grant.procedure_id.is_empty() {
        m.whole_tenant.to_owned()
    } else {
        fill(m.for_procedure, &[&grant.procedure_id])
    };
    let revoke = Form::new(visit, "entzug", m.take_role)
        .to(visit.to("/verwaltung/rechte/entziehen"))
        .hidden("subject_id", grant.subject_id.clone())
        .hidden("role", (grant.role() as i32).to_string())
        .hidden("procedure_id", grant.procedure_id.clone());
    let action = revoke.as_action(&format!("{role}, {title}"));
    let entry = Entry {
        id: format!("{}-{}-{}", grant.subject_id, grant.role() as i32, grant.procedure_id),
        kind: role,
        tone: "",
        state: "",
        state_tone: "",
        note: format!("{scope} · {}", words::moment(grant.granted_at_us, language)),
        title,
        href: String::new(),
        body: String::new(),
        wording: String::new(),
        is_own: false,
        remarks: Vec::new(),
        files: Vec::new(),
        actions: Vec::new(),
    };
    entry.action(&action)
}

pub(crate) async fn grant(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    visit.staff_only()?;
    let form = form(&visit).filled(&submitted);
    if form.is_wrong() {
        return page(&visit, form).await;
    }
    let request = GrantRoleRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        subject_id: String::new(),
        email: submitted.text("email"),
        role: submitted.number("role"),
        procedure_id: submitted.text("procedure_id"),
    };
    match visit.api.identity().grant_role(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.path, "gespeichert", Service::Gateway, &token))
        }
        Err(status) if status.code() == tonic::Code::NotFound => {
            page(&visit, form.wrong("email", visit.m.no_account)).await
        }
        Err(status) => page(&visit, form.refused(&visit, &status)?).await,
    }
}

pub(crate) async fn revoke(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    visit.staff_only()?;
    let request = RevokeRoleRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        subject_id: submitted.text("subject_id"),
        role: submitted.number("role"),
        procedure_id: submitted.text("procedure_id"),
    };
    let answer = visit.api.identity().revoke_role(visit.ask(request)).await?.into_inner();
    Ok(visit.done(&visit.to("/verwaltung/rechte"), "gespeichert", Service::Gateway, &answer.consistency_token))
}

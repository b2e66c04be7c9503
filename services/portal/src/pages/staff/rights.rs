//! People of a tenant and what they may do.

use std::collections::{BTreeSet, HashMap};

use allmende_proto::gateway::v1::{
    Grant, GrantRoleRequest, ListGrantsRequest, ListGrantsResponse, ListPeopleRequest, ListPeopleResponse, Person,
    RevokeRoleRequest,
};
use axum::Extension;
use tonic::Status;

use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{MOST_PAGES, Outcome, Whole, if_allowed, procedures};
use crate::view::{Cell, Entries, Entry, Heading, Page, Pager, Paragraph, Table};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

/// What the page shows, and what it names things by.
struct Known {
    grants: ListGrantsResponse,
    /// A page of the people at home here; absent for who may not see them.
    people: Option<ListPeopleResponse>,
    names: HashMap<String, String>,
    /// Those of whom nothing is known, as the list of people was not read to its end.
    unread: BTreeSet<String>,
    /// Procedures that a role can be given for, and those that one was given for.
    procedures: Whole<(String, String)>,
}

async fn known(visit: &Visit) -> Result<Known, Failure> {
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Gateway));
    let page_token = visit.query("seite").to_owned();
    let request = ListGrantsRequest { tenant, page_size: 50, page_token, consistency_token };
    let grants = visit.api.identity().list_grants(visit.ask(request)).await?.into_inner();
    // An auditor sees the roles without the names.
    let people = if_allowed(page_of_people(visit, 100, visit.query("personen").to_owned()).await)?;
    let mut procedures = procedures::all(visit).await?;
    let concerned = |id: &String| !id.is_empty() && !procedures.items.iter().any(|(known, _)| known == id);
    let unlisted: BTreeSet<_> =
        grants.grants.iter().map(|grant| &grant.procedure_id).filter(|id| concerned(id)).cloned().collect();
    for id in unlisted {
        let found = procedures::find(visit, &id).await;
        let title = found.map_or_else(|_| id.clone(), |found| visit.theirs(words::excerpt(&found.title, 80)));
        procedures.items.push((id, title));
    }
    let (names, unread) = match &people {
        Some(first) => names(visit, &grants, first).await?,
        None => Default::default(),
    };
    Ok(Known { grants, people, names, unread, procedures })
}

async fn page_of_people(visit: &Visit, page_size: u32, page_token: String) -> Result<ListPeopleResponse, Status> {
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Gateway));
    let request = ListPeopleRequest { tenant, page_size, page_token, consistency_token };
    Ok(visit.api.identity().list_people(visit.ask(request)).await?.into_inner())
}

/// What those are called who have a role or gave one. There is no way to ask for a person, so the list of them is read
/// until all are found, and no further than a list to choose from; who was not found by then is told, too.
async fn names(
    visit: &Visit,
    grants: &ListGrantsResponse,
    first: &ListPeopleResponse,
) -> Result<(HashMap<String, String>, BTreeSet<String>), Status> {
    let concerned = grants.grants.iter().flat_map(|grant| [&grant.subject_id, &grant.granted_by]);
    let mut wanted: BTreeSet<String> = concerned.filter(|id| !id.is_empty()).cloned().collect();
    let mut names = HashMap::new();
    let mut take = |people: &[Person]| {
        let found = people.iter().filter(|person| wanted.remove(&person.subject_id) && is_at_home(person));
        names.extend(found.map(|person| (person.subject_id.clone(), called(visit, person))));
        wanted.is_empty()
    };
    let is_whole = first.next_page_token.is_empty() && visit.query("personen").is_empty();
    let mut is_done = take(&first.people) || is_whole;
    let mut page_token = String::new();
    for _ in 0..MOST_PAGES {
        if is_done {
            break;
        }
        let page = page_of_people(visit, 500, page_token).await?;
        is_done = take(&page.people) || page.next_page_token.is_empty();
        page_token = page.next_page_token;
    }
    Ok((names, if is_done { BTreeSet::new() } else { wanted }))
}

/// Of those whose account is elsewhere there is nothing to tell but their roles.
fn is_at_home(person: &Person) -> bool {
    !person.home_tenant.is_empty()
}

fn form(visit: &Visit, known: &Known) -> Form {
    let m = visit.m;
    let mut scopes = vec![(String::new(), m.whole_tenant.to_owned())];
    scopes.extend(known.procedures.items.iter().cloned());
    let hint = if known.procedures.goes_on { m.list_goes_on } else { "" };
    Form::new(visit, "recht", m.give_role)
        .titled(m.give_role)
        .field(Field::email("email", m.email).hint(m.grant_email_hint))
        .field(Field::select("role", m.role, words::roles(visit.language)))
        .field(Field::select("procedure_id", m.only_procedure, scopes).optional().hint(hint))
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.staff_only()?;
    let known = known(&visit).await?;
    Ok(page(&visit, &known, form(&visit, &known)).respond(&visit))
}

fn page(visit: &Visit, known: &Known, form: Form) -> Page {
    let m = visit.m;
    let page = visit.staff_page(m.people_and_roles).lead(m.people_lead).with(Heading::new(m.roles));
    let page = if known.grants.grants.is_empty() {
        page.with(Paragraph::soft(m.no_roles))
    } else {
        page.with(Entries { m, items: known.grants.grants.iter().map(|grant| entry(visit, known, grant)).collect() })
    };
    let pager = Pager::of(visit, "seite", m.roles, &known.grants.next_page_token);
    let page = page.with_some(pager).with_form(form);
    let Some(people) = &known.people else { return page };
    let row = |person: &Person| {
        vec![
            Cell::text(called(visit, person)),
            Cell::text(if person.email_confirmed { m.yes } else { m.no }),
            Cell::text(words::moment(person.registered_at_us, visit.language)),
        ]
    };
    let heads = vec![Cell::text(m.person), Cell::text(m.confirmed), Cell::text(m.registered)];
    let rows = people.people.iter().filter(|person| is_at_home(person)).map(row).collect();
    let page = page.with(Heading::new(m.people)).with(Table { caption: m.people.to_owned(), heads, rows });
    page.with_some(Pager::of(visit, "personen", m.people, &people.next_page_token))
}

fn called(visit: &Visit, person: &Person) -> String {
    match (person.erased, person.name.is_empty()) {
        (true, _) => visit.m.erased_account.to_owned(),
        (_, true) => words::clean(&person.email),
        _ => format!("{}, {}", words::clean(&person.name), words::clean(&person.email)),
    }
}

/// What somebody is called who is known by an id alone: its end, so that two of them are told apart.
fn unnamed(visit: &Visit, known: &Known, subject_id: &str) -> String {
    let s = visit.language.staff();
    let end = subject_id.get(subject_id.len().saturating_sub(6)..).unwrap_or(subject_id);
    let is_elsewhere = known.people.is_some() && !known.unread.contains(subject_id);
    fill(if is_elsewhere { s.person_elsewhere } else { s.person_unnamed }, &[end])
}

fn entry(visit: &Visit, known: &Known, grant: &Grant) -> Entry {
    let (m, s, language) = (visit.m, visit.language.staff(), visit.language);
    let role = words::role(grant.role(), language);
    let name = |id: &str| known.names.get(id).cloned();
    let title = name(&grant.subject_id).unwrap_or_else(|| unnamed(visit, known, &grant.subject_id));
    let procedure = known.procedures.items.iter().find(|(id, _)| *id == grant.procedure_id);
    let scope = match procedure {
        Some((_, title)) => fill(m.for_procedure, &[title]),
        None => m.whole_tenant.to_owned(),
    };
    let mut notes = vec![scope, words::moment(grant.granted_at_us, language)];
    notes.extend(name(&grant.granted_by).map(|giver| fill(s.given_by, &[&giver])));
    let revoke = Form::new(visit, "entzug", m.take_role)
        .to(visit.to("/verwaltung/rechte/entziehen"))
        .hidden("subject_id", grant.subject_id.clone())
        .hidden("role", (grant.role() as i32).to_string())
        .hidden("procedure_id", grant.procedure_id.clone());
    let action = revoke.as_action(&format!("{role}, {title}"));
    let entry = Entry {
        id: format!("{}-{}-{}", grant.subject_id, grant.role() as i32, grant.procedure_id),
        kind: role,
        note: notes.join(" · "),
        title,
        ..Entry::default()
    };
    entry.action(&action)
}

pub(crate) async fn grant(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    visit.staff_only()?;
    let known = known(&visit).await?;
    let form = form(&visit, &known).filled(&submitted);
    if form.is_wrong() {
        return Ok(page(&visit, &known, form).respond(&visit));
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
            Ok(page(&visit, &known, form.wrong("email", visit.m.no_account)).respond(&visit))
        }
        Err(status) => Ok(page(&visit, &known, form.refused(&visit, &status)?).respond(&visit)),
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

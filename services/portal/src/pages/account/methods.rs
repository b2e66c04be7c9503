//! The ways to sign in to one's account: which there are, and linking and unlinking identities of providers.

use allmende_proto::gateway::v1::{
    BeginProviderLinkRequest, GetSignInMethodsRequest, GetSignInMethodsResponse, LinkProviderRequest, LinkedProvider,
    UnlinkProviderRequest,
};
use axum::Extension;
use axum::extract::Path;
use axum::http::HeaderMap;
use tonic::Code;

use super::provider::{of_tenant, set, status_of};
use crate::failure::Failure;
use crate::forms::{Action, Form, Submitted};
use crate::pages::Outcome;
use crate::view::{Entries, Entry, Heading, Links, Notice, Page, Paragraph};
use crate::visit::{Service, Visit, Visiting, begin_link, end_link, end_session, fresh_id, fresh_visit, provider_link};
use crate::words::{self, fill};

const HERE: &str = "/konto/anmeldewege";
const UNLINK: &str = "loesen";

/// For who has an account here.
fn with_account(visit: &Visit) -> Result<(), Failure> {
    visit.sign_in_first()?;
    let account = visit.person.as_ref().and_then(|me| me.person.as_ref());
    account.map(drop).ok_or(Failure::NotFound)
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    with_account(&visit)?;
    Ok(page(&visit, None).await?.respond(&visit))
}

async fn page(visit: &Visit, notice: Option<Notice>) -> Result<Page, Failure> {
    let m = visit.m;
    let request = GetSignInMethodsRequest { consistency_token: visit.seen(Service::Gateway) };
    let methods = visit.api.identity().get_sign_in_methods(visit.ask(request)).await?.into_inner();
    let providers = of_tenant(visit).await;
    let mut page = Page::new(m.sign_in_methods).lead(m.sign_in_methods_lead).crumb(visit.to("/konto"), m.my_account);
    page = page.with_some(notice).with(Heading::new(m.sign_in_methods_yours));
    page = page.with(Entries { m, items: entries(visit, &methods) });
    if !has_others(&methods) {
        page = page.with(Paragraph::soft(m.sign_in_method_only));
    }
    if !providers.is_empty() {
        page = page.with(Heading::new(m.link_provider)).with(Paragraph::new(m.link_provider_text));
    }
    for provider in providers {
        let label = fill(m.link_with, &[&words::clean(&provider.name)]);
        page = page.with(Action::new(visit, visit.to(&format!("{HERE}/{}/verknuepfen", provider.provider)), &label));
    }
    Ok(page)
}

/// Whether one of the ways can go: for what is offered only, the gateway decides.
fn has_others(methods: &GetSignInMethodsResponse) -> bool {
    methods.password || methods.providers.len() > 1
}

fn entries(visit: &Visit, methods: &GetSignInMethodsResponse) -> Vec<Entry> {
    let m = visit.m;
    let mut entries = Vec::new();
    if methods.password {
        let email = visit.person.as_ref().and_then(|me| me.person.as_ref()).map(|person| words::clean(&person.email));
        let href = visit.to("/konto/passwort-vergessen");
        let title = m.set_password.to_owned();
        let note = email.unwrap_or_default();
        entries.push(Entry { id: "passwort".to_owned(), kind: m.password, note, title, href, ..Entry::default() });
    }
    entries.extend(methods.providers.iter().map(|linked| entry(visit, linked, has_others(methods))));
    entries
}

fn entry(visit: &Visit, linked: &LinkedProvider, can_go: bool) -> Entry {
    let m = visit.m;
    let title = match (linked.name.is_empty(), linked.provider.is_empty()) {
        (false, _) => words::clean(&linked.name),
        (true, false) => words::clean(&linked.provider),
        // It was not kept which one.
        (true, true) => m.identity_provider.to_owned(),
    };
    let is_gone = linked.name.is_empty() && !linked.provider.is_empty();
    let entry = Entry {
        id: linked.linked_provider_id.clone(),
        kind: m.identity_provider,
        note: fill(m.linked_since, &[&words::moment(linked.linked_at_us, visit.language)]),
        title: title.clone(),
        body: if is_gone { m.provider_is_gone.to_owned() } else { String::new() },
        ..Entry::default()
    };
    if !can_go {
        return entry;
    }
    let to = visit.to(&format!("{HERE}/{}/loesen", linked.linked_provider_id));
    entry.action(&Action::new(visit, to, m.unlink).about(title).quiet())
}

/// Begins to link an identity. A form may lead to our own pages only, so that the way to the provider is a link.
pub(crate) async fn link(
    Extension(visit): Visiting,
    Path((_, provider)): Path<(String, String)>,
    _: Submitted,
) -> Outcome {
    with_account(&visit)?;
    let m = visit.m;
    let found = of_tenant(&visit).await.into_iter().find(|found| found.provider == provider);
    let name = words::clean(&found.ok_or(Failure::NotFound)?.name);
    let request = BeginProviderLinkRequest { tenant: visit.of_tenant(), provider };
    match visit.api.identity().begin_provider_link(visit.ask(request)).await {
        Ok(answer) => {
            let begun = answer.into_inner();
            let onward = Links::buttons(vec![(begun.authorization_url, fill(m.go_on_to, &[&name]))]);
            let page =
                Page::new(fill(m.link_with, &[&name])).lead(m.link_onward).crumb(visit.to(HERE), m.sign_in_methods);
            let mut response = page.with_some(onward).respond(&visit);
            response.headers_mut().extend(begin_link(&begun.link, visit.https).map(set));
            Ok(response)
        }
        Err(status) => turned_away(&visit, &words::reason(&status, visit.language), status.code()).await,
    }
}

/// Comes back from the provider.
pub(crate) async fn back(Extension(visit): Visiting, headers: HeaderMap) -> Outcome {
    with_account(&visit)?;
    let m = visit.m;
    let (state, code) = (visit.query("state").to_owned(), visit.query("code").to_owned());
    let mut response = match provider_link(&headers) {
        // The provider says so, or the person, who went away from its page.
        _ if !visit.query("error").is_empty() => {
            turned_away(&visit, m.link_cancelled, Code::FailedPrecondition).await?
        }
        Some(link) if !state.is_empty() && !code.is_empty() => {
            let request = LinkProviderRequest { request_id: fresh_id(), link, state, code };
            match visit.api.identity().link_provider(visit.ask(request)).await {
                Ok(answer) => {
                    let token = answer.into_inner().consistency_token;
                    visit.done(&visit.to(HERE), "verknuepft", Service::Gateway, &token)
                }
                Err(status) => turned_away(&visit, &words::reason(&status, visit.language), status.code()).await?,
            }
        }
        _ => turned_away(&visit, m.link_over, Code::FailedPrecondition).await?,
    };
    response.headers_mut().extend(end_link(visit.https).map(set));
    Ok(response)
}

/// The page again, and why.
async fn turned_away(visit: &Visit, text: &str, code: Code) -> Outcome {
    Ok(page(visit, Some(Notice::warning(text))).await?.status(status_of(code)).respond(visit))
}

/// Asks once more before an identity is unlinked, as that ends all sessions; it is the form's own page.
pub(crate) async fn unlink(
    Extension(visit): Visiting,
    Path((_, linked_provider_id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    with_account(&visit)?;
    let m = visit.m;
    let form = Form::new(&visit, UNLINK, m.unlink).grave();
    if submitted.get("form") != UNLINK {
        return Ok(unlink_page(&visit, form).respond(&visit));
    }
    let request = UnlinkProviderRequest { request_id: submitted.text("request_id"), linked_provider_id };
    match visit.api.identity().unlink_provider(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            let mut response = visit.done(&visit.to("/konto/anmelden"), "geloest", Service::Gateway, &token);
            // The session is over, and nothing is to be said of that as if it were a failure.
            response.headers_mut().extend(end_session(&fresh_visit(), visit.https).into_iter().map(set));
            Ok(response)
        }
        Err(status) => Ok(unlink_page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}

fn unlink_page(visit: &Visit, form: Form) -> Page {
    let m = visit.m;
    let page = Page::new(m.unlink_title).crumb(visit.to(HERE), m.sign_in_methods);
    page.with(Notice::warning(m.unlink_text)).with_form(form)
}

use allmende_proto::participation::v1::ListMyContributionsRequest;
use axum::Extension;

use crate::pages::Outcome;
use crate::pages::contributions::with_buttons;
use crate::view::{Entries, Entry, Facts, Heading, Links, Page, Pager, Paragraph};
use crate::visit::{Service, Visiting};
use crate::words;

/// Everything that the reader wrote for the tenant, with its state.
pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.sign_in_first()?;
    let (m, language) = (visit.m, visit.language);
    let request = ListMyContributionsRequest {
        tenant: visit.of_tenant(),
        page_size: 20,
        page_token: visit.query("seite").to_owned(),
        consistency_token: visit.seen(Service::Participation),
    };
    let answer = visit.api.participation().list_my_contributions(visit.ask(request)).await?.into_inner();
    let mut page = Page::new(m.my_contributions).kicker(visit.name()).lead(m.my_contributions_lead);
    page = page.with(Heading::new(m.what_you_wrote));
    page = if answer.contributions.is_empty() {
        page.with(Paragraph::soft(m.nothing_written))
    } else {
        let entry = |own| with_buttons(&visit, Entry::of(&visit, own), own);
        page.with(Entries { m, items: answer.contributions.iter().map(entry).collect() })
    };
    page = page.with_some(Pager::new(&visit, &answer.next_page_token));
    let me = visit.person.as_ref();
    let mut facts = vec![(m.level.to_owned(), words::level(me.map_or(0, |me| me.level), language).to_owned())];
    if let Some(person) = me.and_then(|me| me.person.as_ref()) {
        facts.push((m.email.to_owned(), words::clean(&person.email)));
        facts.push((
            m.your_name.to_owned(),
            if person.name.is_empty() { "–".to_owned() } else { words::clean(&person.name) },
        ));
    }
    for grant in
        me.iter().flat_map(|me| &me.grants).filter(|grant| grant.tenant.is_empty() || grant.tenant == visit.slug())
    {
        facts.push((m.role.to_owned(), words::role(grant.role(), language).to_owned()));
    }
    let mut ways = vec![(visit.to("/konto/loeschung"), m.erasure_request.to_owned())];
    if me.is_some_and(|me| me.person.is_some()) {
        ways.insert(0, (visit.to("/konto/anmeldewege"), m.sign_in_methods.to_owned()));
    }
    Ok(page.with(Heading::new(m.my_account)).with(Facts { rows: facts }).with(Links::list(ways)).respond(&visit))
}

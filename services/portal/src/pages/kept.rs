//! What was typed is given back, where the form that it was typed into could not be taken.

use axum::response::Response;

use super::account::{provider, sign_in};
use crate::failure::Failure;
use crate::forms::{Form, Kept};
use crate::view::{Notice, Page, Paragraph};
use crate::visit::Visit;

/// For whoever has signed in, or was somebody else when the form was made: the way back to it.
pub(crate) fn page(visit: &Visit, kept: &Kept, text: &str) -> Page {
    let page = Page::new(visit.m.kept_title).with(Notice::plain(text));
    with_files(visit, page, kept).with(kept.action(visit, visit.m.kept_show).chief())
}

/// For whoever is not signed in any more: the sign-in, which takes along what was typed. One with an identity provider
/// leaves the page, so it is done beside it.
pub(crate) async fn sign_in(visit: &Visit, kept: &Kept, form: Form) -> Page {
    let m = visit.m;
    let page = Page::new(m.sign_in).with(Notice::warning(m.kept_sign_in));
    let page = with_files(visit, page, kept).with_form(kept.ride(form.hidden("weiter", kept.to())));
    let elsewhere = provider::ways(visit, "").await;
    let page = match elsewhere {
        Some(ways) => {
            page.with(Paragraph::new(m.kept_elsewhere)).with(ways.beside(m)).with(kept.action(visit, m.kept_signed_in))
        }
        None => page,
    };
    page.with(sign_in::other_ways(visit).beside(m))
}

fn with_files(visit: &Visit, page: Page, kept: &Kept) -> Page {
    page.with_some(kept.had_files.then(|| Notice::plain(visit.m.kept_files)))
}

/// The page of a failure with the way back to the form, if it is one that passes.
pub(crate) fn after(visit: &Visit, page: Page, kept: Option<&Kept>) -> Page {
    page.with_some(kept.map(|kept| kept.action(visit, visit.m.kept_back)))
}

/// What a failure of this request is answered with, if something was typed that is to be given back.
pub(crate) async fn answer(visit: &Visit, failure: &Failure) -> Option<Response> {
    let kept = visit.kept()?;
    let status = failure.status();
    if failure.asks_for_sign_in() && visit.tenant.is_some() {
        let form = sign_in::fields(visit);
        return Some(sign_in(visit, kept, form).await.status(status).respond(visit));
    }
    let is_foreign = matches!(failure, Failure::Foreign);
    is_foreign.then(|| page(visit, kept, visit.m.kept_foreign).status(status).respond(visit))
}

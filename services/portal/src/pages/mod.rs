//! The pages, by what they are about.

pub(crate) mod account;
pub(crate) mod contributions;
pub(crate) mod data;
pub(crate) mod documents;
pub(crate) mod kept;
pub(crate) mod legal;
pub(crate) mod procedures;
pub(crate) mod projects;
pub(crate) mod reports;
pub(crate) mod search;
pub(crate) mod section;
pub(crate) mod staff;
pub(crate) mod start;
pub(crate) mod stations;
pub(crate) mod submit;

use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Redirect, Response};
use tonic::{Code, Status};

use crate::failure::Failure;
use crate::forms::Submitted;
use crate::visit::{Service, Visit};

/// The most pages of a list that is read to choose from.
const MOST_PAGES: usize = 10;
/// A page of a list of whole texts: of more, one answer might be too large for a message.
const OF_TEXTS: u32 = 50;

/// A list to choose from, as far as it is read.
pub(crate) struct Whole<T> {
    pub(crate) items: Vec<T>,
    /// There is more of it, and the page has to say so.
    pub(crate) goes_on: bool,
}

/// Reads a list to choose from. `page` gives what is behind a token, and the token of what follows.
pub(crate) async fn whole<T, F, A>(mut page: F) -> Result<Whole<T>, Status>
where
    F: FnMut(String) -> A,
    A: Future<Output = Result<(Vec<T>, String), Status>>,
{
    let (mut items, mut token) = (Vec::new(), String::new());
    for _ in 0..MOST_PAGES {
        let (found, next) = page(token).await?;
        items.extend(found);
        token = next;
        if token.is_empty() {
            break;
        }
    }
    Ok(Whole { items, goes_on: !token.is_empty() })
}

/// What a page shows to those who may see it, and leaves out for others. That it could not be asked for is no such reason.
pub(crate) fn if_allowed<T>(answer: Result<T, Status>) -> Result<Option<T>, Status> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(status) if status.code() == Code::PermissionDenied => Ok(None),
        Err(status) => Err(status),
    }
}

/// What a handler answers.
pub(crate) type Outcome = Result<Response, Failure>;

impl Visit {
    /// After a change: the page that shows it. `code` names what was done, for a line at its top.
    pub(crate) fn done(&self, to: &str, code: &str, service: Service, token: &str) -> Response {
        let (page, anchor) =
            to.split_once('#').map_or((to, String::new()), |(page, anchor)| (page, format!("#{anchor}")));
        let joint = if page.contains('?') { '&' } else { '?' };
        let mut response = Redirect::to(&format!("{page}{joint}ok={code}{anchor}")).into_response();
        if let Some(cookie) = self.remember(service, token) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }

    /// The page that a form was sent from, if it is one of this tenant; otherwise `or`.
    pub(crate) fn back(&self, submitted: &Submitted, or: String) -> String {
        let back = submitted.get("back");
        if self.is_own_page(back) { back.to_owned() } else { or }
    }

    /// Whether an address that came from outside leads to a page of this tenant.
    pub(crate) fn is_own_page(&self, path: &str) -> bool {
        let begins = path == self.to("") || path.starts_with(&self.to("/"));
        let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
        begins && self.tenant.is_some() && path.len() <= 400 && !path.contains("//") && path.bytes().all(harmless)
    }

    /// Refuses visitors.
    pub(crate) fn sign_in_first(&self) -> Result<(), Failure> {
        if self.is_signed_in() { Ok(()) } else { Err(Failure::SignIn) }
    }
}

//! The pages, by what they are about.

pub(crate) mod account;
pub(crate) mod contributions;
pub(crate) mod data;
pub(crate) mod documents;
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

use crate::failure::Failure;
use crate::forms::Submitted;
use crate::visit::{Service, Visit};

/// What a handler answers.
pub(crate) type Outcome = Result<Response, Failure>;

impl Visit {
    /// After a change: the page that shows it. `code` names what was done, for a line at its top.
    pub(crate) fn done(&self, to: &str, code: &str, service: Service, token: &str) -> Response {
        let (page, anchor) =
            to.split_once('#').map_or((to, String::new()), |(page, anchor)| (page, format!("#{anchor}")));
        let mut response = Redirect::to(&format!("{page}?ok={code}{anchor}")).into_response();
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

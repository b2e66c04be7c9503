//! Why a page is not shown.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use tonic::{Code, Status};

use crate::pages::kept;
use crate::view::{Notice, Page};
use crate::visit::{Visit, encoded};
use crate::words;

/// What stands in the way.
#[derive(Debug, Clone)]
pub(crate) enum Failure {
    /// A service refused.
    Refused(Status),
    /// There is no such page.
    NotFound,
    /// A form that is not one of this visit.
    Foreign,
    /// More than a form may hold.
    TooLarge,
    /// No form at all.
    Unreadable,
    /// A page for whoever has signed in.
    SignIn,
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Refused(status)
    }
}

impl Failure {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Foreign => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Refused(status) => match status.code() {
                Code::NotFound => StatusCode::NOT_FOUND,
                // An id in an address that is none: there is no such page.
                Code::InvalidArgument | Code::FailedPrecondition | Code::OutOfRange => StatusCode::BAD_REQUEST,
                Code::Unauthenticated => StatusCode::UNAUTHORIZED,
                Code::PermissionDenied => StatusCode::FORBIDDEN,
                Code::AlreadyExists | Code::Aborted => StatusCode::CONFLICT,
                Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
                Code::Unavailable | Code::DeadlineExceeded | Code::Unimplemented => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
        }
    }

    /// Whether what was asked for is not there, or not for this reader.
    pub(crate) fn hides(&self) -> bool {
        matches!(self.status(), StatusCode::NOT_FOUND | StatusCode::FORBIDDEN)
    }

    /// Whether to sign in is all that it takes.
    pub(crate) fn asks_for_sign_in(&self) -> bool {
        self.status() == StatusCode::UNAUTHORIZED
    }

    /// The page that says so, or the way to sign in.
    pub(crate) async fn page(&self, visit: &Visit) -> Response {
        if let Some(answer) = kept::answer(visit, self).await {
            return answer;
        }
        let status = self.status();
        if self.asks_for_sign_in() && visit.tenant.is_some() && !visit.is_signed_in() {
            let back = encoded(visit.page());
            return Redirect::to(&format!("{}?weiter={back}", visit.to("/konto/anmelden"))).into_response();
        }
        if status.is_server_error() {
            tracing::warn!(%status, reason = self.reason(), "a page could not be shown");
        }
        let m = visit.m;
        let (title, text) = match (status, self) {
            (StatusCode::NOT_FOUND, _) => (m.not_found_title, m.not_found_text.to_owned()),
            (_, Self::Foreign) => (m.foreign_title, m.foreign_text.to_owned()),
            (_, Self::TooLarge) => (m.refused_title, m.too_large.to_owned()),
            (_, Self::Unreadable) => (m.refused_title, m.unreadable.to_owned()),
            (_, Self::Refused(refused)) if status.is_server_error() => {
                (m.away_title, words::reason(refused, visit.language))
            }
            (_, Self::Refused(refused)) => (m.refused_title, words::reason(refused, visit.language)),
            _ => (m.refused_title, m.sign_in_needed.to_owned()),
        };
        let page = Page::new(title).status(status).with(Notice::plain(&text));
        let passes = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        kept::after(visit, page, visit.kept().filter(|_| passes)).respond(visit)
    }

    fn reason(&self) -> &'static str {
        match self {
            Self::Refused(status) => status.code().description(),
            _ => "refused by the portal",
        }
    }
}

impl IntoResponse for Failure {
    /// An empty response that carries the failure: what goes with the request makes the page, in the reader's language.
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Form, FromRequest, Request};
use axum::http::header::{CONTENT_TYPE, ORIGIN};

use super::kept::WITHOUT_FILES;
use super::{Kept, guard, multipart};
use crate::failure::Failure;
use crate::visit::Visit;
use crate::words;

/// A form that was sent from one of our pages in the same visit.
#[derive(Debug, Default)]
pub(crate) struct Submitted {
    pub(super) fields: Arc<Vec<(String, String)>>,
    files: Vec<(String, Bytes)>,
}

impl Submitted {
    /// What was entered, without space around it; empty if nothing was.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// What was entered, as it is.
    pub(crate) fn raw(&self, name: &str) -> &str {
        self.fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// For fields of messages.
    pub(crate) fn text(&self, name: &str) -> String {
        self.get(name).replace("\r\n", "\n")
    }

    /// Every value under a name: boxes that were ticked.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        self.fields
            .iter()
            .filter(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.clone())
            .collect()
    }

    /// With fields under other names, without those that get none.
    pub(crate) fn renamed(mut self, name: impl Fn(&str) -> Option<String>) -> Self {
        let renamed = self.fields.iter().filter_map(|(key, value)| Some((name(key)?, value.clone())));
        self.fields = Arc::new(renamed.collect());
        self
    }

    pub(crate) fn is_ticked(&self, name: &str) -> bool {
        !self.get(name).is_empty()
    }

    /// The number of an enum's value; 0 for anything else.
    pub(crate) fn number(&self, name: &str) -> i32 {
        self.get(name).parse().unwrap_or(0)
    }

    /// Whether files were chosen, now or before what was typed went along: a form that is shown again has none of them.
    pub(super) fn lost_files(&self) -> bool {
        self.files.iter().any(|(_, content)| !content.is_empty()) || self.is_ticked(WITHOUT_FILES)
    }

    /// Files that were chosen, in order; empty ones are none.
    pub(crate) fn files(&self, name: &str) -> impl Iterator<Item = &Bytes> {
        self.files.iter().filter(move |(key, content)| key == name && !content.is_empty()).map(|(_, content)| content)
    }
}

impl<S: Send + Sync> FromRequest<S> for Submitted {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let visit = request.extensions().get::<Arc<Visit>>().cloned().ok_or(Failure::Foreign)?;
        // One that names another origin does not come this far.
        let is_from_here = request.headers().contains_key(ORIGIN);
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default().to_owned();
        let submitted = if let Some(boundary) = multipart::boundary(&kind) {
            let body = Bytes::from_request(request, state).await.map_err(|_| Failure::TooLarge)?;
            let (fields, files) = multipart::parse(&body, &boundary).ok_or(Failure::Unreadable)?;
            Self { fields: Arc::new(without_marks(fields)), files }
        } else {
            let form = Form::<Vec<(String, String)>>::from_request(request, state).await;
            let Form(fields) = form.map_err(|rejection| match rejection.status() {
                axum::http::StatusCode::PAYLOAD_TOO_LARGE => Failure::TooLarge,
                _ => Failure::Unreadable,
            })?;
            Self { fields: Arc::new(without_marks(fields)), files: Vec::new() }
        };
        let fits = guard::fits(submitted.get("csrf"), &visit.csrf_before);
        // Without the token, only a browser that names our own origin shows that it is not another site's text.
        if fits || is_from_here {
            let along = || Kept::along(&visit, submitted.get("weiter"), &submitted);
            visit.keep(Kept::of(&visit, &submitted).or_else(along));
        }
        if fits { Ok(submitted) } else { Err(Failure::Foreign) }
    }
}

/// Pages tell by marks what is in which language. What is shown again in a form has none of its own.
fn without_marks(fields: Vec<(String, String)>) -> Vec<(String, String)> {
    fields.into_iter().map(|(name, value)| (words::unmarked(&name), words::unmarked(&value))).collect()
}

use std::sync::Arc;

use allmende_kernel::TenantId;
use allmende_runtime::fields::ConsistencyToken;
use axum::extract::{Query, State};
use axum::http::header::{ACCEPT, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use sha2::Digest as _;

use super::{bad_request, refused};
use crate::app::App;
use crate::dcat::Serialisation;

/// What a harvester may ask for. Anything else in the query is passed over.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    page: Option<String>,
    tenant: Option<String>,
}

pub(super) async fn turtle(State(app): State<Arc<App>>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    answer(&app, &asked, &headers, Serialisation::Turtle).await
}

pub(super) async fn rdf_xml(State(app): State<Arc<App>>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    answer(&app, &asked, &headers, Serialisation::RdfXml).await
}

pub(super) async fn json_ld(State(app): State<Arc<App>>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    answer(&app, &asked, &headers, Serialisation::JsonLd).await
}

/// The same in the form that the caller names; Turtle for who names none.
pub(super) async fn negotiated(
    State(app): State<Arc<App>>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    let wanted = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let form = wanted_form(wanted);
    let mut answer = answer(&app, &asked, &headers, form).await;
    answer.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    answer
}

/// The form that is wanted most, of two that are wanted alike the one that is named first; Turtle if none is named.
fn wanted_form(accept: &str) -> Serialisation {
    let mut wanted = (0, Serialisation::Turtle);
    for named in accept.split(',') {
        let mut parts = named.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let forms = [Serialisation::Turtle, Serialisation::RdfXml, Serialisation::JsonLd];
        let Some(form) = forms.into_iter().find(|form| form.media_type().split(';').next() == Some(name)) else {
            continue;
        };
        // Thousandths, as many as a quality has.
        let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok()).unwrap_or(1.0_f64);
        let quality = (quality.clamp(0.0, 1.0) * 1e3) as u32;
        if quality > wanted.0 {
            wanted = (quality, form);
        }
    }
    wanted.1
}

async fn answer(app: &Arc<App>, asked: &Asked, headers: &HeaderMap, form: Serialisation) -> Response {
    let page = match asked.page.as_deref() {
        None | Some("") => 1,
        Some(page) => match page.parse::<u64>() {
            Ok(page) if page > 0 => page,
            _ => return bad_request("page must be a number from 1\n"),
        },
    };
    let tenant = match asked.tenant.as_deref() {
        None | Some("") => None,
        Some(tenant) => match TenantId::parse(tenant) {
            Ok(tenant) => Some(tenant),
            Err(_) => return bad_request("tenant must be the name of a tenant\n"),
        },
    };
    let page = match app.get_catalogue(tenant, form, page, &ConsistencyToken::default()).await {
        Ok(answer) => answer.value,
        Err(error) => return refused(error),
    };
    let hash = sha2::Sha256::digest(&page.content);
    let tag = format!("\"{}\"", hash[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let known = headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|known| known.trim().trim_start_matches("W/") == tag)) {
        return (StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response();
    }
    ([(CONTENT_TYPE, form.media_type().to_owned()), (ETAG, tag)], page.content).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_that_is_wanted_most_is_given() {
        for (accept, form) in [
            ("", Serialisation::Turtle),
            ("*/*", Serialisation::Turtle),
            ("application/rdf+xml", Serialisation::RdfXml),
            ("application/rdf+xml;q=0.5, text/turtle; q=0.4", Serialisation::RdfXml),
            ("application/ld+json; q=0.2,application/rdf+xml ;q=0.9, */*;q=0.1", Serialisation::RdfXml),
            ("application/ld+json, text/turtle", Serialisation::JsonLd),
            ("application/rdf+xml;q=0, application/ld+json;q=0.001", Serialisation::JsonLd),
        ] {
            assert_eq!(wanted_form(accept), form, "{accept}");
        }
    }
}

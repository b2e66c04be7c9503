use std::sync::Arc;

use allmende_opendata_domain::dataset::WithdrawalReason;
use allmende_opendata_domain::{ColumnType, DatasetId, Distribution, Format};
use allmende_runtime::authorize::Caller;
use allmende_runtime::fields::ConsistencyToken;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use tokio_stream::wrappers::ReceiverStream;

use super::{SCHEMA, refused};
use crate::app::{App, Found, OpenFile, Version};
use crate::authorization::STAFF;
use crate::error::{Error, Rejection};
use crate::stream::{self, Part};

pub(super) async fn get(
    State(app): State<Arc<App>>,
    Path((id, version, file)): Path<(String, String, String)>,
    caller: Caller,
    method: Method,
    headers: HeaderMap,
) -> Response {
    match answer(&app, (&id, &version, &file), &caller, &method, &headers).await {
        Ok(response) => response,
        Err(error) => refused(error),
    }
}

async fn answer(
    app: &Arc<App>,
    (id, version, file): (&str, &str, &str),
    caller: &Caller,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, Error> {
    let (Ok(id), Some(version)) = (DatasetId::parse(id), number(version)) else {
        return Err(Rejection::DistributionUnknown.into());
    };
    let tenant = app.tenant_of(id).await?;
    let staff = caller.has_role(&tenant, STAFF);
    let (name, is_schema) = match file.strip_suffix(SCHEMA) {
        Some(name) => (name, true),
        None => (file, false),
    };
    let asked = OpenFile { id, version, file: name.to_owned() };
    let found = app.find_file(&tenant, asked, staff, &ConsistencyToken::default()).await?.value;
    let (_, distribution) = match found {
        Found::Withdrawn(version) => return Ok(gone(app, id, &version)),
        Found::File(found) => *found,
    };
    if is_schema {
        return Ok(Json(schema(&distribution)).into_response());
    }
    let tag = format!("\"{}\"", distribution.sha256);
    let known = headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    if known.is_some_and(|known| known.split(',').any(|known| known.trim() == tag || known.trim() == "*")) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, tag)]).into_response());
    }
    let body = match *method == Method::HEAD {
        true => Body::empty(),
        false => {
            let Some(place) = app.downloads.place() else { return Ok(busy()) };
            let opened = app.open_file(&distribution).await?;
            let pieces = stream::send(place, opened, None, |part| match part {
                Part::Piece(piece) => Some(Ok(piece)),
                Part::End => None,
                Part::Cut(error) => Some(Err(error)),
            });
            Body::from_stream(ReceiverStream::new(pieces))
        }
    };
    let headers = [
        (CONTENT_TYPE, content_type(distribution.format).to_owned()),
        (CONTENT_LENGTH, distribution.bytes.to_string()),
        (ETAG, tag),
        // Kept by caches, but asked for each time: it may have been withdrawn.
        (CACHE_CONTROL, "public, no-cache".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", distribution.file)),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    let digest = format!("sha-256=:{}:", BASE64_STANDARD.encode(distribution.sha256.0));
    Ok((headers, [("repr-digest", digest)], body).into_response())
}

/// The number of a version. Number 0, the current one, is what addresses have none for.
pub(super) fn number(text: &str) -> Option<u32> {
    text.parse().ok().filter(|number| *number > 0)
}

fn busy() -> Response {
    let words = "too many files are downloaded at once: wait a moment\n";
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], words).into_response()
}

const fn content_type(format: Format) -> &'static str {
    match format {
        Format::Csv => "text/csv; charset=utf-8; header=present",
        other => other.media_type(),
    }
}

/// What is left of a withdrawn version.
pub(super) fn gone(app: &App, id: DatasetId, version: &Version) -> Response {
    let reason = match version.row.withdrawn {
        Some((WithdrawalReason::Erasure, _)) => "erasure",
        Some((WithdrawalReason::Rights, _)) => "rights",
        Some((WithdrawalReason::Incorrect, _)) | None => "incorrect",
    };
    let at = version.row.withdrawn.and_then(|(_, at)| jiff::Timestamp::from_microsecond(at.as_micros()).ok());
    let replaced_by = (version.reissued_as > 0)
        .then(|| format!("{}/datasets/{id}/versions/{}", app.config.public_url, version.reissued_as));
    let tombstone = json!({
        "dataset": id.to_string(),
        "version": version.row.number,
        "withdrawn": reason,
        "at": at.map(|at| at.to_string()),
        "replaced_by": replaced_by,
    });
    (StatusCode::GONE, [(CACHE_CONTROL, "no-cache")], Json(tombstone)).into_response()
}

/// The table schema of a file, by [Frictionless](https://specs.frictionlessdata.io/table-schema/).
fn schema(distribution: &Distribution) -> serde_json::Value {
    let fields = distribution.columns.iter().map(|column| {
        let kind = match column.kind {
            Some(ColumnType::Integer) => "integer",
            Some(ColumnType::Number) => "number",
            Some(ColumnType::Boolean) => "boolean",
            Some(ColumnType::Date) => "date",
            Some(ColumnType::DateTime) => "datetime",
            Some(ColumnType::String) => "string",
            None => "any",
        };
        let mut field = json!({
            "name": column.name.as_str(),
            "type": kind,
            "title": column.description.de,
            "description": column.description.en,
        });
        if !column.unit.is_empty() {
            field["unit"] = column.unit.clone().into();
        }
        field
    });
    json!({ "fields": fields.collect::<Vec<_>>(), "missingValues": [""] })
}

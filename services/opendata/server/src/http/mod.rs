//! The catalogue and the files over HTTP. Datasets and versions are what they are called by; whoever follows that is shown
//! their page.
//!
//! A file has its checksum as its ETag and in `Repr-Digest` ([RFC 9530](https://www.rfc-editor.org/rfc/rfc9530)), and
//! its length in front: one that is cut is noticed. A withdrawn version is 410 Gone, and says what replaces it.

mod catalogue;
mod dataset;
mod file;

use std::sync::Arc;

use allmende_runtime::authorize::Routes;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use tonic::{Code, Status};

use crate::app::App;
use crate::authorization::{CATALOGUE, CATALOGUE_JSONLD, CATALOGUE_RDF, CATALOGUE_TTL, DATASET, FILE, VERSION};
use crate::error::Error;

/// What the address of a file's table schema ends with.
pub(crate) const SCHEMA: &str = ".schema.json";

/// The routes, without the guard.
pub(crate) fn routes(app: Arc<App>) -> Routes {
    Routes::new()
        .route(CATALOGUE, catalogue::negotiated)
        .route(CATALOGUE_TTL, catalogue::turtle)
        .route(CATALOGUE_RDF, catalogue::rdf_xml)
        .route(CATALOGUE_JSONLD, catalogue::json_ld)
        .route(DATASET, dataset::get)
        .route(VERSION, dataset::version)
        .route(FILE, file::get)
        .with_state(app)
}

/// An answer in plain text; nothing of the request is repeated in it.
fn refused(error: Error) -> Response {
    let status = Status::from(error);
    let code = match status.code() {
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::InvalidArgument | Code::FailedPrecondition => StatusCode::BAD_REQUEST,
        Code::Unavailable | Code::ResourceExhausted | Code::DeadlineExceeded => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    (code, format!("{}\n", status.message())).into_response()
}

fn bad_request(what: &'static str) -> Response {
    (StatusCode::BAD_REQUEST, what).into_response()
}

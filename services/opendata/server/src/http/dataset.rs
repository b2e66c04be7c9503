use std::sync::Arc;

use allmende_kernel::TenantId;
use allmende_opendata_domain::DatasetId;
use allmende_opendata_domain::dataset::Rejection as Refused;
use allmende_runtime::authorize::Caller;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::response::{IntoResponse as _, Response};

use super::{file, refused};
use crate::app::App;
use crate::authorization::STAFF;
use crate::error::{Error, Rejection};

pub(super) async fn get(State(app): State<Arc<App>>, Path(id): Path<String>, caller: Caller) -> Response {
    dataset(&app, &id, &caller).await.unwrap_or_else(refused)
}

pub(super) async fn version(
    State(app): State<Arc<App>>,
    Path((id, version)): Path<(String, String)>,
    caller: Caller,
) -> Response {
    of_version(&app, (&id, &version), &caller).await.unwrap_or_else(refused)
}

async fn dataset(app: &App, id: &str, caller: &Caller) -> Result<Response, Error> {
    let id = DatasetId::parse(id).map_err(|_| Rejection::from(Refused::DatasetUnknown))?;
    let tenant = app.tenant_of(id).await?;
    app.find_dataset(&tenant, id, caller.has_role(&tenant, STAFF)).await?;
    Ok(page(&tenant, id))
}

async fn of_version(app: &App, (id, version): (&str, &str), caller: &Caller) -> Result<Response, Error> {
    let (Ok(id), Some(number)) = (DatasetId::parse(id), file::number(version)) else {
        return Err(Rejection::from(Refused::VersionUnknown).into());
    };
    let tenant = app.tenant_of(id).await?;
    let version = app.find_version(&tenant, id, number, caller.has_role(&tenant, STAFF)).await?;
    match version.row.withdrawn {
        Some(_) => Ok(file::gone(app, id, &version)),
        None => Ok(page(&tenant, id)),
    }
}

/// To the portal's page, which tells of a dataset and all its versions.
fn page(tenant: &TenantId, id: DatasetId) -> Response {
    let headers = [(LOCATION, format!("/{tenant}/daten/{id}")), (CACHE_CONTROL, "no-cache".to_owned())];
    (StatusCode::SEE_OTHER, headers).into_response()
}

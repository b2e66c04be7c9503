use std::sync::Arc;

use allmende_runtime::authorize::Routes;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::IntoResponse;

use crate::authorization::JWKS;
use crate::tokens::SigningKeys;

/// Gateway's own routes.
pub(crate) fn routes(keys: Arc<SigningKeys>) -> Routes {
    Routes::new().route(JWKS, move || {
        let keys = serde_json::to_string(&keys.public());
        async move {
            match keys {
                Ok(keys) => {
                    let headers = [(CONTENT_TYPE, "application/jwk-set+json"), (CACHE_CONTROL, "public, max-age=300")];
                    (headers, keys).into_response()
                }
                Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            }
        }
    })
}

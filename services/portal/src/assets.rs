//! The style sheet, served from the binary under a name that changes with its content, so that browsers keep it.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};

const STYLE: &str = include_str!("../assets/portal.css");
const ICON: &str = include_str!("../assets/icon.svg");

static HASH: LazyLock<String> =
    LazyLock::new(|| Sha256::digest(STYLE)[..8].iter().map(|byte| format!("{byte:02x}")).collect());

/// Where the style sheet is.
pub(crate) fn style() -> String {
    format!("/assets/{}.css", *HASH)
}

/// Answers with the asset of that name.
pub(crate) async fn get(Path(file): Path<String>) -> Response {
    const FOREVER: (axum::http::HeaderName, &str) = (CACHE_CONTROL, "public, max-age=31536000, immutable");
    if file.strip_suffix(".css") == Some(HASH.as_str()) {
        return ([(CONTENT_TYPE, "text/css; charset=utf-8"), FOREVER], STYLE).into_response();
    }
    if file == "icon.svg" {
        return ([(CONTENT_TYPE, "image/svg+xml"), (CACHE_CONTROL, "public, max-age=86400")], ICON).into_response();
    }
    StatusCode::NOT_FOUND.into_response()
}

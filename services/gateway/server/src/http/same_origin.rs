use std::convert::Infallible;

use axum::extract::Request;
use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

/// Refuses what another site has a browser do in its user's name: a change, with cookies, that did not begin here.
pub(super) async fn check(request: Request, next: Next) -> Result<Response, Infallible> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !reads && request.headers().contains_key(COOKIE) && !begun_here(request.headers()) {
        return Ok((StatusCode::FORBIDDEN, "this was sent from another site\n").into_response());
    }
    Ok(next.run(request).await)
}

/// Whether the browser says that the request began here. Programs, which send neither header, have no user whose
/// cookies they could be made to send.
fn begun_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (headers.get(ORIGIN), text(HOST.as_str())) {
        (None, _) => true,
        (Some(origin), Some(host)) => {
            let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
            origin.is_some_and(|(_, authority)| authority.eq_ignore_ascii_case(host))
        }
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_tells_where_a_request_began() {
        let begun = |headers: &[(&'static str, &str)]| {
            let headers =
                headers.iter().map(|(name, value)| (axum::http::HeaderName::from_static(name), value.parse().unwrap()));
            begun_here(&headers.collect())
        };
        assert!(begun(&[]));
        assert!(begun(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(!begun(&[("sec-fetch-site", "cross-site")]));
        assert!(!begun(&[("sec-fetch-site", "same-site")]));
        assert!(begun(&[("origin", "https://koeln.example"), ("host", "koeln.example")]));
        assert!(!begun(&[("origin", "https://evil.example"), ("host", "koeln.example")]));
        assert!(!begun(&[("origin", "null"), ("host", "koeln.example")]));
    }
}

use std::sync::Arc;

use allmende_kernel::TenantId;
use allmende_runtime::authorize::Routes;
use axum::extract::RawQuery;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Redirect, Response};

use crate::authorization::{JWKS, SIGN_IN};
use crate::secrets::LINK_MARK;
use crate::tokens::SigningKeys;

/// Gateway's own routes.
pub(crate) fn routes(keys: Arc<SigningKeys>) -> Routes {
    let jwks = move || {
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
    };
    Routes::new().route(JWKS, jwks).route(SIGN_IN, |RawQuery(query): RawQuery| async move { back(query.as_deref()) })
}

/// From an identity provider back to the page of the tenant for which it was begun, of signing in or of linking: one
/// address is registered with the provider, whatever tenants there are.
fn back(query: Option<&str>) -> Response {
    let query = query.unwrap_or_default();
    let state = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "state").map(|(_, state)| state);
    let place = state.and_then(|state| {
        let (tenant, rest) = state.split_once('.')?;
        let page = if rest.starts_with(LINK_MARK) { "anmeldewege" } else { "anmelden" };
        Some((TenantId::parse(tenant).ok()?, page))
    });
    match place {
        Some((tenant, page)) => Redirect::to(&format!("/{tenant}/konto/{page}/rueckkehr?{query}")).into_response(),
        None => (StatusCode::BAD_REQUEST, "this sign-in was not begun here\n").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header::LOCATION;

    use super::*;

    #[test]
    fn the_way_back_leads_to_the_tenant_and_to_no_other_site() {
        let location = |query: &str| {
            let answer = back(Some(query));
            answer.headers().get(LOCATION).map(|location| location.to_str().unwrap().to_owned())
        };
        let page = "/koeln/konto/anmelden/rueckkehr?code=c&state=koeln.x";
        assert_eq!(location("code=c&state=koeln.x").as_deref(), Some(page));
        let page = "/koeln/konto/anmeldewege/rueckkehr?code=c&state=koeln.link.x";
        assert_eq!(location("code=c&state=koeln.link.x").as_deref(), Some(page));
        for elsewhere in
            ["", "state=", "state=koeln", "state=%2F%2Fevil.example.x", "state=//evil.example", "x=koeln.x"]
        {
            assert_eq!(location(elsewhere), None, "{elsewhere}");
        }
    }
}

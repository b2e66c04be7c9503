use std::sync::{Arc, OnceLock};

use allmende_kernel::TenantId;
use allmende_proto::gateway::v1::GetTenantRequest;
use axum::extract::{Query, Request, State};
use axum::http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;

use super::Visit;
use super::cookies::{self, Cookie};
use super::session::Session;
use crate::api::Api;
use crate::config::{Config, FormKey};
use crate::failure::Failure;
use crate::forms;
use crate::words::Language;

/// Nothing but the portal's own style sheet and pictures; forms go to the portal only.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// The same origin is told where a form comes from; no other site learns what somebody reads.
const SAME_ORIGIN: &str = "same-origin";

/// What every page needs.
#[derive(Debug, Clone)]
pub(crate) struct Portal {
    pub(crate) api: Api,
    pub(crate) config: Arc<Config>,
    pub(crate) key: FormKey,
}

/// Goes with a request through its handler: finds out who reads, in what language, of what tenant; turns a failure into
/// a page; sets cookies and headers.
pub(crate) async fn accompany(State(portal): State<Portal>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/assets/") {
        return protected(next.run(request).await);
    }
    let (mut parts, body) = request.into_parts();
    let (visit, cookies, failed) = begin(&portal, &parts).await;
    let visit = Arc::new(visit);
    let response = match failed {
        Some(failure) => failure.page(&visit).await,
        None => {
            parts.extensions.insert(Arc::clone(&visit));
            let response = next.run(Request::from_parts(parts, body)).await;
            match response.extensions().get::<Failure>().cloned() {
                Some(failure) => failure.page(&visit).await,
                None => response,
            }
        }
    };
    finished(response, cookies)
}

/// The page for what is not there.
pub(crate) async fn missing(portal: &Portal, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let (visit, cookies, failed) = begin(portal, &parts).await;
    finished(failed.unwrap_or(Failure::NotFound).page(&visit).await, cookies)
}

fn finished(mut response: Response, cookies: Vec<HeaderValue>) -> Response {
    let set: Vec<_> = response.headers().get_all(SET_COOKIE).iter().map(name_of).map(str::to_owned).collect();
    for cookie in cookies.into_iter().filter(|cookie| !set.iter().any(|name| name == name_of(cookie))) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response.headers_mut().entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    protected(response)
}

fn name_of(cookie: &HeaderValue) -> &str {
    cookie.to_str().ok().and_then(|cookie| cookie.split('=').next()).unwrap_or_default()
}

fn protected(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(REFERRER_POLICY, SAME_ORIGIN);
    set(HeaderName::from_static("cross-origin-opener-policy"), SAME_ORIGIN);
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    response
}

async fn begin(portal: &Portal, parts: &Parts) -> (Visit, Vec<HeaderValue>, Option<Failure>) {
    let https = portal.config.is_https();
    let (api, headers, path) = (&portal.api, &parts.headers, parts.uri.path());
    let query = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri).map(|query| query.0).unwrap_or_default();
    let asked = query.iter().find(|(name, _)| name == "lang").and_then(|(_, code)| Language::parse(code));
    let language = asked.or_else(|| kept_language(headers)).unwrap_or(Language::German);
    let mut cookies: Vec<_> = asked.and_then(|asked| cookies::language(asked.code(), https)).into_iter().collect();
    let visit_number = match Cookie::Visit.read(headers) {
        Some(number) if (20..=64).contains(&number.len()) => number.to_owned(),
        _ => {
            let number = cookies::fresh_visit();
            cookies.extend(Cookie::Visit.set(&number, None, https));
            number
        }
    };
    let mut visit = Visit {
        api: api.clone(),
        language,
        m: language.messages(),
        path: path.to_owned(),
        tenant: None,
        person: None,
        csrf: forms::token(&portal.key, &visit_number),
        csrf_before: forms::token(&portal.key, &visit_number),
        https,
        key: portal.key.clone(),
        kept: OnceLock::new(),
        query,
        bearer: None,
        origin: parts.extensions.get().copied(),
        seen: cookies::seen(headers),
    };
    let mut session = match Session::of(api, headers, https).await {
        Ok(session) => session,
        Err(status) => return (visit, cookies, Some(status.into())),
    };
    let token = visit.seen(super::Service::Gateway);
    let tenant = tenant_of(path).map(|tenant| GetTenantRequest { tenant, consistency_token: token });
    let find_tenant = async {
        match tenant {
            Some(request) => api.tenants().get_tenant(visit.ask(request)).await.map(|found| found.into_inner().tenant),
            None => Ok(None),
        }
    };
    let (tenant, person) = tokio::join!(find_tenant, session.person(api));
    let failed = match (tenant, person) {
        (Ok(tenant), Ok(person)) => {
            (visit.tenant, visit.person) = (tenant, person);
            visit.bearer = session.bearer;
            None
        }
        (Err(status), _) | (_, Err(status)) => Some(status.into()),
    };
    // A page of a tenant is one of a tenant that there is.
    let nowhere = visit.tenant.is_none() && !path.trim_start_matches('/').is_empty();
    let failed = failed
        .or(nowhere.then_some(Failure::NotFound))
        .or_else(|| forms::foreign(&parts.method, headers, &portal.config));
    if session.has_ended {
        let fresh = cookies::fresh_visit();
        visit.csrf = forms::token(&portal.key, &fresh);
        cookies.retain(|cookie| name_of(cookie) != Cookie::Visit.name());
        cookies.extend(cookies::end_session(&fresh, https));
    }
    cookies.extend(session.cookies);
    (visit, cookies, failed)
}

fn kept_language(headers: &HeaderMap) -> Option<Language> {
    let kept = Cookie::Language.read(headers).and_then(Language::parse);
    kept.or_else(|| Language::preferred(headers.get(ACCEPT_LANGUAGE)?.to_str().ok()?))
}

/// The tenant whose page this is: the first part of the address.
fn tenant_of(path: &str) -> Option<String> {
    let first = path.split('/').nth(1).filter(|first| !first.is_empty())?;
    TenantId::parse(first).is_ok().then(|| first.to_owned())
}

/// Whether a request changes something.
pub(crate) fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

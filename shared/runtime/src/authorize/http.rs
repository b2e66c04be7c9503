use std::convert::Infallible;
use std::sync::Arc;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::handler::Handler;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, on};

use super::caller::{admit_as, bearer};
use super::{Authenticator, Caller, Denied, Principal, Table};
use crate::limits::Origin;

/// The cookie in which a browser keeps its access token. It is set HttpOnly, and only the portal sets it.
pub const SESSION_COOKIE: &str = "allmende-session";

/// An axum router that can tell its routes, so that a test can hold them against the table.
///
/// A route is named as in the table, by method and pattern: `GET /procedures/{id}`.
pub struct Routes<S = ()> {
    router: Router<S>,
    names: Vec<&'static str>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes.
    pub fn new() -> Self {
        Self { router: Router::new(), names: Vec::new() }
    }

    /// Adds a route.
    ///
    /// # Panics
    /// When the name is not a method and a pattern, or the route is there already: names are constants.
    pub fn route<H, T>(mut self, name: &'static str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let (method, pattern) = name.split_once(' ').expect("a route's name is a method and a pattern");
        let method = Method::from_bytes(method.as_bytes()).expect("a route's name begins with a method");
        let filter = MethodFilter::try_from(method).expect("a route's method is one of HTTP's");
        self.router = self.router.route(pattern, on(filter, handler));
        self.names.push(name);
        self
    }

    /// Adds all routes of another router.
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.names.extend(other.names);
        self
    }

    /// Changes the router in other ways than by adding routes: layers, limits.
    pub fn map(mut self, change: impl FnOnce(Router<S>) -> Router<S>) -> Self {
        self.router = change(self.router);
        self
    }

    /// The routes with what their handlers need.
    pub fn with_state(self, state: S) -> Routes {
        Routes { router: self.router.with_state(state), names: self.names }
    }

    /// The routes' names, for [`assert_covers_routes`](super::assert_covers_routes).
    pub fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// The router behind the guard: every route is checked, and its handler gets the [`Caller`].
    pub fn guarded(self, guard: Guard) -> Router<S> {
        self.router.route_layer(from_fn_with_state(guard, check))
    }
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self::new()
    }
}

/// The answer to a request that is not let through.
pub type Refuse = fn(Denied, &Parts) -> Response;

/// Checks requests to routes against the table. Programs show a bearer token, browsers the [`SESSION_COOKIE`].
///
/// A wrong bearer token is refused everywhere; a cookie that is no longer good makes a visitor, whom the rule then lets
/// through or not: a browser cannot help sending it.
#[derive(Clone)]
pub struct Guard(Arc<Inner>);

struct Inner {
    table: Table,
    authenticator: Arc<dyn Authenticator>,
    refuse: Refuse,
}

impl Guard {
    /// A guard that refuses in plain text.
    pub fn new(table: Table, authenticator: Arc<dyn Authenticator>) -> Self {
        Self::refusing_with(table, authenticator, |denied, _| {
            (denied.http_status(), format!("{denied}\n")).into_response()
        })
    }

    /// A guard that refuses in the words of `refuse`: a page, or the way to sign in.
    pub fn refusing_with(table: Table, authenticator: Arc<dyn Authenticator>, refuse: Refuse) -> Self {
        Self(Arc::new(Inner { table, authenticator, refuse }))
    }

    fn admit(&self, parts: &Parts) -> Result<Caller, Denied> {
        let pattern = parts.extensions.get::<MatchedPath>().ok_or(Denied::UnknownMethod)?;
        let entry = self.0.table.find_route(&parts.method, pattern.as_str()).ok_or(Denied::UnknownMethod)?;
        let principal = self.principal(&parts.headers)?;
        let caller = admit_as(entry, principal, Arc::clone(&self.0.authenticator), &parts.headers)?;
        // Who limits what comes in tells whom it counts for.
        Ok(match parts.extensions.get::<Origin>() {
            Some(origin) => caller.from(*origin),
            None => caller,
        })
    }

    fn principal(&self, headers: &HeaderMap) -> Result<Principal, Denied> {
        let authenticator = self.0.authenticator.as_ref();
        if let Some(principal) = bearer(authenticator, headers)? {
            return Ok(principal);
        }
        match session(headers).map(|token| authenticator.authenticate(token)) {
            Some(Err(denied)) if denied.is_servers_fault() => Err(denied),
            Some(Ok(principal)) => Ok(principal),
            Some(Err(_)) | None => Ok(Principal::visitor()),
        }
    }
}

/// The access token of a browser's session, if there is exactly one.
fn session(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(';'));
    let mut sessions = cookies.filter_map(|cookie| cookie.trim().strip_prefix(SESSION_COOKIE)?.strip_prefix('='));
    sessions.next().filter(|token| !token.is_empty() && sessions.next().is_none())
}

async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Result<Response, Infallible> {
    let (mut parts, body) = request.into_parts();
    match guard.admit(&parts) {
        Ok(caller) => {
            parts.extensions.insert(caller);
            Ok(next.run(Request::from_parts(parts, body)).await)
        }
        Err(denied) => Ok((guard.0.refuse)(denied, &parts)),
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use axum::http::header::AUTHORIZATION;
    use tower::ServiceExt as _;

    use super::*;
    use crate::authorize::{LocalTokens, Role, Rule, assert_covers_routes};
    use crate::secrets::FolderSecrets;

    const TABLE: &[crate::authorize::Entry] = &[
        ("GET /open/{id}", Rule::Visitor),
        ("POST /mine", Rule::SignedIn),
        ("GET /staff", Rule::AnyOf(&[Role::Moderator])),
    ];

    fn routes() -> Routes {
        let subject = |caller: Caller| async move { caller.subject().is_some().to_string() };
        Routes::new().route("GET /open/{id}", subject).route("POST /mine", subject).route("GET /staff", subject)
    }

    #[test]
    fn what_is_served_is_what_has_a_rule() {
        assert_covers_routes(&Table::new(&[TABLE]), routes().names().iter().copied());
    }

    #[tokio::test]
    async fn routes_are_checked_like_rpcs() {
        let data = tempfile::tempdir().unwrap();
        let tokens = LocalTokens::open(&FolderSecrets::new(data.path())).unwrap();
        let token = std::fs::read_to_string(data.path().join("operator.token")).unwrap().trim().to_owned();
        let hidden = routes().route("GET /hidden", || async { "hidden" });
        let router = hidden.guarded(Guard::new(Table::new(&[TABLE]), Arc::new(tokens)));
        let call = async |method: &str, path: &str, header: Option<(&str, &str)>| {
            let mut request = Request::builder().method(method).uri(path);
            if let Some((name, value)) = header {
                request = request.header(name, value);
            }
            let response = router.clone().oneshot(request.body(axum::body::Body::empty()).unwrap()).await.unwrap();
            response.status()
        };
        let (bearer, cookie) = (format!("Bearer {token}"), format!("a=b; {SESSION_COOKIE}={token}"));
        let twice = format!("{cookie}; {SESSION_COOKIE}={token}");
        let authorization = AUTHORIZATION.as_str();
        assert_eq!(call("GET", "/open/7", None).await, StatusCode::OK);
        assert_eq!(call("HEAD", "/open/7", None).await, StatusCode::OK);
        assert_eq!(call("POST", "/mine", None).await, StatusCode::UNAUTHORIZED);
        assert_eq!(call("POST", "/mine", Some((authorization, &bearer))).await, StatusCode::OK);
        assert_eq!(call("POST", "/mine", Some(("cookie", &cookie))).await, StatusCode::OK);
        assert_eq!(call("POST", "/mine", Some(("cookie", &twice))).await, StatusCode::UNAUTHORIZED);
        assert_eq!(call("GET", "/staff", Some(("cookie", &cookie))).await, StatusCode::FORBIDDEN);
        assert_eq!(call("GET", "/hidden", Some(("cookie", &cookie))).await, StatusCode::NOT_FOUND);
        assert_eq!(call("GET", "/none", None).await, StatusCode::NOT_FOUND);
        // A stale cookie is no fault of its holder's, a wrong token is.
        assert_eq!(call("GET", "/open/7", Some(("cookie", "allmende-session=old"))).await, StatusCode::OK);
        assert_eq!(call("GET", "/open/7", Some((authorization, "Bearer old"))).await, StatusCode::UNAUTHORIZED);
    }
}

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

use allmende_gateway::http::{self, Parts};
use allmende_runtime::authorize::{Guard, Routes, Rule, Table, assert_covers_routes};
use allmende_runtime::limits::Proxies;
use axum::body::{Body, Bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode};
use tower::ServiceExt as _;

use crate::support::{Running, start};

const TABLE: &[allmende_runtime::authorize::Entry] = &[
    ("GET /page", Rule::Visitor),
    ("POST /mine", Rule::SignedIn),
    ("GET /slow", Rule::Visitor),
    ("GET /file", Rule::Visitor),
];

fn routes() -> Routes {
    let slow = || async {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        "late"
    };
    Routes::new()
        .route("GET /page", || async { "page" })
        .route("POST /mine", |body: String| async move { body.len().to_string() })
        .route("GET /slow", slow)
        .route("GET /file", || async { Body::from_stream(tokio_stream::pending::<Result<Bytes, Infallible>>()) })
}

fn router(running: &Running, config: &http::Config) -> axum::Router {
    let routes = running.gateway.routes().merge(routes());
    let table = Table::new(&[allmende_gateway::AUTHORIZATION, TABLE]);
    assert_covers_routes(&table, routes.names().iter().copied());
    let guard = Guard::new(table, running.gateway.authenticator());
    let parts = Parts { routes, guard, clock: Arc::clone(&running.clock) as _, proxies: Proxies::default() };
    http::router(config, parts, || async { (StatusCode::NOT_FOUND, "nothing here") })
}

async fn send(router: &axum::Router, request: Request<Body>) -> Response<Body> {
    router.clone().oneshot(request).await.unwrap()
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_its_reader() {
    let running = start().await;
    let router = router(&running, &http::Config { https: true, ..http::Config::default() });
    for (path, status) in [("/page", StatusCode::OK), ("/none", StatusCode::NOT_FOUND)] {
        let response = send(&router, get(path)).await;
        assert_eq!(response.status(), status);
        let header = |name: &str| response.headers().get(name).unwrap().to_str().unwrap().to_owned();
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        assert!(header("strict-transport-security").starts_with("max-age="));
    }
}

#[tokio::test]
async fn the_signing_keys_are_public() {
    let running = start().await;
    let response = send(&router(&running, &http::Config::default()), get("/.well-known/allmende/jwks.json")).await;
    let body = axum::body::to_bytes(response.into_body(), 1 << 16).await.unwrap();
    assert_eq!(String::from_utf8(body.to_vec()).unwrap(), running.gateway.jwks().unwrap());
}

#[tokio::test]
async fn what_is_too_large_too_much_or_too_late_is_turned_away() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let token = running.sign_in("maria@example.org").await.access_token;
    let config = http::Config { max_body_kib: 1, change_burst: 4, timeout_s: 1, ..http::Config::default() };
    let router = router(&running, &config);
    let post = |length: usize| {
        let request = Request::post("/mine").header("authorization", format!("Bearer {token}"));
        request.body(Body::from(vec![b'x'; length])).unwrap()
    };
    assert_eq!(send(&router, post(1_024)).await.status(), StatusCode::OK);
    assert_eq!(send(&router, post(1_025)).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let unsigned = Request::post("/mine").body(Body::empty()).unwrap();
    assert_eq!(send(&router, unsigned).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(send(&router, post(1)).await.status(), StatusCode::OK);
    assert_eq!(send(&router, post(1)).await.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(send(&router, get("/page")).await.status(), StatusCode::OK);
    assert_eq!(send(&router, get("/slow")).await.status(), StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn another_site_changes_nothing_in_somebodys_name() {
    let running = start().await;
    running.registered("koeln", "maria@example.org").await;
    let token = running.sign_in("maria@example.org").await.access_token;
    let router = router(&running, &http::Config::default());
    let post = |site: &str| {
        let request = Request::post("/mine").header("cookie", format!("allmende-session={token}"));
        request.header("sec-fetch-site", site).body(Body::empty()).unwrap()
    };
    assert_eq!(send(&router, post("same-origin")).await.status(), StatusCode::OK);
    assert_eq!(send(&router, post("cross-site")).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_answer_keeps_its_place_until_it_was_taken_and_nobody_has_all_places() {
    let running = start().await;
    let config = http::Config { max_requests: 3, max_requests_per_client: 2, ..http::Config::default() };
    let router = router(&running, &config);
    let from = |last: u8, path: &str| {
        let mut request = get(path);
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from(([192, 0, 2, last], 4_711))));
        request
    };
    // Their heads are there, and nobody reads further.
    let files = [send(&router, from(1, "/file")).await, send(&router, from(1, "/file")).await];
    assert!(files.iter().all(|file| file.status() == StatusCode::OK));
    let refused = send(&router, from(1, "/page")).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers()["retry-after"], "1");
    let others = send(&router, from(2, "/file")).await;
    assert_eq!(others.status(), StatusCode::OK);
    assert_eq!(send(&router, from(3, "/page")).await.status(), StatusCode::SERVICE_UNAVAILABLE);
    drop(files);
    for _ in 0..5 {
        let page = send(&router, from(1, "/page")).await;
        assert_eq!(page.status(), StatusCode::OK);
        axum::body::to_bytes(page.into_body(), 64).await.unwrap();
    }
}

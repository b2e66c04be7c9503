//! The port for operators and their machinery: `/livez`, `/readyz` and `/metrics`. It is not for the public.

use std::io;

use allmende_instrumentation::Metrics;
use axum::Router;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::drain::Draining;

/// `/livez` answers while the process does anything at all; `/readyz` answers 200 while `ready` is true and no drain
/// has begun, else 503; `/metrics` is Prometheus text.
pub fn router(metrics: Metrics, ready: watch::Receiver<bool>, draining: Draining) -> Router {
    let readiness = move || {
        let answer = match (draining.has_begun(), *ready.borrow()) {
            (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
            (false, false) => (StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
            (false, true) => (StatusCode::OK, "ready\n"),
        };
        async move { answer }
    };
    let values = move || {
        let text = metrics.render();
        async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text) }
    };
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(readiness))
        .route("/metrics", get(values))
}

/// Serves the router until dropped: a drain is watched on this port, so it outlives the drain.
pub async fn serve(listener: TcpListener, router: Router) -> io::Result<()> {
    axum::serve(listener, router).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use allmende_instrumentation::Metric;
    use http::Request;
    use tower::ServiceExt as _;

    use super::*;
    use crate::drain::Drain;

    async fn get(router: &Router, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn readiness_follows_the_service_and_ends_with_the_drain() {
        let (set_ready, ready) = watch::channel(false);
        let drain = Drain::new(Duration::from_secs(1));
        let router = router(Metrics::new(), ready, drain.draining());
        assert_eq!(get(&router, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
        set_ready.send_replace(true);
        assert_eq!(get(&router, "/readyz").await.0, StatusCode::OK);
        drain.begin();
        assert_eq!(get(&router, "/readyz").await, (StatusCode::SERVICE_UNAVAILABLE, "draining\n".to_owned()));
        assert_eq!(get(&router, "/livez").await.0, StatusCode::OK);
        assert_eq!(get(&router, "/other").await.0, StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn metrics_are_what_was_recorded() {
        let metrics = Metrics::new();
        metrics.add(Metric::ViewRebuilds, 2, &[]);
        let drain = Drain::new(Duration::from_secs(1));
        let router = router(metrics, watch::channel(true).1, drain.draining());
        let (status, text) = get(&router, "/metrics").await;
        assert_eq!(status, StatusCode::OK);
        assert!(text.contains("\nallmende_view_rebuilds_total 2\n"), "{text}");
    }
}

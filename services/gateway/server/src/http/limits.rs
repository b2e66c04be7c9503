use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use allmende_kernel::Clock;
use allmende_runtime::limits::{Network, Origin, Proxies, Rate, Share, Shares};
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http_body::{Frame, SizeHint};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Config;

/// How many requests are worked on at once, how many of them are one address's, and how many it may send.
pub(super) struct Limits {
    at_once: Arc<Semaphore>,
    shares: Shares<Network>,
    most: usize,
    reads: Rate<Network>,
    changes: Rate<Network>,
    clock: Arc<dyn Clock>,
    proxies: Proxies,
}

impl Limits {
    pub(super) fn new(config: &Config, clock: Arc<dyn Clock>, proxies: Proxies) -> Self {
        Self {
            at_once: Arc::new(Semaphore::new(config.max_requests)),
            shares: Shares::new(),
            most: config.max_requests_per_client,
            reads: Rate::new(config.rate_per_s, config.burst),
            changes: Rate::new(config.change_rate_per_s, config.change_burst),
            clock,
            proxies,
        }
    }
}

/// Turns away what is too much.
pub(super) async fn check(
    State(limits): State<Arc<Limits>>,
    mut request: Request,
    next: Next,
) -> Result<Response, Infallible> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let rate = if reads { &limits.reads } else { &limits.changes };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(address)| address.ip());
    let client = limits.proxies.client(peer, request.headers());
    if let Err(wait) = rate.take(client, limits.clock.now()) {
        return Ok(too_many(wait));
    }
    let Some(share) = limits.shares.take(client, limits.most) else { return Ok(too_many(Duration::ZERO)) };
    let Ok(place) = Arc::clone(&limits.at_once).try_acquire_owned() else {
        let words = "too many requests at once: wait a moment\n";
        return Ok((StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], words).into_response());
    };
    request.extensions_mut().insert(Origin::Address(client));
    let answer = next.run(request).await;
    Ok(answer.map(|body| Body::new(Held { body, _share: share, _place: place })))
}

fn too_many(wait: Duration) -> Response {
    let wait_s = wait.as_secs_f64().ceil().max(1.0) as u64;
    let words = "too many requests: wait a moment\n";
    (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, wait_s.to_string())], words).into_response()
}

/// An answer's body, which keeps its place until the last byte was taken, or nobody takes it any more.
struct Held {
    body: Body,
    _share: Share<Network>,
    _place: OwnedSemaphorePermit,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Ends what takes too long to begin. What has begun, a download, goes on.
pub(super) async fn in_time(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Result<Response, Infallible> {
    let answered = tokio::time::timeout(limit, next.run(request)).await;
    Ok(answered.unwrap_or_else(|_| (StatusCode::GATEWAY_TIMEOUT, "the answer took too long\n").into_response()))
}

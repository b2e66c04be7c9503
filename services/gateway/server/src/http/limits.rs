use std::convert::Infallible;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::{Clock, Timestamp};
use axum::extract::{Request, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use lru::LruCache;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::Config;
use super::client::Proxies;

/// Addresses whose requests are counted; who was not heard of for longest is forgotten.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(50_000).unwrap();

/// How many requests are worked on at once, and how many an address may send.
pub(super) struct Limits {
    at_once: Semaphore,
    reads: Rate,
    changes: Rate,
    clock: Arc<dyn Clock>,
    proxies: Proxies,
}

impl Limits {
    pub(super) fn new(config: &Config, clock: Arc<dyn Clock>, proxies: Proxies) -> Self {
        Self {
            at_once: Semaphore::new(config.max_requests),
            reads: Rate::new(config.rate_per_s, config.burst),
            changes: Rate::new(config.change_rate_per_s, config.change_burst),
            clock,
            proxies,
        }
    }
}

/// A bucket of requests for each address, which fills at a steady rate.
struct Rate {
    per_s: f64,
    burst: f64,
    buckets: Mutex<LruCache<IpAddr, Bucket>>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Timestamp,
}

impl Rate {
    fn new(per_s: u32, burst: u32) -> Self {
        let buckets = Mutex::new(LruCache::new(REMEMBERED));
        Self { per_s: f64::from(per_s.max(1)), burst: f64::from(burst.max(1)), buckets }
    }

    /// Takes one, or tells in how many seconds there is one.
    fn take(&self, address: IpAddr, now: Timestamp) -> Result<(), u64> {
        let mut buckets = self.buckets.lock();
        let before = buckets.get(&address).copied().unwrap_or(Bucket { left: self.burst, at: now });
        let passed = now.since(before.at).as_micros().max(0) as f64 / 1e6;
        let left = (before.left + passed * self.per_s).min(self.burst);
        let taken = left >= 1.0;
        let left = if taken { left - 1.0 } else { left };
        buckets.put(address, Bucket { left, at: now });
        if taken { Ok(()) } else { Err(((1.0 - left) / self.per_s).ceil().max(1.0) as u64) }
    }
}

/// Turns away what is too much.
pub(super) async fn check(
    State(limits): State<Arc<Limits>>,
    request: Request,
    next: Next,
) -> Result<Response, Infallible> {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let rate = if reads { &limits.reads } else { &limits.changes };
    let client = limits.proxies.client(request.extensions(), request.headers());
    if let Err(wait_s) = rate.take(client, limits.clock.now()) {
        let words = "too many requests: wait a moment\n";
        return Ok((StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, wait_s.to_string())], words).into_response());
    }
    let Ok(_permit) = limits.at_once.try_acquire() else {
        let words = "too many requests at once: wait a moment\n";
        return Ok((StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], words).into_response());
    };
    Ok(next.run(request).await)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_send_a_burst_and_then_at_its_rate() {
        let rate = Rate::new(2, 3);
        let (one, other): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "192.0.2.2".parse().unwrap());
        let at = Timestamp::from_millis;
        assert!((0..3).all(|_| rate.take(one, at(0)).is_ok()));
        assert_eq!(rate.take(one, at(0)), Err(1));
        assert_eq!(rate.take(other, at(0)), Ok(()));
        assert_eq!(rate.take(one, at(400)), Err(1));
        assert_eq!(rate.take(one, at(500)), Ok(()));
        assert!((0..3).all(|_| rate.take(one, at(60_000)).is_ok()));
        assert!(rate.take(one, at(60_000)).is_err());
        // A clock that is set back gives nothing and takes nothing.
        assert!(rate.take(one, at(0)).is_err());
    }
}

//! The one public address over HTTP: the routers of portal and services behind one guard, with limits and headers that
//! are the same for all of them.

mod headers;
mod limits;
mod routes;
mod same_origin;
mod serve;
mod stalled;

use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::Clock;
use allmende_runtime::authorize::{Guard, Routes};
use allmende_runtime::limits::Proxies;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use serde::{Deserialize, Serialize};

use headers::Headers;
use limits::Limits;

pub(crate) use routes::routes;
pub use serve::{Port, serve};

/// The HTTP port's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Connections that are open at once; further ones are closed. Never more than a quarter of the files that the process
    /// may have open.
    pub max_connections: usize,
    /// What one address may have of these. A trusted proxy may have all.
    pub max_connections_per_address: usize,
    /// How long a connection may be open without a request, the first one or the next, whose head is whole; in seconds.
    /// A trusted proxy's may for an hour.
    pub idle_s: u64,
    /// Largest body of a request, in KiB. Routes for uploads have limits of their own.
    pub max_body_kib: usize,
    /// Requests that are worked on at once, until the last byte of their answers; further ones are turned away.
    pub max_requests: usize,
    /// What one address may have of these: fewer than open data has places for downloads.
    pub max_requests_per_client: usize,
    /// How long the beginning of an answer may take, in seconds.
    pub timeout_s: u64,
    /// Requests a second that one address may send over a while.
    pub rate_per_s: u32,
    /// Requests that one address may send at once.
    pub burst: u32,
    /// The same for requests that change something.
    pub change_rate_per_s: u32,
    /// The same for requests that change something.
    pub change_burst: u32,
    /// Whether people reach the port over TLS, which a proxy ends: browsers are told never to come without.
    pub https: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_connections: 4_096,
            max_connections_per_address: 128,
            idle_s: 30,
            max_body_kib: 1_024,
            max_requests: 512,
            max_requests_per_client: 32,
            timeout_s: 30,
            rate_per_s: 50,
            burst: 400,
            change_rate_per_s: 5,
            change_burst: 60,
            https: false,
        }
    }
}

/// What is served.
pub struct Parts {
    /// Every route, by name.
    pub routes: Routes,
    /// Checks each of them.
    pub guard: Guard,
    /// Tells the time, for limits.
    pub clock: Arc<dyn Clock>,
    /// Whose word on who calls is taken.
    pub proxies: Proxies,
}

/// The router of the HTTP port. `fallback` answers what no route is for.
///
/// From outside: security headers, rate and requests at once by address, requests at once, same origin for what changes
/// something, the time an answer may take, the size of a body, the guard.
pub fn router<H, T>(config: &Config, parts: Parts, fallback: H) -> Router
where
    H: Handler<T, ()>,
    T: 'static,
{
    let limits = Arc::new(Limits::new(config, parts.clock, parts.proxies));
    parts
        .routes
        .guarded(parts.guard)
        .fallback(fallback)
        .layer(DefaultBodyLimit::max(config.max_body_kib.saturating_mul(1_024)))
        .layer(from_fn_with_state(Duration::from_secs(config.timeout_s), limits::in_time))
        .layer(axum::middleware::from_fn(same_origin::check))
        .layer(from_fn_with_state(limits, limits::check))
        .layer(from_fn_with_state(Headers::new(config.https), headers::add))
}

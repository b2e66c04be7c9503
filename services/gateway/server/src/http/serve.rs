use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use allmende_instrumentation::Metrics;
use allmende_runtime::drain::Draining;
use allmende_runtime::limits::{Closed, Connections, Open, Proxies};
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::Config;
use super::stalled::Watched;

/// A proxy's connection may wait longer for its next request than proxies keep one for it, which is an hour at most (Envoy):
/// what is closed at the moment in which it is used is an error that somebody sees.
const PROXY_IDLE: Duration = Duration::from_secs(61 * 60);

/// Where is served, and for whom.
pub struct Port {
    /// Takes connections.
    pub listener: TcpListener,
    /// Whose connections are not counted by address.
    pub proxies: Proxies,
    /// Where it is counted what is closed.
    pub metrics: Metrics,
}

/// Serves until the drain begins, and what runs then until it ends or the drain is over.
///
/// It speaks HTTP/1.1 alone: a connection then is one request at a time, so that who takes nothing, or says nothing, is
/// found out by the connection. Browsers speak HTTP/2 with the proxy that ends their TLS.
pub async fn serve(config: &Config, port: Port, router: Router, draining: Draining) -> io::Result<()> {
    let Port { listener, proxies, metrics } = port;
    let (all, each) = (config.max_connections, config.max_connections_per_address);
    let connections = Connections::new("http", all, each, proxies, metrics);
    let idle = Duration::from_secs(config.idle_s);
    let (going_on, _) = watch::channel(());
    loop {
        let (stream, peer, open) = tokio::select! {
            taken = connections.accept(&listener) => taken,
            () = draining.begun() => break,
        };
        let (router, draining, going_on) = (router.clone(), draining.clone(), going_on.subscribe());
        tokio::spawn(async move {
            converse(stream, peer, open, idle, router, draining).await;
            drop(going_on);
        });
    }
    drop(listener);
    // Browsers keep connections open; what they asked for was answered.
    let _ = draining.within(going_on.closed()).await;
    Ok(())
}

/// Answers what comes over a connection, one request after the other.
async fn converse(stream: TcpStream, peer: SocketAddr, open: Open, idle: Duration, router: Router, draining: Draining) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let idle = if open.is_proxys() { PROXY_IDLE } else { idle };
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(idle);
    let mut conversation = pin!(http.serve_connection(TokioIo::new(Watched::new(stream)), service));
    let ended = tokio::select! {
        ended = conversation.as_mut() => ended,
        () = draining.begun() => {
            conversation.as_mut().graceful_shutdown();
            conversation.await
        }
    };
    if let Err(error) = ended
        && let Some(why) = why(&error)
    {
        open.closed(why);
    }
}

/// Why the port has closed a connection, if it did.
fn why(error: &hyper::Error) -> Option<Closed> {
    let cause = || error.source().and_then(|source| source.downcast_ref::<io::Error>());
    if error.is_timeout() {
        Some(Closed::Silent)
    } else if cause().is_some_and(|cause| cause.kind() == io::ErrorKind::TimedOut) {
        Some(Closed::Stalled)
    } else {
        None
    }
}

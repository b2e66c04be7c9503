//! A gRPC server made of services: listener and end come from outside, everything else is the same for all of them.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use allmende_instrumentation::Metrics;
use http::Request;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::body::Body;
use tonic::server::NamedService;
use tonic::service::RoutesBuilder;
use tonic_health::ServingStatus;
use tonic_health::server::{HealthReporter, health_reporter};
use tower::Service;

use crate::answers::Answers;
use crate::authorize::{Authenticator, Table};
use crate::clock::SystemClock;
use crate::connections::connections;
pub use crate::connections::{Inside, inside};
use crate::deadline::{self, Deadlines};
use crate::drain::{Draining, Overrun};
use crate::forward::Forwarding;
use crate::kind::Kinds;
use crate::limits::{self, Callers, Connections, Proxies};
use crate::rpc::{Rules, RulesLayer};

/// Largest message, either way. tonic limits each service on its own, so wiring hands this to
/// `max_decoding_message_size` and `max_encoding_message_size` of each.
pub const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// The gRPC server's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Rpcs that may run at once on one connection.
    pub max_concurrent_streams: u32,
    /// How long a connection may take to begin, in seconds: then HTTP/2's preface is there, or it is closed.
    pub hello_s: u64,
    /// A connection on which nothing was heard for so long is pinged, and closed if no answer comes in as long again;
    /// in seconds. It is closed also if an answer whose time is up is left lying for as long.
    pub keepalive_s: u64,
    /// How long rpcs may take.
    pub deadline: deadline::Config,
    /// How much one caller may have.
    pub limits: limits::Config,
    /// Addresses of proxies in front of this process, whose word on who calls is taken (`x-forwarded-for`), and whose
    /// connections are not counted by address: on every port of it.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_concurrent_streams: 256,
            hello_s: 10,
            keepalive_s: 30,
            deadline: deadline::Config::default(),
            limits: limits::Config::default(),
            trusted_proxies: Vec::new(),
        }
    }
}

/// Why a server could not start or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The descriptors do not decode.
    #[error("the descriptors for reflection are invalid")]
    Descriptors(#[source] tonic_reflection::server::Error),
    /// The transport failed.
    #[error("the gRPC server failed")]
    Transport(#[source] tonic::transport::Error),
    /// Connections outlived the drain, though their rpcs were cut off.
    #[error(transparent)]
    Overrun(#[from] Overrun),
}

/// Services behind the same rules, with health (`grpc.health.v1`) and reflection (v1 and v1alpha).
///
/// Every rpc has a span and `rpc.server.duration`, a deadline, and a caller whom the table admits, in that order; see
/// [`crate::authorize`]. Compression is off unless a service turns it on for itself.
pub struct Server {
    config: Config,
    table: Table,
    authenticator: Arc<dyn Authenticator>,
    metrics: Metrics,
    descriptors: &'static [u8],
    routes: RoutesBuilder,
    names: Vec<&'static str>,
    inside: Option<Inside>,
    forwarding: Option<Forwarding>,
}

impl Server {
    /// A server without services. `descriptors` is the `FileDescriptorSet` for reflection; it also says which rpcs are
    /// streams. `authenticator` tells whose token a call shows.
    pub fn new(
        config: Config,
        table: Table,
        authenticator: impl Authenticator,
        metrics: Metrics,
        descriptors: &'static [u8],
    ) -> Self {
        let (authenticator, routes) = (Arc::new(authenticator), RoutesBuilder::default());
        Self {
            config,
            table,
            authenticator,
            metrics,
            descriptors,
            routes,
            names: Vec::new(),
            inside: None,
            forwarding: None,
        }
    }

    /// Adds a generated service; its health is reported under its name.
    pub fn with_service<S>(mut self, service: S) -> Self
    where
        S: Service<Request<Body>, Error = Infallible> + NamedService + Clone + Send + Sync + 'static,
        S::Response: axum::response::IntoResponse,
        S::Future: Send + 'static,
    {
        self.routes.add_service(service);
        self.names.push(S::NAME);
        self
    }

    /// Takes what this process asks through the other end; see [`inside`].
    pub fn with_inside(self, inside: Inside) -> Self {
        Self { inside: Some(inside), ..self }
    }

    /// Sends commands on that another member of a cluster has to take.
    pub fn with_forwarding(self, forwarding: Option<Forwarding>) -> Self {
        Self { forwarding, ..self }
    }

    /// Serves until the drain is over.
    ///
    /// When it begins, the listener closes, health turns to NOT_SERVING, connections are told to go away and running
    /// rpcs go on; when its time is up, those that still run are answered UNAVAILABLE. Health follows `ready` before.
    pub async fn serve(
        self,
        listener: TcpListener,
        ready: watch::Receiver<bool>,
        draining: Draining,
    ) -> Result<(), ServeError> {
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(self.descriptors)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        let (health, health_service) = health_reporter();
        let mut routes = self.routes;
        routes
            .add_service(health_service)
            .add_service(reflection().build_v1().map_err(ServeError::Descriptors)?)
            .add_service(reflection().build_v1alpha().map_err(ServeError::Descriptors)?);

        let descriptors = [self.descriptors, tonic_health::pb::FILE_DESCRIPTOR_SET, REFLECTION, REFLECTION_ALPHA];
        let kinds = Kinds::new(&descriptors);
        let (limits, proxies) = (self.config.limits, Proxies::new(&self.config.trusted_proxies));
        let (all, each) = (limits.max_connections, limits.max_connections_per_address);
        let counted = Connections::new("grpc", all, each, proxies.clone(), self.metrics.clone());
        let callers = Callers::new(limits, proxies, Arc::new(SystemClock));
        let deadlines = Deadlines(self.config.deadline);
        let [hello, keepalive] = [self.config.hello_s, self.config.keepalive_s].map(Duration::from_secs);
        let answers = Answers::new(keepalive);
        let (table, authenticator, metrics) = (self.table, self.authenticator, self.metrics);
        let rules = Rules {
            table,
            authenticator,
            kinds,
            deadlines,
            callers,
            answers: answers.clone(),
            metrics,
            draining: draining.clone(),
            forwarding: self.forwarding,
        };
        let serving = tonic::transport::Server::builder()
            .max_concurrent_streams(self.config.max_concurrent_streams)
            .http2_keepalive_interval(Some(keepalive))
            .http2_keepalive_timeout(Some(keepalive))
            .layer(RulesLayer(Arc::new(rules)))
            .add_routes(routes.routes())
            .serve_with_incoming_shutdown(connections(listener, self.inside, counted, hello), draining.begun());

        tokio::select! {
            ended = draining.within(serving) => ended?.map_err(ServeError::Transport),
            never = report(health, self.names, ready, draining.clone()) => match never {},
            never = answers.watch() => match never {},
        }
    }
}

const REFLECTION: &[u8] = tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET;
const REFLECTION_ALPHA: &[u8] = tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET;

/// Keeps the health service up to date for as long as it is polled.
async fn report(
    health: HealthReporter,
    names: Vec<&'static str>,
    mut ready: watch::Receiver<bool>,
    draining: Draining,
) -> Infallible {
    loop {
        let serving = *ready.borrow_and_update() && !draining.has_begun();
        let status = if serving { ServingStatus::Serving } else { ServingStatus::NotServing };
        for name in names.iter().chain([&""]) {
            health.set_service_status(name, status).await;
        }
        if draining.has_begun() {
            return std::future::pending().await;
        }
        tokio::select! {
            changed = ready.changed() => if changed.is_err() {
                // Nobody can change it any more; only the drain is left to wait for.
                draining.begun().await;
            },
            () = draining.begun() => {}
        }
    }
}

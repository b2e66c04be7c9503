//! What is served over HTTP: the pages and the routes of all services behind gateway's guard, limits and headers.

use std::sync::Arc;

use allmende_gateway::Gateway;
use allmende_gateway::http::{self, Parts};
use allmende_kernel::Clock;
use allmende_opendata::OpenData;
use allmende_portal::FormKey;
use allmende_runtime::authorize::Guard;
use allmende_runtime::installation::Installation;
use allmende_runtime::limits::Proxies;
use axum::Router;
use tonic::transport::Channel;

use crate::authorization;
use crate::config::Config;

/// The router of the HTTP port. `channel` leads to the gRPC services, which the pages ask like any client.
pub(crate) fn router(
    config: &Config,
    channel: Channel,
    installation: &Installation,
    clock: Arc<dyn Clock>,
    gateway: &Gateway,
    opendata: &OpenData,
) -> Router {
    let key = FormKey::new(installation.keyed_hash("portal-forms", &[]));
    let absent = allmende_portal::not_found(config.portal.clone(), key.clone(), channel.clone());
    let pages = allmende_portal::routes(config.portal.clone(), key, channel);
    let routes = gateway.routes().merge(opendata.routes()).merge(pages);
    let guard = Guard::new(authorization::table(), gateway.authenticator());
    let proxies = Proxies::new(&config.server.trusted_proxies);
    http::router(&config.gateway.http, Parts { routes, guard, clock, proxies }, absent)
}

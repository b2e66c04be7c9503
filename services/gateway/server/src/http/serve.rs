use std::io;
use std::net::SocketAddr;

use allmende_runtime::drain::Draining;
use axum::Router;
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;

use super::stalled::Impatient;

/// Serves until the drain begins, and what runs then until it ends or the drain is over.
pub async fn serve(listener: TcpListener, router: Router, draining: Draining) -> io::Result<()> {
    // A page's last piece does not wait for the browser to acknowledge those before it.
    let listener = Impatient(listener).tap_io(|connection| {
        if let Err(error) = connection.inner().set_nodelay(true) {
            tracing::debug!(error = &error as &dyn std::error::Error, "a connection keeps its delay");
        }
    });
    let begun = draining.clone();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move { begun.begun().await });
    match draining.within(async { serving.await }).await {
        Ok(served) => served,
        // Browsers keep connections open; what they asked for was answered.
        Err(_) => Ok(()),
    }
}

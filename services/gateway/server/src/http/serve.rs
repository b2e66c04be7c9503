use std::io;
use std::net::SocketAddr;

use allmende_runtime::drain::Draining;
use axum::Router;
use tokio::net::TcpListener;

/// Serves until the drain begins, and what runs then until it ends or the drain is over.
pub async fn serve(listener: TcpListener, router: Router, draining: Draining) -> io::Result<()> {
    let begun = draining.clone();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(async move { begun.begun().await });
    match draining.within(async { serving.await }).await {
        Ok(served) => served,
        // Browsers keep connections open; what they asked for was answered.
        Err(_) => Ok(()),
    }
}

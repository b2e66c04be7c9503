//! The pages over a made-up town, for eyes and for axe: `cargo run -p allmende-portal --example showcase`, then
//! http://127.0.0.1:7481/musterstadt. Sign in as erika@example.org (citizen) or max@example.org (staff) with the
//! password `correct horse`. Another address to listen on may be given, and in `SERVICES` the address of a platform's gRPC
//! port, whose towns are shown then.

#![allow(clippy::unwrap_used, missing_docs, unreachable_pub, dead_code)]

#[path = "../tests/pages/fake.rs"]
mod fake;
#[path = "../tests/pages/town/mod.rs"]
mod town;

use allmende_portal::{Config, FormKey};

#[tokio::main]
async fn main() {
    let channel = match std::env::var("SERVICES") {
        Ok(services) => tonic::transport::Endpoint::from_shared(services).unwrap().connect_lazy(),
        Err(_) => town::services(fake::Calls::default()).serve().await,
    };
    let router = allmende_portal::router(Config::default(), FormKey::new([7; 32]), channel);
    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:7481".to_owned());
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    axum::serve(listener, router).await.unwrap();
}

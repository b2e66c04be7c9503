use std::path::PathBuf;

use allmende_gateway::ProviderConfig;
use tonic::Code;

use super::fake::Fake;
use super::tls::{BEHIND_PROXY, Proxy, Secure};
use super::{begin, sign_in, started};
use crate::support::reason;

/// A provider over TLS, its port, and the file with its authority.
async fn secure(folder: &tempfile::TempDir, name: Option<&str>) -> (Fake, u16, PathBuf) {
    let ca_file = folder.path().join("authority.pem");
    let secure = Secure::bind(&ca_file).await;
    let port = secure.port();
    let address = match name {
        Some(name) => format!("https://{name}"),
        None => format!("https://localhost:{port}"),
    };
    (Fake::serve(secure, address), port, ca_file)
}

#[tokio::test]
async fn a_provider_is_believed_by_the_authority_that_is_configured_and_by_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, _, ca_file) = secure(&folder, None).await;
    let known = started(&fake, |provider| ProviderConfig { ca_file: Some(ca_file), ..provider }).await;
    assert!(!sign_in(&known, &fake, "erika", |_| {}).await.unwrap().access_token.is_empty());

    // Nobody's list of public authorities has it.
    let unknown = started(&fake, |provider| provider).await;
    let refused = begin(&unknown, "koeln").await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::Unavailable, "PROVIDER_AWAY"));
    // Another one with the same names.
    let other_folder = tempfile::tempdir().unwrap();
    let (_other, _, other) = secure(&other_folder, None).await;
    let mistaken = started(&fake, |provider| ProviderConfig { ca_file: Some(other), ..provider }).await;
    assert_eq!(reason(&begin(&mistaken, "koeln").await.unwrap_err()), "PROVIDER_AWAY");
}

#[tokio::test]
async fn a_provider_is_asked_through_the_proxy_that_is_configured() {
    let folder = tempfile::tempdir().unwrap();
    let (fake, port, ca_file) = secure(&folder, Some(BEHIND_PROXY)).await;
    let (proxy, closed) = (Proxy::start(Some(port)).await, Proxy::start(None).await);
    let through = |proxy: &Proxy| {
        let (ca_file, proxy) = (Some(ca_file.clone()), proxy.address.clone());
        move |provider| ProviderConfig { ca_file, proxy, ..provider }
    };
    let running = started(&fake, through(&proxy)).await;
    sign_in(&running, &fake, "erika", |_| {}).await.unwrap();
    // It learns with whom, and nothing of what.
    assert!(!proxy.asked().is_empty());
    assert!(
        proxy.asked().iter().all(|line| line == &format!("CONNECT {BEHIND_PROXY}:443 HTTP/1.1")),
        "{:?}",
        proxy.asked()
    );

    let refused = begin(&started(&fake, through(&closed)).await, "koeln").await.unwrap_err();
    assert_eq!((reason(&refused).as_str(), closed.asked().len()), ("PROVIDER_AWAY", 1));
}

use std::io;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto};

use super::ProvidersError;
use super::proxy::Proxy;

/// How long an answer may take, with everything that belongs to it.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest answer that is read.
const MAX_ANSWER: usize = 256 * 1_024;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("the address is none, or neither https nor of this machine")]
    Address,
    #[error("there is no connection")]
    Connect(#[source] io::Error),
    #[error("the conversation broke off")]
    Conversation(#[source] hyper::Error),
    #[error("the answer broke off, or is too long")]
    Answer,
    #[error("it took too long")]
    TooLong,
    #[error("it answered with status {0}")]
    Status(StatusCode),
}

/// What was answered.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) body: Bytes,
}

/// Asks over HTTP/1.1, a connection a question: there are few. Follows no redirects.
pub(crate) struct Fetch {
    tls: TlsConnector,
    proxy: Option<Proxy>,
}

impl Fetch {
    /// Believes certificates of the authorities in the file, or of the public ones. Goes through the proxy, unless that is
    /// empty; what is on this machine is asked directly. Errors tell that it is for `whom`.
    pub(crate) fn new(whom: &str, ca_file: Option<&Path>, proxy: &str) -> Result<Self, ProvidersError> {
        let proxy = match proxy {
            "" => None,
            address => Some(Proxy::parse(address).ok_or_else(|| ProvidersError::Proxy(whom.to_owned()))?),
        };
        let mut roots = RootCertStore::empty();
        match ca_file {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(path) => {
                let pem =
                    std::fs::read(path).map_err(|source| ProvidersError::File { path: path.to_owned(), source })?;
                let unusable = || ProvidersError::Certificates(path.to_owned());
                for certificate in CertificateDer::pem_slice_iter(&pem) {
                    roots.add(certificate.map_err(|_| unusable())?).map_err(|_| unusable())?;
                }
                if roots.is_empty() {
                    return Err(unusable());
                }
            }
        }
        let provider = Arc::new(crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has the cipher suites of TLS 1.2 and 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), proxy })
    }

    /// Whether an address may be asked: over TLS, or on this machine.
    pub(crate) fn may_ask(address: &str) -> bool {
        Target::parse(address).is_some()
    }

    /// What is at an address.
    pub(crate) async fn get(&self, address: &str) -> Result<Bytes, FetchError> {
        let request = Request::builder().method(Method::GET);
        let Reply { status, body } = self.ask(address, request, Bytes::new()).await?;
        if status == StatusCode::OK { Ok(body) } else { Err(FetchError::Status(status)) }
    }

    /// What a form is answered with.
    pub(super) async fn post(
        &self,
        address: &str,
        form: String,
        authorization: Option<String>,
    ) -> Result<Reply, FetchError> {
        let mut request =
            Request::builder().method(Method::POST).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        self.ask(address, request, form.into()).await
    }

    async fn ask(&self, address: &str, request: http::request::Builder, body: Bytes) -> Result<Reply, FetchError> {
        let target = Target::parse(address).ok_or(FetchError::Address)?;
        let request = request
            .uri(&target.path)
            .header(HOST, &target.authority)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, "allmende")
            .body(Full::new(body))
            .map_err(|_| FetchError::Address)?;
        let asking = async {
            let direct = TcpStream::connect((target.host.as_str(), target.port));
            if !target.tls {
                return converse(direct.await.map_err(FetchError::Connect)?, request).await;
            }
            let stream = match &self.proxy {
                Some(proxy) => proxy.connect(&target.with_port()).await,
                None => direct.await,
            };
            let stream = stream.map_err(FetchError::Connect)?;
            let name = ServerName::try_from(target.host.clone()).map_err(|_| FetchError::Address)?;
            converse(self.tls.connect(name, stream).await.map_err(FetchError::Connect)?, request).await
        };
        tokio::time::timeout(PATIENCE, asking).await.unwrap_or(Err(FetchError::TooLong))
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    request: Request<Full<Bytes>>,
) -> Result<Reply, FetchError> {
    let opening = hyper::client::conn::http1::handshake(TokioIo::new(stream));
    let (mut sender, connection) = opening.await.map_err(FetchError::Conversation)?;
    // Ends with this function, however it ends.
    let mut driving = JoinSet::new();
    driving.spawn(connection);
    let answer = sender.send_request(request).await.map_err(FetchError::Conversation)?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await.map_err(|_| FetchError::Answer)?;
    Ok(Reply { status, body: body.to_bytes() })
}

/// The parts of an address that is asked.
struct Target {
    tls: bool,
    host: String,
    port: u16,
    authority: String,
    path: String,
}

impl Target {
    /// Secrets go over TLS only, or stay on this machine.
    fn parse(address: &str) -> Option<Self> {
        let uri: Uri = address.parse().ok()?;
        let authority = uri.authority()?;
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let tls = match uri.scheme_str()? {
            "https" => true,
            "http" if host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback()) => false,
            _ => return None,
        };
        if authority.as_str().contains('@') {
            return None;
        }
        let port = authority.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Some(Self { tls, host, port, authority: authority.to_string(), path })
    }

    fn with_port(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_a_proxy_is_not_repeated() {
        let refused = Fetch::new("issuer", None, "http://maria:geheim@proxy.example:3128").err().unwrap();
        assert!(refused.to_string().starts_with("issuer: proxy must be like "), "{refused}");
        assert!(!format!("{refused} {refused:?}").contains("geheim"), "{refused:?}");
    }

    #[test]
    fn only_addresses_that_keep_secrets_are_asked() {
        for safe in ["https://id.example/a?b=c", "http://127.0.0.1:8080", "http://[::1]:1/x", "http://localhost"] {
            assert!(Fetch::may_ask(safe), "{safe}");
        }
        for unsafe_one in ["http://id.example/", "ftp://127.0.0.1/", "/a", "", "https://u:p@id.example/", "https:///x"]
        {
            assert!(!Fetch::may_ask(unsafe_one), "{unsafe_one}");
        }
        let target = Target::parse("https://id.example/a?b=c").unwrap();
        assert_eq!((target.port, target.path.as_str()), (443, "/a?b=c"));
    }
}

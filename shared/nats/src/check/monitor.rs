//! What a server says about itself on its monitoring port.

use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Finding;
use super::server::Server;

/// More is no answer of a server.
const LARGEST: u64 = 4 << 20;

/// Looks at `http://host:port`.
pub(super) async fn look(url: &str, within: Duration) -> Result<Server, Finding> {
    match timeout(within, get(url, "/varz")).await.unwrap_or_else(|elapsed| Err(elapsed.into())) {
        Ok(answer) => Ok(Server::new(format!("at {url}"), answer)),
        Err(error) => Err(Finding::unseen(format!("server at {url}"), error.to_string())
            .remedy("give the address of its monitoring port (http: in its configuration), as http://host:port")),
    }
}

/// One answer over a connection of its own: monitoring ports speak plain HTTP.
async fn get(url: &str, path: &str) -> io::Result<Value> {
    let wrong = || io::Error::new(io::ErrorKind::InvalidInput, "an address is http://host:port");
    let authority = url.strip_prefix("http://").map(|rest| rest.trim_end_matches('/')).ok_or_else(wrong)?;
    let mut stream = TcpStream::connect(authority).await?;
    stream.write_all(format!("GET {path} HTTP/1.0\r\nHost: {authority}\r\n\r\n").as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(LARGEST).read_to_end(&mut answer).await?;
    let is_end = |four: &[u8]| four == b"\r\n\r\n";
    let body = answer.windows(4).position(is_end).map(|at| &answer[at + 4..]).unwrap_or_default();
    Ok(serde_json::from_slice(body)?)
}

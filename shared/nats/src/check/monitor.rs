//! What a server says about itself on its monitoring port.

use std::io;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Finding, Severity};

/// More is no answer of a server.
const LARGEST: u64 = 4 << 20;

/// Looks at `http://host:port`.
pub(super) async fn look(url: &str, within: Duration) -> Vec<Finding> {
    let about = |about: &Value| format!("server {} at {url}", about["server_name"].as_str().unwrap_or_default());
    match timeout(within, get(url, "/varz")).await.unwrap_or_else(|elapsed| Err(elapsed.into())) {
        Ok(answer) => storage(&about(&answer), &answer),
        Err(error) => vec![Finding::new(Severity::Unseen, format!("server at {url}"), error.to_string())],
    }
}

fn storage(about: &str, answer: &Value) -> Vec<Finding> {
    let config = &answer["jetstream"]["config"];
    if !config.is_object() {
        return vec![Finding::new(Severity::Fault, about, "JetStream is not enabled")];
    }
    let mut findings = Vec::new();
    if config["sync_always"].as_bool().unwrap_or_default() {
        let folder = config["store_dir"].as_str().unwrap_or_default();
        let text = format!("syncs before it acknowledges; stores in {folder}");
        findings.push(Finding::new(Severity::Fine, about, text));
    } else {
        let every = Duration::from_nanos(config["sync_interval"].as_u64().unwrap_or_default());
        let text = format!(
            "syncs every {every:?}: what was acknowledged since is lost if the power of all replicas fails, or if one \
             that lost it leads next; set jetstream {{ sync_interval: always }}"
        );
        findings.push(Finding::new(Severity::Fault, about, text));
    }
    findings
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

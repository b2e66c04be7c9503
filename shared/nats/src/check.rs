//! Whether a running cluster keeps what it acknowledges: what `allmende doctor` asks.

mod monitor;
mod streams;

use async_nats::ServerInfo;
use futures_util::TryStreamExt as _;
use serde_json::Value;

use crate::connection::Connection;
use crate::stream_config;

/// Streams that are looked at; an account with more is not the platform's alone.
const STREAMS: usize = 10_000;

/// How bad something is, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Fine,
    /// It could not be seen from here.
    Unseen,
    /// Nothing is lost by it, and it should be otherwise.
    Warning,
    /// What was acknowledged may be lost, or somebody else may write history.
    Fault,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about: a server, a stream, the account.
    pub about: String,
    /// What was found, and what follows from it.
    pub text: String,
}

impl Finding {
    fn new(severity: Severity, about: impl Into<String>, text: impl Into<String>) -> Self {
        Self { severity, about: about.into(), text: text.into() }
    }
}

/// Looks at the cluster as a client sees it, and at each of its servers whose monitoring port is given
/// (`http://host:port`).
///
/// A client sees its own account, the server that it is connected to, and how streams are set up and replicated. It does not
/// see whether servers sync before they acknowledge, nor where they store: that only the monitoring port tells (and the
/// system account, which is not asked). Placement in different failure zones is seen by neither.
pub async fn check(connection: &Connection, replicas: usize, monitors: &[String]) -> Vec<Finding> {
    let mut findings = vec![limits(&connection.client().server_info())];
    findings.extend(access(&connection.client().server_info()));
    findings.push(account(connection).await);
    findings.extend(all_streams(connection, replicas).await);
    for url in monitors {
        findings.extend(monitor::look(url, connection.settings().timeout).await);
    }
    if monitors.is_empty() {
        let text =
            "whether servers sync before they acknowledge is not visible to clients: give their monitoring ports";
        findings.push(Finding::new(Severity::Unseen, "servers", text));
    } else if monitors.len() < replicas {
        let text = format!("{} of at least {replicas} servers were looked at", monitors.len());
        findings.push(Finding::new(Severity::Unseen, "servers", text));
    }
    findings
}

fn limits(server: &ServerInfo) -> Finding {
    let about = format!("server {}", server.server_name);
    if server.max_payload < stream_config::LARGEST {
        let text = format!("max_payload is {}: larger groups go to the bodies more often", server.max_payload);
        return Finding::new(Severity::Warning, about, text);
    }
    Finding::new(Severity::Fine, about, format!("version {}, max_payload {}", server.version, server.max_payload))
}

fn access(server: &ServerInfo) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !server.auth_required {
        let text = "no credentials are asked for: whoever reaches the port may publish to a log or change a stream";
        findings.push(Finding::new(Severity::Fault, "access", text));
    }
    if !server.tls_required {
        let text = "TLS is not required: events and credentials can be read on their way";
        findings.push(Finding::new(Severity::Warning, "access", text));
    }
    findings
}

/// The account of our own: another one's users cannot publish to its streams.
async fn account(connection: &Connection) -> Finding {
    let about = "account";
    let answer = match connection.client().request("$SYS.REQ.USER.INFO", "".into()).await {
        Ok(answer) => serde_json::from_slice::<Value>(&answer.payload).unwrap_or_default(),
        Err(error) => return Finding::new(Severity::Unseen, about, error.to_string()),
    };
    match answer["data"]["account"].as_str() {
        Some("$G") => {
            let text = "it is the one that everybody is in: give the platform an account of its own";
            Finding::new(Severity::Warning, about, text)
        }
        Some(name) => Finding::new(Severity::Fine, about, format!("it is {name}")),
        None => Finding::new(Severity::Unseen, about, "the server does not tell which one it is"),
    }
}

async fn all_streams(connection: &Connection, replicas: usize) -> Vec<Finding> {
    let mut streams = connection.jetstream().streams();
    let mut findings = Vec::new();
    for _ in 0..STREAMS {
        match streams.try_next().await {
            Ok(Some(info)) => findings.extend(streams::look(&info, replicas)),
            Ok(None) => break,
            Err(error) => {
                findings.push(Finding::new(Severity::Unseen, "streams", error.to_string()));
                break;
            }
        }
    }
    findings
}

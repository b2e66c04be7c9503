//! Whether a running cluster keeps what it acknowledges: what `allmende doctor` asks.
//!
//! A client of the platform's account sees that account, the server that it is connected to, and how streams are set up and
//! replicated. Whether servers sync before they acknowledge, where they store and in which failure zone they are told to be,
//! is told to the system account, and on monitoring ports. Whether others may write history is tried out with their
//! credentials.

mod access;
mod account;
mod finding;
mod monitor;
mod server;
mod streams;
mod system;

use futures_util::TryStreamExt as _;

use crate::connection::Connection;
use crate::settings::Settings;
pub use finding::{Finding, Severity};

/// Streams that are looked at; an account with more is not the platform's alone.
const STREAMS: usize = 10_000;

/// With whose eyes a cluster is looked at.
pub struct Looking<'a> {
    /// The platform's.
    pub platform: &'a Connection,
    /// How many replicas streams must have.
    pub replicas: usize,
    /// The system account's: all servers tell about themselves, wherever they are.
    pub system: Option<&'a Connection>,
    /// Addresses of servers' monitoring ports, `http://host:port`, where there is no system account to ask.
    pub monitors: &'a [String],
    /// Of others who may connect to these servers, and must not write history.
    pub others: &'a [Settings],
}

/// Looks at the cluster; changes nothing.
pub async fn check(looking: &Looking<'_>) -> Vec<Finding> {
    let connection = looking.platform;
    let within = connection.settings().timeout;
    let here = connection.client().server_info();
    let mut findings = vec![server::limits(&here)];
    findings.extend(access::asked_for(&here));
    let (account, name) = account::look(connection).await;
    findings.extend(account);
    findings.extend(all_streams(connection, looking.replicas).await);
    let mut servers = Vec::new();
    if let Some(system) = looking.system {
        let (told, seen) = system::look(system, name.as_deref()).await;
        findings.extend(told);
        servers.extend(seen);
    }
    for url in looking.monitors {
        match monitor::look(url, within).await {
            Ok(server) => servers.push(server),
            Err(finding) => findings.push(finding),
        }
    }
    findings.extend(server::all(&servers, looking.replicas));
    for other in looking.others {
        findings.extend(access::of_another(other, name.as_deref()).await);
    }
    findings
}

async fn all_streams(connection: &Connection, replicas: usize) -> Vec<Finding> {
    let mut streams = connection.jetstream().streams();
    let mut findings = Vec::new();
    for _ in 0..STREAMS {
        match streams.try_next().await {
            Ok(Some(info)) => findings.extend(streams::look(&info, replicas)),
            Ok(None) => break,
            Err(error) => {
                let text = format!("they cannot be listed: {error}");
                findings
                    .push(Finding::unseen("streams", text).remedy("look whether JetStream answers: /jsz, /healthz"));
                break;
            }
        }
    }
    findings
}

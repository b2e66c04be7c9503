//! Real NATS servers for tests: one, or a cluster of three, on loopback and a temporary folder, that can be killed,
//! paused and started again; and a wire that holds back what goes over it.
//!
//! Everything here blocks. Nothing waits for a length of time: what is waited for is asked for, until a deadline that a
//! slow machine reaches only if the thing never happens.

mod monitor;
mod node;
mod ports;
mod wire;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

pub use node::Node;
pub use wire::Wire;

/// When a test gives up on what it waits for.
pub const DEADLINE: Duration = Duration::from_secs(180);

/// How servers are set up.
#[derive(Debug, Clone)]
pub struct Setup {
    /// One, or as many as form a cluster.
    pub servers: usize,
    /// Whether each message is synced before it is acknowledged; the server's own default is every two minutes.
    pub sync_always: bool,
    /// More of the server's configuration, in its own language: users, TLS, limits.
    pub more: String,
}

impl Default for Setup {
    fn default() -> Self {
        Self { servers: 1, sync_always: true, more: String::new() }
    }
}

/// Servers with JetStream. Dropping them kills the processes and removes what they stored.
pub struct NatsServers {
    nodes: Vec<Node>,
    /// Dropped after the nodes, which write into it until they are dead.
    folder: TempDir,
}

impl NatsServers {
    /// A single server; `None`, and a word about it, where there is no `nats-server`.
    pub fn one() -> Option<Self> {
        Self::start(&Setup::default())
    }

    /// A cluster of three; `None`, and a word about it, where there is no `nats-server`.
    pub fn three() -> Option<Self> {
        Self::start(&Setup { servers: 3, ..Setup::default() })
    }

    /// Servers as `setup` says, ready: JetStream answers, and a cluster has found all of its members and a leader.
    pub fn start(setup: &Setup) -> Option<Self> {
        let Some(program) = program() else {
            eprintln!("skipped: there is no nats-server; `cargo xtask fetch-tools` installs it");
            return None;
        };
        let folder = tempfile::Builder::new().prefix("allmende-nats-").tempdir().expect("a temporary folder");
        // A port that was free a moment ago may be taken now: then all of them are chosen anew.
        for _ in 0..20 {
            let mut nodes = node::plan(&program, folder.path(), setup);
            if nodes.iter_mut().all(Node::spawn) {
                let mut servers = Self { nodes, folder };
                servers.wait_until_ready();
                return Some(servers);
            }
        }
        panic!("nats-server did not find free ports; see {}", folder.path().display());
    }

    /// Addresses for clients, one a server.
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Node::url).collect()
    }

    /// All servers.
    pub fn nodes(&mut self) -> &mut [Node] {
        &mut self.nodes
    }

    /// One of them, from 0.
    pub fn node(&mut self, number: usize) -> &mut Node {
        &mut self.nodes[number]
    }

    /// Where the servers keep what they store, and their logs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Waits until every running server is healthy and, in a cluster, all of them name one leader.
    pub fn wait_until_ready(&mut self) {
        let size = self.nodes.len();
        for node in self.nodes.iter().filter(|node| node.is_running()) {
            node.wait_for("health", || {
                let healthy = node.ask("/healthz").is_some_and(|health| health["status"] == "ok");
                healthy && (size == 1 || node.ask("/jsz").is_some_and(|jetstream| in_cluster(&jetstream, size)))
            });
        }
    }

    /// Number of the server that leads the stream, once there is one.
    pub fn stream_leader(&self, stream: &str) -> usize {
        let running = || self.nodes.iter().filter(|node| node.is_running());
        let mut leader = None;
        running().next().expect("a running server").wait_for("a stream leader", || {
            leader = running().find_map(|node| stream_leader(&node.ask("/jsz?streams=true")?, stream));
            leader.is_some()
        });
        let name = leader.expect("it was waited for");
        self.nodes.iter().position(|node| node.name() == name).expect("one of ours")
    }
}

fn in_cluster(jetstream: &Value, size: usize) -> bool {
    let meta = &jetstream["meta_cluster"];
    meta["leader"].as_str().is_some_and(|leader| !leader.is_empty()) && meta["cluster_size"] == size
}

fn stream_leader(jetstream: &Value, stream: &str) -> Option<String> {
    let accounts = jetstream["account_details"].as_array()?;
    let mut streams = accounts.iter().filter_map(|account| account["stream_detail"].as_array()).flatten();
    let leader = streams.find(|detail| detail["name"] == stream)?["cluster"]["leader"].as_str()?;
    (!leader.is_empty()).then(|| leader.to_owned())
}

/// The server that is started: the one that `cargo xtask fetch-tools` installs, or what the environment names.
pub fn program() -> Option<PathBuf> {
    let fetched = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/venv/bin/nats-server");
    let program = std::env::var_os("ALLMENDE_NATS_SERVER").map_or_else(fetched, PathBuf::from);
    program.exists().then_some(program)
}

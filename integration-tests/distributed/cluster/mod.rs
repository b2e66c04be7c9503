//! Three NATS servers and the members of a cluster, each a process with a folder of its own.

mod leaders;
mod member;

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use allmende_testkit::nats::{NatsServers, Node};
use parking_lot::RwLock;
use tempfile::TempDir;

use crate::history::Partition;
use crate::ledger::Ledger;
use crate::offline;
use member::Member;

/// When a test gives up on what it waits for.
pub(crate) const DEADLINE: Duration = Duration::from_secs(180);
/// How often it is asked for.
pub(crate) const PAUSE: Duration = Duration::from_millis(50);

/// Where members are reached; another place after each start.
#[derive(Clone, Default)]
pub(crate) struct Addresses(Arc<RwLock<Vec<String>>>);

impl Addresses {
    pub(crate) fn len(&self) -> usize {
        self.0.read().len()
    }

    pub(crate) fn of(&self, member: usize) -> String {
        self.0.read()[member].clone()
    }
}

/// All processes. Dropping it kills them and removes what they stored, unless `ALLMENDE_KEEP` is set.
pub(crate) struct Cluster {
    /// Before the servers: members end first.
    members: Vec<Member>,
    servers: NatsServers,
    addresses: Addresses,
    token: String,
    folder: Option<TempDir>,
}

impl Cluster {
    /// Starts it; `None`, and a word about it, where there is no `nats-server`.
    pub(crate) fn start(members: usize) -> Option<Self> {
        let mut servers = NatsServers::three()?;
        servers.wait_until_ready();
        let folder = tempfile::Builder::new().prefix("allmende-cluster-").tempdir().unwrap();
        let urls = servers.urls();
        let mut members: Vec<_> =
            (0..members).map(|number| Member::new(&format!("member-{number}"), folder.path(), &urls)).collect();
        let (first, others) = members.split_first_mut().unwrap();
        first.start();
        for other in others.iter_mut() {
            share_secrets(first.data(), other.data());
            other.spawn();
        }
        others.iter_mut().for_each(Member::wait_until_ready);
        let token = fs::read_to_string(first.data().join("operator.token")).unwrap().trim().to_owned();
        let cluster = Self { members, servers, addresses: Addresses::default(), token, folder: Some(folder) };
        cluster.tell_addresses();
        Some(cluster)
    }

    pub(crate) fn addresses(&self) -> Addresses {
        self.addresses.clone()
    }

    /// The operator's token, which all members believe.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    fn tell_addresses(&self) {
        *self.addresses.0.write() = self.members.iter().map(Member::address).collect();
    }

    /// Number of the member that leads a partition, once one says so.
    pub(crate) fn leader(&self, partition: Partition) -> usize {
        let until = Instant::now() + DEADLINE;
        loop {
            let leads = |member: &Member| leaders::leads(member.admin(), partition.name());
            if let Some(leader) = self.members.iter().position(leads) {
                return leader;
            }
            assert!(Instant::now() < until, "nobody leads {partition:?}: {}", self.said());
            std::thread::sleep(PAUSE);
        }
    }

    /// Number of the NATS server that leads a partition's stream.
    pub(crate) fn server(&self, partition: Partition) -> usize {
        let stream = format!("ALLMENDE_{}", partition.name().to_ascii_uppercase().replace('-', "_"));
        self.servers.stream_leader(&stream)
    }

    /// A NATS server.
    pub(crate) fn node(&mut self, server: usize) -> &mut Node {
        self.servers.node(server)
    }

    pub(crate) fn wait_for_servers(&mut self) {
        self.servers.wait_until_ready();
    }

    /// SIGKILL: nothing is flushed, nobody is told.
    pub(crate) fn kill(&mut self, member: usize) {
        self.members[member].kill();
    }

    /// SIGTERM, until it has ended.
    pub(crate) fn drain(&mut self, member: usize) {
        self.members[member].terminate();
        self.members[member].wait_until_ended();
    }

    /// SIGSTOP: connections stay open, and nothing is answered.
    pub(crate) fn pause(&self, member: usize) {
        self.members[member].pause();
    }

    /// SIGCONT.
    pub(crate) fn resume(&self, member: usize) {
        self.members[member].resume();
    }

    /// Starts one on its folder, under its name.
    pub(crate) fn restart(&mut self, member: usize) {
        self.members[member].start();
        self.tell_addresses();
    }

    /// Ends all members in order, and reads what each has stored.
    pub(crate) fn end(&mut self) -> Vec<Ledger> {
        self.members.iter().for_each(Member::terminate);
        self.members.iter_mut().for_each(Member::wait_until_ended);
        self.members.iter().flat_map(|member| offline::read(member.name(), member.data())).collect()
    }

    /// The ends of all logs.
    pub(crate) fn said(&self) -> String {
        self.members.iter().map(|member| format!("{}:\n{}\n", member.name(), member.said())).collect()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.members.clear();
        if std::env::var_os("ALLMENDE_KEEP").is_some()
            && let Some(folder) = self.folder.take()
        {
            eprintln!("kept: {}", folder.keep().display());
        }
    }
}

/// All members are one installation, with one operator.
fn share_secrets(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for secret in ["installation.key", "operator.token"] {
        fs::copy(from.join(secret), to.join(secret)).unwrap();
    }
}

//! NATS servers of a bench's own, on loopback, as a cluster of the platform is set up.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context as _;
use tempfile::TempDir;

/// Running servers; killed when dropped.
pub(super) struct Servers {
    processes: Vec<Child>,
    urls: Vec<String>,
    /// What they store goes with them.
    _folder: TempDir,
}

impl Servers {
    /// Starts one, or so many as a cluster, with what they store in a folder within `folder`.
    pub(super) fn start(program: &Path, folder: &Path, count: usize) -> anyhow::Result<Self> {
        let scratch = tempfile::tempdir_in(folder)?;
        let ports = free_ports(2 * count)?;
        let (clients, routes) = ports.split_at(count);
        let cluster: Vec<_> = routes.iter().map(|port| format!("nats-route://127.0.0.1:{port}")).collect();
        let mut servers = Self { processes: Vec::new(), urls: Vec::new(), _folder: scratch };
        for (number, (client, route)) in clients.iter().zip(routes).enumerate() {
            let stored = servers._folder.path().join(format!("n{number}"));
            let mut text = format!(
                "server_name: n{number}\nlisten: \"127.0.0.1:{client}\"\n\
                 jetstream {{ store_dir: {stored:?}, sync_interval: always }}\n"
            );
            if count > 1 {
                let routes = cluster.join(", ");
                text += &format!("cluster {{ name: bench, listen: \"127.0.0.1:{route}\", routes: [{routes}] }}\n");
            }
            let configuration = servers._folder.path().join(format!("n{number}.conf"));
            fs::write(&configuration, text)?;
            let mut command = Command::new(program);
            command.arg("-c").arg(&configuration).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let started = command.spawn().with_context(|| format!("starting {}", program.display()))?;
            servers.processes.push(started);
            servers.urls.push(format!("nats://127.0.0.1:{client}"));
        }
        Ok(servers)
    }

    pub(super) fn urls(&self) -> Vec<String> {
        self.urls.clone()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Ports that were free a moment ago: servers must know each other's before they start.
fn free_ports(count: usize) -> anyhow::Result<Vec<u16>> {
    let held = (0..count).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<Result<Vec<_>, _>>()?;
    held.iter().map(|listener| Ok(listener.local_addr()?.port())).collect()
}

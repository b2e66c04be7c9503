//! One server: its configuration, its process.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{DEADLINE, Setup, monitor, ports};

/// How often something is asked for that is waited for.
const PAUSE: Duration = Duration::from_millis(10);

/// A server of a [`NatsServers`](super::NatsServers).
pub struct Node {
    name: String,
    program: PathBuf,
    configuration: PathBuf,
    log: PathBuf,
    client_port: u16,
    monitor_port: u16,
    process: Option<Child>,
}

/// Servers that know each other's addresses, with their configuration written, none of them started.
pub(super) fn plan(program: &Path, folder: &Path, setup: &Setup) -> Vec<Node> {
    let ports = ports::free(setup.servers * 3);
    let routes: Vec<_> = ports.chunks(3).map(|own| format!("nats-route://127.0.0.1:{}", own[2])).collect();
    let node = |(number, own): (usize, &[u16])| {
        let name = format!("n{number}");
        let configuration = folder.join(format!("{name}.conf"));
        let mut text = format!(
            "server_name: {name}\n\
             listen: \"127.0.0.1:{}\"\n\
             http: \"127.0.0.1:{}\"\n\
             jetstream {{ store_dir: {:?}, max_memory_store: 64MB, max_file_store: 4GB{} }}\n",
            own[0],
            own[1],
            folder.join(&name),
            if setup.sync_always { ", sync_interval: always" } else { "" },
        );
        if setup.servers > 1 {
            text += &format!(
                "cluster {{ name: test, listen: \"127.0.0.1:{}\", routes: [{}] }}\n",
                own[2],
                routes.join(", ")
            );
        }
        text += &setup.more;
        fs::write(&configuration, text).expect("a configuration");
        Node {
            program: program.to_owned(),
            log: folder.join(format!("{name}.log")),
            configuration,
            client_port: own[0],
            monitor_port: own[1],
            name,
            process: None,
        }
    };
    ports.chunks(3).enumerate().map(node).collect()
}

impl Node {
    /// Name in the cluster: `n0`, `n1`, ….
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Address for clients.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.client_port)
    }

    /// Port for clients.
    pub fn port(&self) -> u16 {
        self.client_port
    }

    /// Address of the monitoring port.
    pub fn monitor_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.monitor_port)
    }

    /// False after [`kill`](Self::kill). A paused server runs.
    pub fn is_running(&self) -> bool {
        self.process.is_some()
    }

    /// Ends it with SIGKILL: nothing is flushed.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("a process of ours");
            process.wait().expect("a process of ours");
        }
    }

    /// Starts it again, on its port and its data. Ready is what [`NatsServers::wait_until_ready`] waits for.
    ///
    /// [`NatsServers::wait_until_ready`]: super::NatsServers::wait_until_ready
    pub fn restart(&mut self) {
        self.kill();
        let until = Instant::now() + DEADLINE;
        while !self.spawn() {
            assert!(Instant::now() < until, "{} does not start: {}", self.name, self.said());
        }
    }

    /// Stops it with SIGSTOP: connections stay open, and nothing is answered.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets a paused one go on.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// What the monitoring port says at `path`, e.g. `/jsz`; `None` while it does not answer.
    pub fn ask(&self, path: &str) -> Option<Value> {
        monitor::get(self.monitor_port, path)
    }

    /// Asks until it is so. Panics with the server's log if it never is.
    pub fn wait_for(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let until = Instant::now() + DEADLINE;
        while !is_so() {
            assert!(Instant::now() < until, "{}: no {what} within {DEADLINE:?}: {}", self.name, self.said());
            thread::sleep(PAUSE);
        }
    }

    /// True once its monitoring port answers; false if it ended before, as it does where a port is taken.
    pub(super) fn spawn(&mut self) -> bool {
        let log = File::options().create(true).append(true).open(&self.log).expect("a log");
        let mut command = Command::new(&self.program);
        command.arg("-c").arg(&self.configuration).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        let mut process = command.spawn().expect("nats-server starts");
        let until = Instant::now() + DEADLINE;
        while monitor::get(self.monitor_port, "/varz").is_none_or(|about| about["server_name"] != self.name.as_str()) {
            if process.try_wait().expect("a process of ours").is_some() {
                return false;
            }
            assert!(Instant::now() < until, "{} does not answer: {}", self.name, self.said());
            thread::sleep(PAUSE);
        }
        self.process = Some(process);
        true
    }

    fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().expect("it runs");
        let pid = Pid::from_raw(process.id().cast_signed()).expect("not zero");
        kill_process(pid, signal).expect("a process of ours");
    }

    /// The end of its log.
    fn said(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

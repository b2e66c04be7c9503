//! One member: its process and its folder, which outlives it.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process};

use super::{DEADLINE, PAUSE};

/// The binary under test.
const ALLMENDE: &str = env!("CARGO_BIN_EXE_allmende");

pub(super) struct Member {
    name: String,
    data: PathBuf,
    log: PathBuf,
    servers: Vec<String>,
    process: Option<Child>,
    ready: Option<Receiver<String>>,
    grpc: String,
    admin: String,
}

impl Member {
    /// One that has not been started. Its folder and its log are in `folder`.
    pub(super) fn new(name: &str, folder: &Path, servers: &[String]) -> Self {
        Self {
            name: name.to_owned(),
            data: folder.join(name),
            log: folder.join(format!("{name}.log")),
            servers: servers.to_vec(),
            process: None,
            ready: None,
            grpc: String::new(),
            admin: String::new(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn data(&self) -> &Path {
        &self.data
    }

    /// Where it takes calls; after its end, where it did.
    pub(super) fn address(&self) -> String {
        self.grpc.clone()
    }

    /// Where it tells its metrics; empty while it is not running.
    pub(super) fn admin(&self) -> &str {
        if self.process.is_some() { &self.admin } else { "" }
    }

    /// Starts it and waits until it serves.
    pub(super) fn start(&mut self) {
        self.spawn();
        self.wait_until_ready();
    }

    /// Starts it, under its name and on its folder.
    pub(super) fn spawn(&mut self) {
        assert!(self.process.is_none(), "{} runs", self.name);
        let mut command = Command::new(ALLMENDE);
        for (name, _) in std::env::vars() {
            if name.starts_with("ALLMENDE_") || name.starts_with("OTEL_") {
                command.env_remove(name);
            }
        }
        command.args(["up", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0"]);
        command.arg("--data").arg(&self.data).args(["--member", &self.name]);
        for server in &self.servers {
            command.args(["--nats", server]);
        }
        let log = File::options().create(true).append(true).open(&self.log).unwrap();
        let mut process = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let (tell, told) = channel();
        // Reads on until the end: whoever writes to a pipe that nobody reads is ended by it.
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = tell.send(line);
            }
        });
        (self.process, self.ready) = (Some(process), Some(told));
    }

    /// Waits for its line `ready`.
    pub(super) fn wait_until_ready(&mut self) {
        let told = self.ready.take().expect("it was started");
        let ready =
            told.recv_timeout(DEADLINE).unwrap_or_else(|_| panic!("{} is not ready:\n{}", self.name, self.said()));
        let word = |name: &str| {
            let found = ready.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_else(|| panic!("no {name} in {ready:?}")).to_owned()
        };
        self.grpc = word("grpc");
        self.admin = word("admin").trim_start_matches("http://").to_owned();
    }

    pub(super) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            // Fails when it has ended already.
            let _ = process.kill();
            process.wait().unwrap();
        }
    }

    pub(super) fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// Waits until it has ended, as it should.
    pub(super) fn wait_until_ended(&mut self) {
        let mut process = self.process.take().expect("it runs");
        let until = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = process.try_wait().unwrap() {
                assert!(status.success(), "{} ended with {status}:\n{}", self.name, self.said());
                return;
            }
            if Instant::now() > until {
                self.process = Some(process);
                self.kill();
                panic!("{} does not end:\n{}", self.name, self.said());
            }
            std::thread::sleep(PAUSE);
        }
    }

    pub(super) fn pause(&self) {
        self.signal(Signal::STOP);
    }

    pub(super) fn resume(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let process = self.process.as_ref().expect("it runs");
        let pid = Pid::from_raw(process.id().cast_signed()).expect("not zero");
        kill_process(pid, signal).expect("a process of ours");
    }

    /// The end of its log.
    pub(super) fn said(&self) -> String {
        let log = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.kill();
    }
}

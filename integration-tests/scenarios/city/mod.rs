//! A platform in a process of its own, and what people do there.

mod deeds;

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Lines};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use allmende::cli::UpOptions;
use rustix::process::{Pid, Signal, kill_process};
use tonic::transport::Endpoint;

use crate::community::Community;

const TENANT: &str = "brandis";
/// Where the child finds its settings. Without it, it is no child.
const CONFIG: &str = "FORGETTING_CONFIG";

/// Runs the platform, if this process is the child.
pub(crate) fn be_the_platform() {
    let Some(config) = std::env::var_os(CONFIG) else { return };
    let options = UpOptions {
        data: None,
        demo: false,
        nats: Vec::new(),
        member: None,
        grpc: None,
        http: None,
        admin: None,
        config: Some(config.into()),
        print_config: false,
    };
    allmende::up::run(options).unwrap();
}

/// Where things are.
pub(crate) struct Places {
    /// All that the platform keeps.
    pub(crate) data: PathBuf,
    /// Mails that have gone out.
    outbox: PathBuf,
    /// What it says while it runs.
    pub(crate) said: PathBuf,
    config: PathBuf,
}

impl Places {
    pub(crate) fn in_folder(folder: &Path) -> Self {
        let places = Self {
            data: folder.join("data"),
            outbox: folder.join("outbox"),
            said: folder.join("said"),
            config: folder.join("allmende.toml"),
        };
        fs::create_dir_all(&places.outbox).unwrap();
        let config = format!(
            "data = {:?}\ngrpc = \"127.0.0.1:0\"\nhttp = \"127.0.0.1:0\"\nadmin = \"127.0.0.1:0\"\n\
             [gateway.mail]\nfolder = {:?}\n[opendata]\ntexts_every_s = 0\n",
            places.data, places.outbox
        );
        fs::write(&places.config, config).unwrap();
        places
    }
}

/// A running platform; killed when dropped.
pub(crate) struct City {
    process: Child,
    /// Kept open: whoever writes into a pipe that nobody reads fails.
    _lines: Lines<BufReader<ChildStdout>>,
    community: Community,
}

impl Deref for City {
    type Target = Community;

    fn deref(&self) -> &Community {
        &self.community
    }
}

impl City {
    pub(crate) async fn start(places: &Places) -> Self {
        let said = File::options().append(true).create(true).open(&places.said).unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        for (name, _) in std::env::vars() {
            if name.starts_with("ALLMENDE_") || name.starts_with("OTEL_") {
                command.env_remove(name);
            }
        }
        let mut process = command
            .args(["--exact", "the_platform", "--nocapture", "--test-threads=1"])
            .env(CONFIG, &places.config)
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines.by_ref().map_while(Result::ok).find(|line| line.contains("ready grpc="));
        let Some(ready) = ready else { panic!("it does not start: {}", fs::read_to_string(&places.said).unwrap()) };
        let grpc = ready.split(' ').find_map(|word| word.strip_prefix("grpc=")).unwrap().to_owned();
        let channel = Endpoint::from_shared(grpc).unwrap().connect().await.unwrap();
        let operator = fs::read_to_string(places.data.join("operator.token")).unwrap().trim().to_owned();
        let community = Community { tenant: TENANT, channel, operator, outbox: places.outbox.clone() };
        community.found().await;
        Self { process, _lines: lines, community }
    }

    /// Ends it in order.
    pub(crate) fn stop(mut self) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        assert!(self.process.wait().unwrap().success());
    }

    /// Ends it with SIGKILL: no destructor runs, nothing is flushed.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for City {
    fn drop(&mut self) {
        // Fails when it has ended already, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

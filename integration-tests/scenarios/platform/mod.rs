//! The real platform as a process of its own, on free ports of the loopback interface.

#![allow(dead_code, clippy::print_stdout, reason = "every scenario uses a part of it, and says why it was skipped")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use allmende::client::{self, Telemetry, Token};
use allmende_proto::telemetry::v1 as telemetry;
use rustix::process::{Pid, Signal, kill_process};
use uuid::Uuid;

/// The binary under test.
const ALLMENDE: &str = env!("CARGO_BIN_EXE_allmende");

/// A running platform; killed when dropped.
pub(crate) struct Platform {
    process: Child,
    pub(crate) grpc: String,
    pub(crate) http: String,
    pub(crate) admin: String,
    pub(crate) token: String,
}

impl Platform {
    /// Starts a platform on `data` and waits for its line `ready`.
    pub(crate) fn start(data: &Path) -> Self {
        Self::start_with(data, &[])
    }

    /// The same with further arguments.
    pub(crate) fn start_with(data: &Path, further: &[&str]) -> Self {
        let mut process = command()
            .args(["up", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(further)
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let ready = lines.next().expect("the platform ends without a word").unwrap();
        let word = |name: &str| {
            let found = ready.split(' ').find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_else(|| panic!("no {name} in {ready:?}")).to_owned()
        };
        assert!(ready.starts_with("ready "), "{ready}");
        let token = std::fs::read_to_string(word("token-file")).unwrap().trim().to_owned();
        Self { process, grpc: word("grpc"), http: word("http"), admin: word("admin"), token }
    }

    /// Ends it in order, and waits.
    pub(crate) fn stop(mut self) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
        let status = self.process.wait().unwrap();
        assert!(status.success(), "{status}");
    }

    /// Ends it with SIGKILL: no destructor runs, nothing is flushed.
    pub(crate) fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// Adds a tenant, as it is typed. Again it changes nothing.
    pub(crate) fn found(&self, tenant: &str) {
        let mut add = command();
        add.args(["tenant", "add", tenant, "--name", tenant, "--url", &self.grpc, "--token", &self.token]);
        succeed(&mut add);
    }

    /// What the port for operators answers: status and body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let mut connection = TcpStream::connect(self.admin.trim_start_matches("http://")).unwrap();
        write!(connection, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    /// A client with the operator's token.
    pub(crate) fn telemetry(&self) -> Telemetry {
        client::connect(&self.grpc, Token::new(&self.token).unwrap()).unwrap()
    }

    /// The import as it is typed, against this platform, for a tenant that is there.
    pub(crate) fn import(&self, files: &[PathBuf], tenant: &str) -> Command {
        self.found(tenant);
        let mut import = command();
        import.args(["import", "sensor-community", "--tenant", tenant, "--url", &self.grpc, "--token", &self.token]);
        import.args(files);
        import
    }
}

/// A station that a scenario made.
pub(crate) struct Station {
    pub(crate) id: String,
    /// Shows what was recorded.
    pub(crate) token: String,
}

/// A reference station with a value of PM10 for each hour from a moment on.
pub(crate) async fn reference_station(client: &mut Telemetry, tenant: &str, from_us: i64, hourly: Vec<f64>) -> Station {
    let id = || Uuid::now_v7().to_string();
    let (station_id, datastream_id) = (id(), id());
    let register = telemetry::RegisterStationRequest {
        tenant: tenant.into(),
        request_id: id(),
        station_id: station_id.clone(),
        kind: telemetry::StationKind::Reference.into(),
        location: Some(telemetry::GeoPoint { latitude: 51.33, longitude: 12.6 }),
        cell_size_m: 1_000,
    };
    client.register_station(register).await.unwrap();
    let datastream = telemetry::Datastream {
        datastream_id: datastream_id.clone(),
        observed_property: telemetry::ObservedProperty::Pm10.into(),
        unit: String::new(),
        expected_interval_s: 3_600,
    };
    let sensor = telemetry::Sensor { sensor_id: id(), model: "REFERENCE".into(), datastreams: vec![datastream] };
    let register = telemetry::RegisterSensorRequest {
        tenant: tenant.into(),
        request_id: id(),
        station_id: station_id.clone(),
        sensor: Some(sensor),
    };
    client.register_sensor(register).await.unwrap();
    let hours = 0..i64::try_from(hourly.len()).unwrap();
    let columns = telemetry::ObservationColumns {
        datastream_id,
        phenomenon_time_us: hours.map(|hour| from_us + hour * 3_600_000_000).collect(),
        result: hourly,
    };
    let record = telemetry::RecordObservationsRequest {
        tenant: tenant.into(),
        request_id: id(),
        station_id: station_id.clone(),
        columns: vec![columns],
    };
    let token = client.record_observations(record).await.unwrap().into_inner().consistency_token;
    Station { id: station_id, token }
}

/// The Python environment. `None`, said aloud, where no tools were fetched yet; where they were, or everything is to run,
/// it must be there.
pub(crate) fn python() -> Option<PathBuf> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools");
    let python = tools.join("venv/bin/python");
    if python.exists() {
        return Some(python);
    }
    let all_is_to_run = std::env::var("NEXTEST_PROFILE").is_ok_and(|profile| profile == "ci");
    assert!(!tools.exists() && !all_is_to_run, "no {}: run `cargo xtask fetch-tools`", python.display());
    println!("skipped: no Python environment (run `cargo xtask fetch-tools`)");
    None
}

/// Runs modules of the Python clients' tests against a platform; every test must run and pass.
pub(crate) fn python_tests(python: &Path, platform: &Platform, modules: &[&str], settings: &[(&str, &str)]) {
    // Where they write what is of no other use.
    platform.found("citizen-box-scratch");
    let data = test_data().map(|data| ("ALLMENDE_TEST_DATA", data.canonicalize().unwrap()));
    let checked = Command::new(python)
        .args(["-m", "unittest", "-v"])
        .args(modules)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integration-tests/clients"))
        .env("ALLMENDE_GRPC", platform.grpc.trim_start_matches("http://"))
        .env("ALLMENDE_HTTP", &platform.http)
        .env("ALLMENDE_TOKEN", &platform.token)
        .envs(data)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .envs(settings.iter().copied())
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{report}");
    assert!(!report.contains("skipped="), "no test may be skipped here\n{report}");
}

impl Drop for Platform {
    fn drop(&mut self) {
        // Fails when it has ended already, which is what is wanted.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The binary, without settings of whoever runs the tests.
pub(crate) fn command() -> Command {
    let mut command = Command::new(ALLMENDE);
    for (name, _) in std::env::vars() {
        if name.starts_with("ALLMENDE_") || name.starts_with("OTEL_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command that must succeed, and tells what it printed.
pub(crate) fn succeed(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (stdout, stderr) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(status.success(), "{command:?}: {status}\n{stdout}{stderr}");
    stdout
}

/// The folder of real data, if it is there.
pub(crate) fn test_data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("ALLMENDE_TEST_DATA").map_or(beside, PathBuf::from);
    folder.join("SOURCES.md").exists().then_some(folder)
}

/// The archive files of the real box; `None`, said aloud, where they are absent.
pub(crate) fn archive_files() -> Option<Vec<PathBuf>> {
    let Some(data) = test_data() else {
        println!("skipped: no test data (set ALLMENDE_TEST_DATA)");
        return None;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(data.join("telemetry/sensor_community_csv"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    Some(files)
}

//! The logs of a data folder become those of a cluster: at the same positions, with the same hashes, however often it is
//! tried and wherever it was cut off; and never into a stream that holds something else. What its keys opened opens for every
//! member, and what was erased stays so.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test, which says why it was skipped"
)]

mod platform;

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::{
    EventLog, Head, MemoryReplica, NewCommit, NewEvent, Origin, Reading as _, Replica, StreamAppend,
};
use allmende_eventlog_nats::stream::{GroupStream, Published};
use allmende_eventlog_nats::{LargeGroups, NatsLog, Options, Role};
use allmende_eventlog_sled::{Options as SledOptions, SledLog, SledReplica};
use allmende_files::{FolderShelves, Name, Shelf, Shelves};
use allmende_kernel::{ExpectedRevision, PartitionName, StreamName, TenantId};
use allmende_keyring::{FileKeyring, Found, Key, KeyId, Keyring, Opened, Options as KeyringOptions, Places, open};
use allmende_nats::{Connection, LogStream, Settings, Shared, StreamBodies, open_shared};
use allmende_runtime::clock::SystemClock;
use allmende_runtime::installation::Installation;
use allmende_runtime::secrets::{FolderSecrets, Secrets as _};
use allmende_testkit::nats::{DEADLINE, NatsServers};
use platform::{command, succeed};
use uuid::Uuid;

fn partition(name: &str) -> PartitionName {
    PartitionName::parse(name).unwrap()
}

fn folder(data: &Path, name: &str) -> std::path::PathBuf {
    data.join("log").join(name)
}

/// Bytes that hardly compress.
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as u8
        })
        .collect()
}

/// A log as the embedded platform writes one, over several segments: so many groups, the third larger than a message.
async fn write(data: &Path, name: &str, groups: u64) -> Head {
    let options = SledOptions { segment_bytes: 256 << 10, ..SledOptions::default() };
    let log = SledLog::open(&folder(data, name), partition(name), Arc::new(SystemClock), options).unwrap();
    for number in 1..=groups {
        let payload = noise(number, if number == 3 { 2 << 20 } else { 300 });
        let events = vec![NewEvent { event_type: "allmende.test.v1.Counted", payload: payload.into() }];
        let stream = StreamName::parse(&format!("koeln/counter/{}", number % 7)).unwrap();
        let commit = NewCommit {
            origin: Origin::Unlinked,
            admitted_at: log.now(),
            actor: None,
            trace: None,
            reads: Vec::new(),
            writes: vec![StreamAppend { stream, expected: ExpectedRevision::Any, events }],
            outcome: Default::default(),
        };
        log.submit(commit).unwrap().wait().await.unwrap();
    }
    let head = *log.head().borrow();
    log.close().unwrap();
    head
}

async fn stream(servers: &NatsServers, name: &str) -> Arc<dyn GroupStream> {
    let connection = Connection::open(Settings::new(servers.urls(), "test")).await.unwrap();
    let stream = LogStream::open(&connection, &partition(name), 1).await.unwrap();
    let bodies = StreamBodies::open(&connection, name.rsplit_once('-').unwrap().0, 1).await.unwrap();
    Arc::new(LargeGroups::new(Arc::new(stream), Arc::new(bodies)))
}

fn migrate(data: &Path, servers: &NatsServers, further: &[&str]) -> Command {
    let mut migrate = command();
    migrate.args(["log", "migrate", "--replicas", "1", "--nats", &servers.urls()[0], "--data"]);
    migrate.arg(data).args(further);
    migrate
}

/// A member that begins with nothing, and what it has of the stream once it has as many groups as `head` says.
async fn read_back(servers: &NatsServers, name: &str, head: Head) -> Arc<MemoryReplica> {
    let replica = Arc::new(MemoryReplica::new(partition(name)));
    let member: Arc<dyn Replica> = replica.clone();
    let stream = stream(servers, name).await;
    let log = NatsLog::start(member, stream, None, Arc::new(SystemClock), Options::of("new")).unwrap();
    let mut follows = log.head();
    tokio::time::timeout(DEADLINE, follows.wait_for(|at| at.group >= head.group)).await.expect("it comes").unwrap();
    tokio::task::spawn_blocking(move || log.close()).await.unwrap();
    replica
}

/// Positions, hashes and bytes are those of the data folder.
fn check_same(data: &Path, name: &str, replica: &MemoryReplica, head: Head) {
    assert_eq!(*replica.head().borrow(), head);
    let embedded = SledReplica::open(&folder(data, name), partition(name), SledOptions::default()).unwrap();
    for number in 1..=head.group {
        assert_eq!(replica.stored(number).unwrap(), embedded.stored(number).unwrap(), "group {number}");
    }
    let stream = StreamName::parse("koeln/counter/1").unwrap();
    let read = |log: &dyn Replica| {
        let events = log.read_stream(&stream, allmende_kernel::Revision(1), allmende_eventlog::Direction::Forward, 100);
        events.unwrap().iter().map(|event| (event.position(), event.revision())).collect::<Vec<_>>()
    };
    assert!(!read(replica).is_empty());
    assert_eq!(read(replica), read(&embedded));
    embedded.close().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_logs_of_a_data_folder_become_those_of_a_cluster() {
    let Some(servers) = NatsServers::one() else { return };
    let data = tempfile::tempdir().unwrap();
    let (telemetry, gateway) = (write(data.path(), "telemetry-0", 200).await, write(data.path(), "gateway-0", 5).await);
    write(data.path(), "reporting-0", 0).await;
    std::fs::write(data.path().join("installation.key"), [7; 32]).unwrap();
    std::fs::create_dir(data.path().join("views")).unwrap();

    let told = succeed(&mut migrate(data.path(), &servers, &[]));
    for line in [
        &*format!("telemetry-0: 200 groups published; read back and checked, head 200 {}", telemetry.hash),
        &*format!("gateway-0: 5 groups published; read back and checked, head 5 {}", gateway.hash),
        "reporting-0: nothing was ever written to it",
        "  installation.key: give it to every member",
        "  views: leave it",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    for (name, head) in [("telemetry-0", telemetry), ("gateway-0", gateway)] {
        check_same(data.path(), name, read_back(&servers, name, head).await.as_ref(), head);
    }

    let told = succeed(&mut migrate(data.path(), &servers, &[]));
    assert!(told.contains("telemetry-0: nothing to do, all 200 groups are there"), "{told}");
    assert!(told.contains("gateway-0: nothing to do, all 5 groups are there"), "{told}");

    // The folder goes on as a member's, and leads: behind the same groups, in the next epoch.
    let options = SledOptions::default();
    let replica = SledReplica::open(&folder(data.path(), "telemetry-0"), partition("telemetry-0"), options).unwrap();
    let stream = stream(&servers, "telemetry-0").await;
    let log = NatsLog::start(Arc::new(replica), stream, None, Arc::new(SystemClock), Options::of("old")).unwrap();
    log.want_to_lead(true);
    log.role().wait_for(|role| matches!(role, Role::Leader { .. })).await.unwrap();
    let led = *log.head().borrow();
    assert!(led.group > telemetry.group && led.epoch == telemetry.epoch + 1, "{led:?}");
    tokio::task::spawn_blocking(move || log.close()).await.unwrap();
    let told = succeed(&mut migrate(data.path(), &servers, &["--partition", "gateway-0"]));
    assert!(told.contains("gateway-0: nothing to do") && !told.contains("telemetry-0"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_migration_that_was_killed_is_started_again() {
    let Some(servers) = NatsServers::one() else { return };
    let data = tempfile::tempdir().unwrap();
    // Killed while it publishes, unless it was faster than this test: then the next one is.
    for attempt in 0..10 {
        let name = format!("telemetry-{attempt}");
        let head = write(data.path(), &name, 1_500).await;
        let stream = stream(&servers, &name).await;
        let further = ["--partition", &name];
        let mut running = migrate(data.path(), &servers, &further).stdout(Stdio::null()).spawn().unwrap();
        while stream.last_hint().await.unwrap() < 20 {
            assert!(running.try_wait().unwrap().is_none_or(|status| status.success()));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        running.kill().unwrap();
        running.wait().unwrap();
        let told = succeed(&mut migrate(data.path(), &servers, &further));
        assert!(told.contains(&format!("read back and checked, head 1500 {}", head.hash)), "{told}");
        check_same(data.path(), &name, read_back(&servers, &name, head).await.as_ref(), head);
        let told = told.lines().next().unwrap();
        if told.contains(" that were there; ") {
            return;
        }
        assert!(told.contains("nothing to do"), "{told}");
    }
    panic!("it was never killed in between");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_holds_something_else_is_refused_before_anything_is_published() {
    let Some(servers) = NatsServers::one() else { return };
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(data.path(), "gateway-0", 5).await;
    write(data.path(), "telemetry-0", 5).await;
    let taken = stream(&servers, "telemetry-0").await;
    let published = taken.connect().await.unwrap().publish(0, "something else".into(), DEADLINE).await;
    assert_eq!(published, Published::Committed(1));
    let refused = migrate(data.path(), &servers, &[]).output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success(), "{error}");
    assert!(error.contains("the stream of telemetry-0") && error.contains("holds something else"), "{error}");
    assert_eq!(stream(&servers, "gateway-0").await.last_hint().await.unwrap(), 0, "nothing was published");

    // Another installation's log, begun at another time, is something else as well.
    succeed(&mut migrate(data.path(), &servers, &["--partition", "gateway-0"]));
    write(other.path(), "gateway-0", 7).await;
    let refused = migrate(other.path(), &servers, &[]).output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && error.contains("holds something else"), "{error}");
    assert_eq!(stream(&servers, "gateway-0").await.last_hint().await.unwrap(), 5);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_log_and_a_folder_without_logs_are_named() {
    let Some(servers) = NatsServers::one() else { return };
    let data = tempfile::tempdir().unwrap();
    let refused = migrate(data.path(), &servers, &[]).output().unwrap();
    assert!(!refused.status.success() && !data.path().join("LOCK").exists());
    write(data.path(), "telemetry-0", 50).await;
    let segments = folder(data.path(), "telemetry-0").join("segments");
    let first = segments.join("00000000000000000001.segment");
    let mut bytes = std::fs::read(&first).unwrap();
    bytes[300] ^= 1;
    std::fs::write(&first, bytes).unwrap();
    let refused = migrate(data.path(), &servers, &[]).output().unwrap();
    let told = String::from_utf8(refused.stdout).unwrap();
    assert!(!refused.status.success() && told.contains("damaged: groups 1 to 1"), "{told}");
    assert_eq!(stream(&servers, "telemetry-0").await.last_hint().await.unwrap(), 0);
}

fn koeln() -> TenantId {
    TenantId::parse("koeln").unwrap()
}

fn id(number: u128) -> KeyId {
    KeyId::contribution(Uuid::from_u128(number))
}

/// What a platform alone has beside its logs: this many keys, of which the first is erased, as is an id that never had one;
/// secrets, and a file on each shelf. Gives the last key and the files' names.
async fn write_rest(data: &Path, keys: u128) -> (Key, Vec<(Shelf, Name)>) {
    Installation::open(data).unwrap();
    let keyring = FileKeyring::open(&Places::under(data), KeyringOptions::default()).unwrap();
    let mut last: Option<Key> = None;
    for number in 1..=keys {
        last = Some(keyring.ensure(&koeln(), id(number)).await.unwrap());
    }
    for number in [1, 1_000] {
        keyring.erase(&koeln(), id(number)).await.unwrap();
    }
    let secrets = FolderSecrets::new(data);
    secrets.create("operator.token", b"a token".to_vec()).unwrap();
    secrets.create("tokens/one.key", noise(1, 32)).unwrap();
    let mut files = Vec::new();
    for shelf in [allmende_participation::SHELF, allmende_opendata::SHELF] {
        let mut file = FolderShelves::new(data).open(shelf).unwrap().begin().unwrap();
        file.write_all(&noise(2, 700_000)).unwrap();
        files.push((shelf, file.keep().unwrap().name));
    }
    (last.unwrap(), files)
}

/// What a member that begins with nothing but the installation's key is given.
async fn member(data: &Path, servers: &NatsServers, own: &Path) -> Shared {
    let installation = Installation::read(&data.join("installation.key")).unwrap();
    let connection = Connection::open(Settings::new(servers.urls(), "new")).await.unwrap();
    open_shared(&connection, 1, &installation, own).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_that_begins_with_nothing_opens_what_the_data_folder_had() {
    let Some(servers) = NatsServers::one() else { return };
    let (data, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(data.path(), "participation-0", 5).await;
    let (key, files) = write_rest(data.path(), 100).await;
    let sealed = key.seal("body", b"Die Hecke").unwrap();

    let told = succeed(&mut migrate(data.path(), &servers, &[]));
    for line in [
        "keys: 99 taken over, 0 were there; read back and checked",
        "erased: 2 noted, 0 were",
        "secrets: 2 taken over, 0 were there",
        "attachments: 1 files taken over, 0 were there",
        "datasets: 1 files taken over, 0 were there",
        "  keyring: remove it",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    assert!(!data.path().join("migrating").exists());

    let shared = member(data.path(), &servers, own.path()).await;
    let opened = open(shared.keyring.as_ref(), &koeln(), "body", &sealed);
    assert_eq!(opened, Ok(Opened::Content(b"Die Hecke".to_vec())));
    for number in [1, 1_000] {
        assert!(matches!(shared.keyring.find(&koeln(), id(number)), Ok(Found::Erased)), "{number}");
        assert!(shared.keyring.ensure(&koeln(), id(number)).await.is_err(), "{number}");
    }
    assert_eq!(shared.secrets.get("operator.token").unwrap().unwrap(), b"a token");
    assert_eq!(shared.secrets.get("tokens/one.key").unwrap().unwrap(), noise(1, 32));
    for (shelf, name) in files {
        let mut content = Vec::new();
        shared.files.open(shelf).unwrap().read(&name).unwrap().read_to_end(&mut content).unwrap();
        assert!(content == noise(2, 700_000), "{}", shelf.name);
    }

    // Once more: all of it is there, and what members erased since is not brought back.
    shared.keyring.erase(&koeln(), id(2)).await.unwrap();
    let told = succeed(&mut migrate(data.path(), &servers, &[]));
    for line in [
        "keys: 0 taken over, 98 were there, 1 erased there since, and stay so",
        "erased: 0 noted, 2 were",
        "secrets: 0 taken over, 2 were there",
        "attachments: 0 files taken over, 1 were there",
        "datasets: 0 files taken over, 1 were there",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    let other = tempfile::tempdir().unwrap();
    let shared = member(data.path(), &servers, other.path()).await;
    assert!(matches!(shared.keyring.find(&koeln(), id(2)), Ok(Found::Erased)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_of_another_installation_is_refused_before_anything_is_published() {
    let Some(servers) = NatsServers::one() else { return };
    let (data, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(data.path(), "gateway-0", 5).await;
    write_rest(data.path(), 2).await;
    Installation::open(other.path()).unwrap();
    let own = tempfile::tempdir().unwrap();
    let shared = member(other.path(), &servers, own.path()).await;
    let refused = migrate(data.path(), &servers, &[]).output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && error.contains("installation key is not the one"), "{error}");
    assert_eq!(stream(&servers, "gateway-0").await.last_hint().await.unwrap(), 0, "nothing was published");
    assert!(matches!(shared.keyring.find(&koeln(), id(2)), Ok(Found::Unknown)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_stays_behind_and_another_key_stays_where_it_is() {
    let Some(servers) = NatsServers::one() else { return };
    let (data, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(data.path(), "participation-0", 5).await;
    let (_, files) = write_rest(data.path(), 2).await;
    let (shelf, name) = files[0];
    std::fs::write(data.path().join(shelf.name).join(name.to_string()), b"something else").unwrap();
    let behind = migrate(data.path(), &servers, &[]).output().unwrap();
    let told = String::from_utf8(behind.stdout).unwrap();
    assert!(!behind.status.success() && told.contains("attachments: 1 files are not what their names say"), "{told}");
    let shared = member(data.path(), &servers, own.path()).await;
    assert!(!shared.files.open(shelf).unwrap().contains(&name).unwrap());

    // A member has made a key of the same name before: what it sealed must go on opening.
    let made = shared.keyring.ensure(&koeln(), id(3)).await.unwrap().seal("body", b"Die Linde").unwrap();
    let keyring = FileKeyring::open(&Places::under(data.path()), KeyringOptions::default()).unwrap();
    keyring.ensure(&koeln(), id(3)).await.unwrap();
    drop(keyring);
    let refused = migrate(data.path(), &servers, &[]).output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && error.contains("there is another key"), "{error}");
    let opened = open(shared.keyring.as_ref(), &koeln(), "body", &made);
    assert_eq!(opened, Ok(Opened::Content(b"Die Linde".to_vec())));
}

//! A platform comes back from its backup: all services at one moment, with their files and keys, also when the backup was
//! made while everything was in motion; and what was erased or damaged does not.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod community;
mod platform;
mod town;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use allmende_eventlog::Origin;
use allmende_eventlog_sled::OfflineLog;
use community::Person;
use platform::{Platform, command, succeed};
use town::{Town, settings};

/// In what is to be forgotten, and nowhere else.
const WORD: &str = "Quittengelee7f3a91";
const PATIENCE: Duration = Duration::from_secs(60);

/// A platform's folder, what is beside it, and the backup's parts in places of their own.
struct Places(PathBuf);

impl Places {
    fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    fn target(&self) -> PathBuf {
        self.0.join("backup")
    }

    fn backup(&self) -> Command {
        let mut backup = command();
        backup.arg("backup").arg(self.target()).arg("--data").arg(self.data());
        backup.arg("--master-key").arg(self.0.join("vault/master")).arg("--secrets").arg(self.0.join("vault/secrets"));
        backup
    }

    fn restore(&self, data: &Path) -> Command {
        let mut restore = command();
        restore.arg("restore").arg(self.target()).arg("--data").arg(data);
        restore.arg("--master-key").arg(self.0.join("vault/master"));
        restore.arg("--secrets").arg(self.0.join("vault/secrets"));
        restore
    }

    fn start(&self, data: &Path) -> Platform {
        let settings = settings(&self.0);
        Platform::start_with(data, &["--config", settings.to_str().unwrap()])
    }
}

fn refused(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{command:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

/// Whether a dataset's file in the folder has the word.
fn is_published(folder: &Path) -> bool {
    files(&folder.join("datasets")).iter().any(|path| {
        // Beside a running platform, one may be unfinished or gone by now.
        let content = fs::File::open(path).and_then(zstd::decode_all).unwrap_or_default();
        content.windows(WORD.len()).any(|part| part == WORD.as_bytes())
    })
}

/// No log refers to a moment of another one that is not there.
fn assert_at_one_moment(data: &Path) {
    let logs: BTreeMap<String, OfflineLog> = fs::read_dir(data.join("log"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), OfflineLog::open(&path).unwrap()))
        .collect();
    assert_eq!(logs.len(), 5);
    let mut caused = 0;
    for (partition, log) in &logs {
        for group in log.groups(0) {
            for commit in group.unwrap().unwrap().commits() {
                if let Origin::Process { source, position, .. } = commit.origin() {
                    let head = logs[source.as_str()].head();
                    assert!(position.group <= head.group, "{partition} has seen {position} of {source} {}", head.group);
                    caused += 1;
                }
            }
        }
    }
    assert!(caused > 0, "mails are caused by what was published");
}

/// Publishes until it is told to stop; what was published, and a token that shows it.
async fn keep_publishing(
    town: Town,
    procedure: String,
    by: Arc<Person>,
    published: Arc<parking_lot::Mutex<Vec<(String, String)>>>,
    stop: Arc<AtomicBool>,
) {
    let mut number = 0;
    while !stop.load(Ordering::SeqCst) {
        let idea = town.published_with_picture(&procedure, &by, &format!("Idee Nummer {number}")).await;
        published.lock().push(idea);
        number += 1;
    }
}

async fn wait_for(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < PATIENCE, "{what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restored_platform_answers_as_the_one_that_was_saved() {
    let folder = tempfile::tempdir().unwrap();
    let places = Places(folder.path().to_owned());
    let platform = places.start(&places.data());
    let town = Town::on(&platform, folder.path()).await;
    town.found().await;
    let (anna, officer) =
        (town.somebody("Anna", "anna@example.org").await, town.somebody("Dora Schutz", "dsb@example.org").await);
    let by = Arc::new(town.somebody("Berta", "berta@example.org").await);
    town.station().await;
    let procedure = town.open_procedure().await;
    let (forgotten, token) = town.published_with_picture(&procedure, &anna, &format!("Am Bach wächst {WORD}.")).await;
    let (first, _) = town.published_with_picture(&procedure, &by, "Streuobst").await;
    let run = town.report(&token).await;

    // A first one, while everything is in motion.
    let (published, stop) = (Arc::default(), Arc::new(AtomicBool::new(false)));
    let publishing = keep_publishing(town.clone(), procedure, by.clone(), Arc::clone(&published), stop.clone());
    let publishing = tokio::spawn(publishing);
    wait_for("nothing is published", async || published.lock().len() > 5).await;
    let (acknowledged, seen) = published.lock().last().cloned().unwrap();
    let said = succeed(&mut places.backup());
    assert!(said.contains("participation-0: head") && said.contains("keyring: "), "{said}");
    let during = published.lock().len();
    assert!(is_published(&places.target()), "its word is in a dataset, and so in the backup");
    let once = places.0.join("once");
    succeed(&mut places.restore(&once));
    assert_at_one_moment(&once);
    let again = places.start(&once);
    let restored = Town::on(&again, folder.path()).await;
    assert!(restored.text(&acknowledged, &seen).await.text.is_some());
    assert!(!restored.standing(&seen).await.is_empty());
    again.stop();

    // Somebody is forgotten; a second one copies what is new, and loses what is gone.
    stop.store(true, Ordering::SeqCst);
    publishing.await.unwrap();
    assert!(during > 5, "{during}");
    town.forget(&anna, &officer).await;
    wait_for("it is not erased", async || town.text(&forgotten, "").await.erased).await;
    wait_for("its dataset stands", async || !is_published(&places.data())).await;
    let token = town.seen(&forgotten).await;
    let mut contributions = vec![forgotten.clone(), first];
    contributions.extend(published.lock().iter().map(|(id, _)| id.clone()));
    let answers = town.answers(&contributions, &run, &token).await;
    assert!(answers.keys().any(|name| name.contains("observations")), "{:?}", answers.keys());
    let copied = |said: &str| said.lines().find(|line| line.contains("attachments: ")).unwrap().to_owned();
    let said = succeed(&mut places.backup());
    assert!(!copied(&said).contains(" 0 of them copied"), "{said}");
    assert!(!is_published(&places.target()), "what was erased has left the backup");
    let said = succeed(&mut places.backup());
    assert!(copied(&said).contains(" 0 of them copied"), "{said}");
    platform.kill();

    let twice = places.0.join("twice");
    let said = succeed(&mut places.restore(&twice));
    assert!(said.contains("restored "), "{said}");
    assert_at_one_moment(&twice);
    let platform = places.start(&twice);
    let town = Town::on(&platform, folder.path()).await;
    assert_eq!(town.answers(&contributions, &run, &token).await, answers);
    assert!(town.text(&forgotten, "").await.erased);
    town.token_of(&by.email).await;
    platform.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_damaged_or_does_not_belong_is_named_and_refused() {
    let folder = tempfile::tempdir().unwrap();
    let places = Places(folder.path().to_owned());
    let platform = places.start(&places.data());
    let town = Town::on(&platform, folder.path()).await;
    town.found().await;
    let anna = town.somebody("Anna", "anna@example.org").await;
    let procedure = town.open_procedure().await;
    let (text, token) = town.published_with_picture(&procedure, &anna, "Streuobst").await;
    assert_eq!(town.datasets(&token).await.len(), 1);
    // Neither what opens it nor the backup itself goes where it must not be.
    let target = places.target();
    let mut within = command();
    within.arg("backup").arg(&target).arg("--data").arg(places.data()).arg("--master-key").arg(target.join("master"));
    assert!(refused(&mut within).contains("master key"));
    let mut within = command();
    within.arg("backup").arg(places.data().join("backup")).arg("--data").arg(places.data());
    assert!(refused(&mut within).contains("data folder"));
    let mut elsewhere = command();
    elsewhere.arg("backup").arg(folder.path()).arg("--data").arg(places.data());
    assert!(refused(&mut elsewhere).contains("something else"));
    assert!(refused(&mut places.restore(&places.0.join("new"))).contains("no complete backup"));
    succeed(&mut places.backup());
    for path in files(&target) {
        let name = path.file_name().unwrap();
        assert!(name != "master" && name != "installation.key" && name != "operator.token", "{path:?}");
    }
    assert!(refused(&mut places.restore(&places.data())).contains("not empty"));

    // Each part that is damaged is named; nothing is left where it should have been put.
    let new = places.0.join("new");
    let damaged = |path: &Path| {
        let whole = fs::read(path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 0x10;
        for damaged in [&flipped[..], &whole[..whole.len() / 2]] {
            fs::write(path, damaged).unwrap();
            let error = refused(&mut places.restore(&new));
            assert!(error.contains(path.to_str().unwrap()), "{path:?}: {error}");
            assert!(!new.exists() || files(&new).iter().all(|path| path.ends_with("LOCK")), "{:?}", files(&new));
        }
        fs::remove_file(path).unwrap();
        let error = refused(&mut places.restore(&new));
        assert!(error.contains(path.to_str().unwrap()) || path.ends_with("BACKUP"), "{path:?}: {error}");
        fs::write(path, whole).unwrap();
    };
    let first = |folder: &str| files(&target.join(folder)).into_iter().next().unwrap();
    for path in [
        first("datasets"),
        first("attachments"),
        first("log/participation-0/segments"),
        first("log/gateway-0/segments"),
    ] {
        damaged(&path);
    }
    for path in ["keyring/keys", "keyring/erased", "BACKUP"] {
        damaged(&target.join(path));
    }
    let another = tempfile::tempdir().unwrap();
    fs::write(another.path().join("installation.key"), [7; 32]).unwrap();
    let mut foreign = command();
    foreign.arg("restore").arg(&target).arg("--data").arg(&new).arg("--secrets").arg(another.path());
    foreign.arg("--master-key").arg(places.0.join("vault/master"));
    assert!(refused(&mut foreign).contains("another installation"));

    // What was cut off is not taken for a platform, and a second backup that fails leaves the first.
    let (later, _) = town.published_with_picture(&procedure, &anna, "Bänke").await;
    let mut failing = command();
    failing.arg("backup").arg(&target).arg("--data").arg(places.data());
    failing.arg("--master-key").arg(places.0.join("vault/master/below-a-file"));
    assert!(refused(&mut failing).contains("below-a-file"));
    platform.kill();
    fs::create_dir_all(new.join("restoring")).unwrap();
    assert!(refused(&mut places.restore(&new)).contains("was cut off"));
    let mut up = command();
    up.args(["up", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"]).arg(&new);
    assert!(refused(&mut up).contains("was cut off"));
    fs::remove_dir_all(&new).unwrap();
    succeed(&mut places.restore(&new));
    let platform = places.start(&new);
    let town = Town::on(&platform, folder.path()).await;
    assert!(town.text(&text, &token).await.text.is_some());
    assert_eq!(town.standing(&token).await.len(), 3);
    assert!(!town.is_known(&later).await, "it came after the backup that is whole");
    platform.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_names_what_the_platform_itself_has_lost() {
    let folder = tempfile::tempdir().unwrap();
    let places = Places(folder.path().to_owned());
    let platform = places.start(&places.data());
    let town = Town::on(&platform, folder.path()).await;
    town.found().await;
    let anna = town.somebody("Anna", "anna@example.org").await;
    let procedure = town.open_procedure().await;
    let (_, token) = town.published_with_picture(&procedure, &anna, "Streuobst").await;
    assert_eq!(town.standing(&token).await.len(), 3);
    platform.stop();
    let [one, two, _] = &files(&places.data().join("datasets"))[..] else { panic!("three files") };
    fs::remove_file(one).unwrap();
    fs::write(two, "something else").unwrap();
    let output = places.backup().output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(one.to_str().unwrap()) && said.contains(two.to_str().unwrap()), "{said}");
    succeed(&mut places.restore(&places.0.join("new")));
}

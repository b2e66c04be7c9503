//! Whoever asks to be forgotten is forgotten: what they wrote is nowhere any more, not in the log, the views, the search,
//! the datasets, the operator's lines or a backup that is put back later, and nobody else loses a word.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a failed unwrap is a failed test")]

mod city;
mod community;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use allmende_eventlog::Origin;
use allmende_eventlog_sled::OfflineLog;
use allmende_integration_tests::seed;
use allmende_integration_tests::traces::{Layer, Marker, Report, search, search_bytes};
use allmende_kernel::{Sealed, TenantId};
use allmende_keyring::{FileKeyring, Opened, Options as KeyOptions, Places as KeyPlaces, open_text};
use allmende_proto::gateway::events::v1::EmailConfirmed;
use allmende_proto::gateway::v1::ErasureScope;
use allmende_proto::opendata::v1 as opendata;
use city::{City, Places};
use prost::Message as _;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// In what is to be forgotten, and nowhere else.
const WORD: &str = "Quittengelee7f3a91";
/// Who is to be forgotten.
const NAME: &str = "Annegret Zwetschgenreuther";
const EMAIL: &str = "zwetschgenreuther7f3a91@example.org";
/// In what the same person wrote and is kept.
const KEPT: &str = "Apfelmus5c2b70";
const OFFICER: &str = "dsb@example.org";
/// How long everything together may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs the platform for the tests of this file; does nothing by itself.
#[test]
fn the_platform() {
    city::be_the_platform();
}

fn run(promise: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(promise);
}

/// Searches until nothing is found: what is written anew takes a moment.
fn nothing_left(folder: &Path, marker: &Marker, when: &str) -> Report {
    let began = Instant::now();
    loop {
        let report = search(folder, marker);
        let clean = report.traces().next().is_none() && report.not_searched().is_empty();
        if clean || began.elapsed() > PATIENCE {
            report.assert_nothing(when);
            return report;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn nothing_said(places: &Places, marker: &Marker) {
    search_bytes(&places.said, &fs::read(&places.said).unwrap(), marker).assert_nothing("in the operator's lines");
}

/// Waits until a text is told to be erased.
async fn erased(city: &City, contribution: &str) {
    let began = Instant::now();
    loop {
        let text = city.text(contribution).await;
        if text.erased {
            assert_eq!(text.text, None);
            return;
        }
        assert!(began.elapsed() < PATIENCE, "{contribution} is not erased");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// The same for what was written for another town.
async fn erased_elsewhere(city: &City, contribution: &str) {
    let began = Instant::now();
    while !city.text_elsewhere(contribution).await.erased {
        assert!(began.elapsed() < PATIENCE, "{contribution} is not erased");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the first version is withdrawn and another one is in its place.
async fn replaced(city: &City, dataset: &str) -> opendata::Tombstone {
    let began = Instant::now();
    loop {
        let versions = city.versions(dataset).await;
        let gone = versions.last().and_then(|first| first.tombstone);
        match gone {
            Some(gone) if gone.reissued_as > 1 && versions[0].tombstone.is_none() => return gone,
            _ => assert!(began.elapsed() < PATIENCE, "it is not issued anew: {versions:?}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Copies logs and keys, as a nightly backup does.
fn back_up(data: &Path, target: &Path) {
    for log in ["gateway-0", "participation-0"] {
        allmende_eventlog_sled::backup(&data.join("log").join(log), &target.join(log)).unwrap();
    }
    allmende_keyring::backup(&KeyPlaces::under(data), &target.join("keys")).unwrap();
    allmende_keyring::copy_master(&KeyPlaces::under(data), &target.join("master")).unwrap();
}

/// Puts them back where nothing is, with the list of the erased as it is today. What open data had makes itself anew.
fn put_back(backup: &Path, erased_today: &Path, data: &Path) {
    let keys = KeyPlaces::under(data);
    fs::create_dir_all(keys.erased.parent().unwrap()).unwrap();
    fs::copy(erased_today, &keys.erased).unwrap();
    for log in ["gateway-0", "participation-0"] {
        allmende_eventlog_sled::restore(&backup.join(log), &data.join("log").join(log)).unwrap();
    }
    allmende_keyring::restore(&backup.join("keys"), &keys, Some(&backup.join("master"))).unwrap();
}

/// The hash of somebody's password as the log has it, opened with the keys in a folder.
fn password_hash(log: &Path, keys: &Path, tenant: &str, subject: &str) -> Opened<String> {
    let log = OfflineLog::open(log).unwrap();
    let mut sealed = None;
    for group in log.groups(0) {
        let group = group.unwrap().unwrap();
        for event in group.commits().flat_map(|commit| commit.events().collect::<Vec<_>>()) {
            let of_person = event.stream().ends_with(&format!("/person/{subject}"));
            if of_person && event.event_type().ends_with(".EmailConfirmed") {
                sealed = Some(EmailConfirmed::decode(event.payload()).unwrap().password_sealed);
            }
        }
    }
    let sealed = Sealed::from_bytes(sealed.expect("the address was confirmed").to_vec());
    let keyring = FileKeyring::open(&KeyPlaces::under(keys), KeyOptions::default()).unwrap();
    let tenant = TenantId::parse(tenant).unwrap();
    open_text(&keyring, &tenant, &format!("person/{subject}/password"), &sealed).unwrap()
}

#[test]
fn what_was_erased_is_nowhere_and_does_not_come_back() {
    run(async {
        let folder = tempfile::tempdir().unwrap();
        let places = Places::in_folder(folder.path());
        let (of_text, of_account) = (Marker::new(&[WORD]), Marker::new(&[NAME, EMAIL]));
        let city = City::start(&places).await;
        let anna = city.somebody(NAME, EMAIL).await;
        let officer = city.somebody("Dora Schutz", OFFICER).await;
        city.make_officer(&officer).await;
        let procedure = city.open_procedure().await;
        let text = format!("Am Bach wächst {WORD} für alle.");
        let (forgotten, _) = city.published(&procedure, &anna, WORD, &text).await;
        let (kept, _) = city.published(&procedure, &anna, "Streuobst", &format!("Ein Kurs: {KEPT}")).await;
        let (other, token) = city.published(&procedure, &officer, "Bänke", "Zwei Bänke am Rathaus").await;

        // The account is of the installation, and so are its holder's texts.
        let elsewhere = city.published_elsewhere(&anna, &format!("Auch hier wächst {WORD}.")).await;

        assert_eq!((city.hits(WORD, &token).await, city.hits(KEPT, &token).await), (1, 1));
        let datasets = city.datasets(&token).await;
        assert_eq!(datasets.len(), 1, "contributions are published by themselves");
        let before = search(&places.data, &of_text);
        for part in ["search", "datasets"] {
            assert!(before.is_in(&places.data.join(part)), "the search finds it in {part}: {before}");
        }
        for part in ["log", "views", "keyring"] {
            assert!(!before.is_in(&places.data.join(part)), "it is sealed in {part}: {before}");
        }
        // The account is sealed from the beginning, and what has gone out by mail is elsewhere.
        let account = search(&places.data, &of_account);
        assert_eq!(account.traces().count(), 0, "{account}");
        let backup = folder.path().join("backup");
        back_up(&places.data, &backup);

        // So is her password's hash, which whoever has the keys of that day finds.
        let (log, keys) = (places.data.join("log/gateway-0"), folder.path().join("keys of that day"));
        allmende_keyring::restore(&backup.join("keys"), &KeyPlaces::under(&keys), Some(&backup.join("master")))
            .unwrap();
        let Opened::Content(hash) = password_hash(&log, &keys, city.tenant, &anna.subject) else { panic!("no hash") };
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        let of_password = search(&places.data, &Marker::new(&[&hash]));
        assert_eq!(of_password.traces().count(), 0, "{of_password}");
        let everything = Marker::new(&[WORD, NAME, EMAIL, &hash]);

        let asked = city.ask_to_forget(&anna, ErasureScope::Account).await;
        assert!(!city.text(&forgotten).await.erased, "asking alone erases nothing");
        city.accept(&officer, &asked, &[&kept]).await;
        erased(&city, &forgotten).await;
        erased_elsewhere(&city, &elsewhere).await;
        let report = nothing_left(&places.data, &everything, "after the erasure");
        for layer in [Layer::Commit, Layer::SearchIndex, Layer::Parquet] {
            assert!(report.bytes_of(layer) > 0, "{layer:?} was searched");
        }
        let began = Instant::now();
        while city.erasure_state(&officer, &asked).await.account_erased_at_us == 0 {
            assert!(began.elapsed() < PATIENCE, "the account is not erased");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let gone = replaced(&city, &datasets[0].dataset_id).await;
        assert_eq!(gone.reason(), opendata::WithdrawalReason::Erasure);
        assert_eq!((city.hits(WORD, "").await, city.hits(KEPT, "").await), (0, 1));
        let tenant = city.tenant;
        city.stop();
        nothing_left(&places.data, &everything, "after the end");
        assert_eq!(password_hash(&log, &places.data, tenant, &anna.subject), Opened::Erased);

        // Everything that can be made anew from the log, made anew.
        fs::remove_dir_all(places.data.join("views")).unwrap();
        fs::remove_dir_all(places.data.join("search")).unwrap();
        let city = City::start(&places).await;
        erased(&city, &forgotten).await;
        assert!(city.text(&kept).await.text.unwrap().body.contains(KEPT));
        assert!(city.text(&other).await.text.is_some());
        let began = Instant::now();
        while city.hits(KEPT, "").await == 0 {
            assert!(began.elapsed() < PATIENCE, "the search is not made anew");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(city.hits(WORD, "").await, 0);
        city.stop();
        nothing_left(&places.data, &everything, "after all was made anew");

        // The disk breaks, and what is put back is from before the erasure: its keys are in the copy.
        let restored = Places::in_folder(&folder.path().join("restored"));
        put_back(&backup, &KeyPlaces::under(&places.data).erased, &restored.data);
        let city = City::start(&restored).await;
        erased(&city, &forgotten).await;
        erased_elsewhere(&city, &elsewhere).await;
        assert!(city.text(&kept).await.text.unwrap().body.contains(KEPT));
        let began = Instant::now();
        while city.hits(KEPT, "").await == 0 || city.datasets("").await.is_empty() {
            assert!(began.elapsed() < PATIENCE, "search and datasets are not made anew");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(city.hits(WORD, "").await, 0);
        city.stop();
        nothing_left(&restored.data, &everything, "after the backup was put back");
        let log = restored.data.join("log/gateway-0");
        assert_eq!(password_hash(&log, &restored.data, tenant, &anna.subject), Opened::Erased);
        for places in [&places, &restored] {
            nothing_said(places, &everything);
        }
    });
}

/// How often each text was erased, and by what, as the log of participation has it.
fn erasures(data: &Path) -> BTreeMap<String, Vec<Origin>> {
    let log = OfflineLog::open(&data.join("log/participation-0")).unwrap();
    let mut erasures: BTreeMap<String, Vec<Origin>> = BTreeMap::new();
    for group in log.groups(0) {
        let group = group.unwrap().unwrap();
        for commit in group.commits() {
            for event in commit.events().filter(|event| event.event_type().ends_with(".ContributionErased")) {
                let id = event.stream().rsplit('/').next().unwrap().to_owned();
                erasures.entry(id).or_default().push(commit.origin());
            }
        }
    }
    erasures
}

#[test]
fn killed_between_any_two_steps_it_ends_the_same() {
    const ROUNDS: u64 = 6;
    run(async {
        let mut random = StdRng::seed_from_u64(seed());
        let folder = tempfile::tempdir().unwrap();
        let places = Places::in_folder(folder.path());
        let marker = Marker::new(&[WORD]);
        let mut city = City::start(&places).await;
        let mut anna = city.somebody(NAME, EMAIL).await;
        let mut officer = city.somebody("Dora Schutz", OFFICER).await;
        city.make_officer(&officer).await;
        let procedure = city.open_procedure().await;
        let mut forgotten = Vec::new();
        for round in 0..ROUNDS {
            let mut token = String::new();
            for number in 0..3 {
                let body = format!("Am Bach wächst {WORD}, Nummer {number} von Runde {round}.");
                let (id, seen) = city.published(&procedure, &anna, "Obst", &body).await;
                forgotten.push(id);
                token = seen;
            }
            assert_eq!(city.datasets(&token).await.len(), 1);
            assert!(search(&places.data, &marker).is_in(&places.data.join("datasets")));
            let asked = city.ask_to_forget(&anna, ErasureScope::Contributions).await;
            city.accept(&officer, &asked, &[]).await;
            // The keys, the events, the search index and the datasets are done within some tens of milliseconds.
            let kills = random.random_range(1..=3);
            for kill in 0..kills {
                let life = Duration::from_millis(random.random_range(0..(60 * (kill + 1))));
                println!("round {round}: killed after {life:?}");
                tokio::time::sleep(life).await;
                city.kill();
                city = City::start(&places).await;
            }
            for id in &forgotten {
                erased(&city, id).await;
            }
            nothing_left(&places.data, &marker, "after a kill");
            anna.renew(city.token_of(EMAIL).await);
            officer.renew(city.token_of(OFFICER).await);
        }
        // Decisions are read again at each start, and are about what was there when they were made.
        let (later, _) = city.published(&procedure, &anna, "Mus", &format!("Danach: {KEPT}")).await;
        city.kill();
        let city = City::start(&places).await;
        for dataset in city.datasets("").await {
            for version in city.versions(&dataset.dataset_id).await {
                let held_some =
                    version.tombstone.is_some_and(|gone| gone.reason() == opendata::WithdrawalReason::Erasure);
                assert!(held_some || !version.distributions.is_empty(), "version {} is whole or gone", version.number);
            }
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(city.text(&later).await.text.unwrap().body.contains(KEPT));
        city.stop();
        nothing_left(&places.data, &marker, "at the end");
        nothing_said(&places, &marker);
        let erasures = erasures(&places.data);
        assert_eq!(erasures.len(), forgotten.len());
        for id in &forgotten {
            let by = &erasures[id];
            assert!(matches!(&by[..], [Origin::Process { source, .. }] if source.as_str() == "gateway-0"), "{by:?}");
        }
    });
}

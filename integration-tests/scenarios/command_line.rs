//! What an operator types: help with examples, settings, the log's commands beside a running platform, clear errors.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test, which says why it was skipped"
)]

mod platform;

use platform::{Platform, command, succeed};

#[test]
fn every_command_has_help_with_an_example() {
    for words in [
        &["up"][..],
        &["import", "sensor-community"],
        &["show", "stations"],
        &["show", "means"],
        &["show", "limits"],
        &["backup"],
        &["restore"],
        &["log", "verify"],
        &["log", "stats"],
        &["log", "export"],
        &["log", "import"],
        &["log", "backup"],
        &["log", "restore"],
        &["log", "migrate"],
        &["keyring", "verify"],
        &["keyring", "rotate"],
        &["keyring", "backup"],
        &["keyring", "repair"],
        &["outbox", "list"],
        &["outbox", "retry"],
        &["outbox", "drop"],
        &["doctor"],
        &["bench", "log"],
        &["bench", "telemetry"],
        &["bench", "nats"],
    ] {
        let help = succeed(command().args(words).arg("--help"));
        assert!(help.contains("Example") && help.contains("allmende "), "{words:?}\n{help}");
    }
}

#[test]
fn settings_are_shown_and_unknown_ones_refused() {
    let shown = succeed(command().args(["up", "--data", "elsewhere", "--print-config"]));
    assert!(shown.contains("data = \"elsewhere\""), "{shown}");
    let refused = command().arg("up").env("ALLMENDE_COLOUR", "green").output().unwrap();
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && error.contains("ALLMENDE_COLOUR"), "{error}");
}

#[test]
fn a_second_platform_on_the_same_data_is_refused() {
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start(data.path());
    let second = command()
        .args(["up", "--grpc", "127.0.0.1:0", "--http", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    let error = String::from_utf8(second.stderr).unwrap();
    assert!(!second.status.success() && error.contains("in use by another process"), "{error}");
    platform.stop();
}

#[test]
fn a_log_is_checked_counted_backed_up_restored_exported_and_imported() {
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start(data.path());
    let csv = data.path().join("box.csv");
    let header = "sensor_id;sensor_type;location;lat;lon;timestamp;P1;durP1;ratioP1;P2;durP2;ratioP2\n";
    std::fs::write(&csv, format!("{header}15;SDS011;7;50.9;6.9;2018-07-07T20:03:06;17.47;;;7.73;;\n")).unwrap();
    succeed(&mut platform.import(std::slice::from_ref(&csv), "small"));

    // Beside the running platform.
    let log =
        |words: &[&str], data: &std::path::Path| succeed(command().arg("log").args(words).arg("--data").arg(data));
    let verified = log(&["verify"], data.path());
    assert!(verified.ends_with("intact\n"), "{verified}");
    let head = verified.split("head ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let backup = data.path().join("backup");
    log(&["backup", backup.to_str().unwrap()], data.path());
    let stats: serde_json::Value = serde_json::from_str(&log(&["stats", "--json"], data.path())).unwrap();
    assert_eq!(stats["events"]["allmende.telemetry.events.v1.ObservationsRecorded"], 2);
    let lines = log(&["export", "--format", "jsonl"], data.path());
    assert_eq!(lines.lines().count(), 4, "{lines}");
    // Times have digits of their own.
    let without_time = |line: &str| {
        let mut line: serde_json::Value = serde_json::from_str(line).unwrap();
        line.as_object_mut().unwrap().remove("admitted_at").unwrap();
        line.to_string()
    };
    let lines: Vec<String> = lines.lines().map(without_time).collect();
    let lines = lines.join("\n");
    for upstream in ["50.9", "6.9;", "\"15\"", "location/7"] {
        assert!(!lines.contains(upstream), "{lines}");
    }
    platform.stop();

    let exported = data.path().join("telemetry.log");
    log(&["export", "--out", exported.to_str().unwrap()], data.path());
    let (restored, imported) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let report = log(&["restore", backup.to_str().unwrap()], restored.path());
    assert!(report.contains(&head), "{report}");
    log(&["import", exported.to_str().unwrap()], imported.path());
    assert!(log(&["verify"], imported.path()).contains(&head));
    let platform = Platform::start(restored.path());
    platform.stop();
}

#[test]
fn an_import_names_what_it_sets_aside_and_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start(data.path());
    let csv = data.path().join("box.csv");
    let header = "sensor_id;sensor_type;location;lat;lon;timestamp;P1;durP1;ratioP1;P2;durP2;ratioP2\n";
    let rows = "15;SDS011;7;50.9;6.9;once;1;;;1;;\n15;SDS011;7;50.9;6.9;2018-07-07T20:03:06;17.47;;;7.73;;\n";
    std::fs::write(&csv, format!("{header}{rows}")).unwrap();
    let output = platform.import(&[csv], "small").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let (said, error) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(error.contains("box.csv:2: set aside, timestamp"), "{error}");
    assert!(said.starts_with("1 rows: 2 observations recorded"), "{said}");
    let output = platform.import(&["missing.csv".into()], "small").output().unwrap();
    assert!(String::from_utf8(output.stderr).unwrap().contains("missing.csv"));
    platform.stop();
}

#[test]
fn a_station_keeps_its_place_when_the_archive_says_another() {
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start(data.path());
    let csv = data.path().join("box.csv");
    let header = "sensor_id;sensor_type;location;lat;lon;timestamp;P1;durP1;ratioP1;P2;durP2;ratioP2\n";
    let row = |latitude: &str, minute: u32| {
        format!("{header}15;SDS011;7;{latitude};6.9;2018-07-07T20:{minute:02}:06;17.47;;;7.73;;\n")
    };
    std::fs::write(&csv, row("50.9", 1)).unwrap();
    let first = succeed(&mut platform.import(std::slice::from_ref(&csv), "small"));
    std::fs::write(&csv, row("50.8", 2)).unwrap();
    let second = succeed(&mut platform.import(std::slice::from_ref(&csv), "small"));
    assert!(second.starts_with("1 rows: 2 observations recorded"), "{second}");
    assert_eq!(first.lines().nth(1), second.lines().nth(1), "station and cell");
    platform.stop();
}

#[test]
fn keys_are_checked_copied_and_their_master_key_is_changed() {
    let data = tempfile::tempdir().unwrap();
    let keyring =
        |words: &[&str]| command().arg("keyring").args(words).arg("--data").arg(data.path()).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let nothing = keyring(&["verify"]);
    assert!(!nothing.status.success() && text(&nothing.stderr).contains("no keys in"), "{}", text(&nothing.stderr));
    assert!(!data.path().join("keyring").exists(), "looking makes nothing");

    let platform = Platform::start(data.path());
    let verified = keyring(&["verify"]);
    let shown = text(&verified.stdout);
    assert!(shown.contains("generation 1 of the master key") && shown.ends_with("intact\n"), "{shown}");
    let refused = keyring(&["rotate"]);
    assert!(!refused.status.success() && text(&refused.stderr).contains("in use"), "{}", text(&refused.stderr));
    let (copy, master) = (data.path().join("copy"), data.path().join("vault"));
    let backup = ["backup", copy.to_str().unwrap(), "--master-key", master.to_str().unwrap()];
    assert!(text(&keyring(&backup).stdout).contains("generation 1 of the master key opens them"));
    assert!(master.is_file());
    let inside =
        ["backup", copy.to_str().unwrap(), "--master-key", copy.join("master").to_str().unwrap()].map(str::to_owned);
    assert!(!keyring(&inside.each_ref().map(String::as_str)).status.success(), "key and lock in one place");
    platform.stop();

    let rotated = text(&keyring(&["rotate"]).stdout);
    assert!(rotated.contains("generation 2"), "{rotated}");
    assert!(text(&keyring(&["repair"]).stdout).starts_with("0 damaged keys"));
    let platform = Platform::start(data.path());
    assert!(text(&keyring(&["verify"]).stdout).contains("generation 2 of the master key"));
    platform.stop();
}

#[test]
fn nothing_is_taken_for_a_town_before_it_is_added() {
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start(data.path());
    let shown = |tenant: &str| {
        let mut show = command();
        show.args(["show", "stations", "--tenant", tenant, "--url", &platform.grpc, "--token", &platform.token]);
        show.output().unwrap()
    };
    let refused = shown("brandis");
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && error.contains("there is no such tenant"), "{error}");
    platform.found("brandis");
    platform.found("brandis");
    assert!(shown("brandis").status.success());
    platform.stop();
}

#[test]
fn mails_of_a_running_platform_are_listed_and_one_that_there_is_not_is_told() {
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start(data.path());
    platform.found("koeln");
    let outbox = |words: &[&str]| {
        let mut command = command();
        command.arg("outbox").args(words).args(["--tenant", "koeln", "--url", &platform.grpc]);
        command.arg("--token-file").arg(data.path().join("operator.token")).output().unwrap()
    };
    let listed = outbox(&["list", "--state", "given-up"]);
    assert!(listed.status.success() && listed.stdout.is_empty());
    for wish in ["retry", "drop"] {
        let refused = outbox(&[wish, "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57"]);
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && error.contains("NotFound"), "{error}");
        let refused = outbox(&[wish, "x"]);
        let error = String::from_utf8(refused.stderr).unwrap();
        assert!(!refused.status.success() && error.contains("mail_id"), "{error}");
    }
    platform.stop();
}

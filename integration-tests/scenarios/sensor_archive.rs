//! The archive of a real citizens' box goes in by the command line; what comes out over gRPC equals an independent
//! calculation with pandas, as a Python client sees it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test, which says why it was skipped"
)]

mod platform;

use std::path::Path;
use std::process::Command;

use platform::{Platform, archive_files, succeed};

#[test]
fn a_python_client_finds_what_pandas_calculates() {
    let Some(files) = archive_files() else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join(".tools/venv/bin/python");
    if !python.exists() {
        println!("skipped: no Python environment (run `cargo xtask fetch-tools`)");
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start(data.path());
    let first = succeed(&mut platform.import(&files, "citizen-box"));
    // 31,471 climate rows of three values and 31,442 dust rows of two.
    assert!(first.starts_with("62 913 rows: 157 297 observations recorded, 0 known before, 0 in conflict"), "{first}");
    let second = succeed(&mut platform.import(&files, "citizen-box"));
    assert!(
        second.starts_with("62 913 rows: 0 observations recorded, 157 297 known before, 0 in conflict"),
        "{second}"
    );

    let address = platform.grpc.trim_start_matches("http://");
    let checked = Command::new(&python)
        .args(["-m", "unittest", "discover", "-v", "-s"])
        .arg(root.join("integration-tests/clients"))
        .env("ALLMENDE_GRPC", address)
        .env("ALLMENDE_TOKEN", &platform.token)
        .env("ALLMENDE_TENANT", "citizen-box")
        .env("ALLMENDE_TEST_DATA", platform::test_data().unwrap())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap();
    let report = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{report}");
    assert!(!report.contains("skipped="), "no test may be skipped here\n{report}");
    platform.stop();
}

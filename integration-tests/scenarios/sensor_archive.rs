//! The archive of a real citizens' box goes in by the command line; what comes out over gRPC equals an independent
//! calculation with pandas, as a Python client sees it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test, which says why it was skipped"
)]

mod platform;

use platform::{Platform, archive_files, python, python_tests, succeed};

#[test]
fn a_python_client_finds_what_pandas_calculates() {
    let Some(files) = archive_files() else { return };
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

    let modules = [
        "test_archive_limits",
        "test_archive_means",
        "test_archive_observations",
        "test_archive_station",
        "test_bad_input",
        "test_client",
        "test_oracle",
        "test_paging",
    ];
    if let Some(python) = python() {
        python_tests(&python, &platform, &modules, &[("ALLMENDE_TENANT", "citizen-box")]);
    }
    platform.stop();
}

//! The demo: nine towns, in which a client in Python walks from a citizen's comment to synopsis, dataset and report, every
//! rpc names the field that is wrong, and the catalogue conforms to the official shapes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test, which says what it skipped"
)]

mod platform;

use platform::{Platform, python, python_tests, test_data};

#[test]
fn a_python_client_walks_the_thread_through_all_services() {
    let Some(python) = python() else { return };
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start_with(data.path(), &["--demo"]);
    let password = std::fs::read_to_string(data.path().join("demo.password")).unwrap();
    let settings = [("ALLMENDE_DEMO_PASSWORD", password.trim())];
    python_tests(&python, &platform, &["test_thread", "test_report_numbers", "test_shared_fields"], &settings);
    match test_data() {
        Some(_) => python_tests(&python, &platform, &["test_catalogue_shapes"], &settings),
        None => println!("skipped: test_catalogue_shapes, no test data (set ALLMENDE_TEST_DATA)"),
    }
    platform.stop();
}

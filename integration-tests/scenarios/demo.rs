//! The demo: nine towns, in which a client in Python walks from a citizen's comment to synopsis, dataset and report, every
//! rpc names the field that is wrong, and the catalogue conforms to the official shapes.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failed unwrap is a failed test")]

mod platform;

use platform::{Platform, python_tests};

#[test]
fn a_python_client_walks_the_thread_through_all_services() {
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start_with(data.path(), &["--demo"]);
    let password = std::fs::read_to_string(data.path().join("demo.password")).unwrap();
    let settings = [("ALLMENDE_DEMO_PASSWORD", password.trim())];
    python_tests(&platform, &["test_thread", "test_shared_fields", "test_catalogue_shapes"], &settings);
    platform.stop();
}

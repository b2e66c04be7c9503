//! The thread in a browser, against the real platform: by mouse and by keyboard alone, in both languages; axe-core finds
//! nothing on any page. What is looked at is told in `integration-tests/browser`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a failed unwrap is a failed test")]

mod platform;

use std::path::{Path, PathBuf};
use std::process::Command;

use platform::Platform;

/// Where Debian and others have it.
const CHROMIUM: [&str; 4] =
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

#[test]
fn people_walk_the_thread_by_mouse_and_by_keyboard_alone() {
    walk("thread.mjs", &[]);
}

#[test]
fn every_page_of_a_town_is_accessible_in_both_languages() {
    walk("pages.mjs", &["--of-a-kind", "1", "--width", "360"]);
}

/// Runs a script of `integration-tests/browser` against a platform with the demo's towns. Says why if it does not.
fn walk(script: &str, arguments: &[&str]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integration-tests/browser");
    let Some(chromium) = chromium() else {
        println!("skipped: no Chromium (Debian: apt install chromium, or name it in CHROMIUM)");
        return;
    };
    if !folder.join("node_modules/puppeteer-core").exists() {
        println!(
            "skipped: the browser tests' packages are missing (install Node.js and run `cargo xtask fetch-tools`)"
        );
        return;
    }
    let data = tempfile::tempdir().unwrap();
    // A dataset of texts follows each change, not once a minute.
    let settings = data.path().join("settings.toml");
    std::fs::write(&settings, "[opendata]\ntexts_every_s = 1\n").unwrap();
    let platform = Platform::start_with(data.path(), &["--demo", "--config", settings.to_str().unwrap()]);
    let password = std::fs::read_to_string(data.path().join("demo.password")).unwrap();
    let walked = Command::new("node")
        .arg(script)
        .args(arguments)
        .current_dir(&folder)
        .env("CHROMIUM", chromium)
        .env("PORTAL", &platform.http)
        .env("TENANT", "brandis")
        .env("PASSWORD", password.trim())
        .env("CITIZEN", "buergerin-1@demo.example")
        .env("STAFF", "verwaltung@brandis.example")
        .output()
        .expect("Node.js starts");
    let (told, faults) = (String::from_utf8_lossy(&walked.stdout), String::from_utf8_lossy(&walked.stderr));
    println!("{told}");
    assert!(walked.status.success(), "{told}{faults}");
    platform.stop();
}

fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
    named.into_iter().chain(CHROMIUM.map(PathBuf::from)).find(|path| path.exists())
}

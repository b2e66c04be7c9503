//! SIGTERM and SIGINT begin the drain; the second ends the process. The test runs itself as the process to signal.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use allmende_runtime::drain::Drain;
use rustix::process::{Pid, Signal, kill_process};

/// Set for the child, whose part of a test it then plays.
const CHILD: &str = "DRAIN_TEST_CHILD";

/// Prints a line when it listens and one when it drains; then ends at once, or not for long.
#[tokio::test]
#[ignore = "run by the tests in this file"]
async fn child() {
    let Ok(part) = std::env::var(CHILD) else { return };
    let drain = Drain::on_signals(Duration::from_secs(60)).unwrap();
    println!("listening");
    drain.draining().begun().await;
    println!("draining");
    if part == "stubborn" {
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
}

fn start(part: &str) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "child", "--nocapture"])
        .env(CHILD, part)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    wait_for(&mut lines, "listening");
    (child, lines)
}

fn wait_for(lines: &mut BufReader<ChildStdout>, word: &str) {
    let mut line = String::new();
    while !line.contains(word) {
        line.clear();
        assert_ne!(lines.read_line(&mut line).unwrap(), 0, "the child ended before {word}");
    }
}

fn send(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

#[test]
fn the_first_signal_begins_the_drain() {
    for signal in [Signal::TERM, Signal::INT] {
        let (mut child, mut lines) = start("willing");
        send(&child, signal);
        wait_for(&mut lines, "draining");
        assert!(child.wait().unwrap().success());
    }
}

#[test]
fn the_second_signal_ends_the_process_at_once() {
    let (mut child, mut lines) = start("stubborn");
    send(&child, Signal::TERM);
    wait_for(&mut lines, "draining");
    send(&child, Signal::INT);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

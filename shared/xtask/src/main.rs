//! Chores of the workspace, run as `cargo xtask <command>`: checks that neither rustc nor clippy can make, and the
//! tools those checks need.
// A command's output is what it is run for.
#![allow(clippy::print_stdout)]

mod arch;
mod arch_rules;
mod check;
mod fetch_tools;
mod files;
mod process;
mod protos;
mod workspace;

use anyhow::{Context as _, Result, bail};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask <command>

Commands:
  check           format, clippy, check-arch and check-protos, each timed
  check-arch      who may depend on whom, and the other rules of shared/xtask/src/arch
  check-protos    lint and format of proto/, and its compatibility with proto/released.binpb
  release-protos  writes proto/released.binpb, unless that would break what was released before
  fetch-tools     installs the pinned Python tools into .tools/venv, and the browser tests' packages where npm is

Example: cargo xtask check-arch";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not returned from main: its debug form adds a backtrace, which says nothing about a broken rule.
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = workspace_root()?;
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["check"] => check::run(&root),
        ["check-arch"] => arch::run(&root),
        ["check-protos"] => protos::check(&root),
        ["release-protos"] => protos::release(&root),
        ["fetch-tools"] => fetch_tools::run(&root),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        _ => bail!("no such command\n\n{USAGE}"),
    }
}

/// Read at run time, not with `env!`: a binary that was built in a tree since moved would check the old place.
fn workspace_root() -> Result<PathBuf> {
    let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR").context("run this as `cargo xtask <command>`")?;
    let root = Path::new(&manifest_dir).ancestors().nth(2).context("xtask is expected two folders below the root")?;
    Ok(root.to_path_buf())
}

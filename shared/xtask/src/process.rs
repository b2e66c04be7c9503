//! Running other programs.

use anyhow::{Context as _, Result, bail};
use std::ffi::OsString;
use std::process::Command;

/// Runs `command` with this process's output; an error unless it exits with 0.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| format!("cannot start {program}"))?;
    if !status.success() {
        let arguments: Vec<_> = command.get_args().map(|argument| argument.to_string_lossy()).collect();
        bail!("`{program} {}`: {status}", arguments.join(" "));
    }
    Ok(())
}

/// The cargo that runs this process, so that a chosen toolchain stays chosen.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}

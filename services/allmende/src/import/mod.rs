//! Bringing data in from elsewhere.

mod licence;
mod sensor_community;
mod sensor_community_archive;

use std::process::ExitCode;

use crate::cli::ImportCommand;

/// Runs an import. Ends with 2 if rows were set aside.
pub fn run(command: ImportCommand) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match command {
        ImportCommand::SensorCommunity(options) => runtime.block_on(sensor_community::import(options)),
    }
}

//! Measurements, each against a limit measured in the same run.

mod limit;
mod load;
mod log;
mod nats;
mod nats_servers;
mod participation;
mod platform;
mod report;
mod telemetry;

use std::process::ExitCode;

use crate::cli::BenchCommand;

/// Runs a benchmark.
pub fn run(command: BenchCommand) -> anyhow::Result<ExitCode> {
    match command {
        BenchCommand::Log(options) => log::run(&options)?,
        BenchCommand::Nats(options) => nats::run(&options)?,
        BenchCommand::Participation(options) => participation::run(&options)?,
        BenchCommand::Telemetry(options) => telemetry::run(&options)?,
    }
    Ok(ExitCode::SUCCESS)
}

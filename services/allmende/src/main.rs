//! `allmende`: the platform in one process, and the commands around it.

use std::process::ExitCode;

use allmende::cli::{Arguments, Command};
use allmende::{backup, bench, doctor, import, keyring_commands, log_commands, outbox, show, tenants, terminal, up};
use clap::Parser;

/// Many threads free what others allocated; glibc's allocator then keeps several times what is used.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let ran = match Arguments::parse().command {
        Command::Up(options) => up::run(options),
        Command::Import(command) => import::run(command),
        Command::Show(command) => show::run(command),
        Command::Backup(options) => backup::save(options),
        Command::Restore(options) => backup::restore(options),
        Command::Log(command) => log_commands::run(command),
        Command::Keyring(command) => keyring_commands::run(command),
        Command::Outbox(command) => outbox::run(command),
        Command::Tenant(command) => tenants::run(command),
        Command::Doctor(options) => doctor::run(options),
        Command::Bench(command) => bench::run(command),
    };
    match ran {
        Ok(code) => code,
        Err(error) => {
            terminal::error(&error);
            ExitCode::FAILURE
        }
    }
}

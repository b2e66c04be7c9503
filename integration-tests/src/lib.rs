//! What scenarios share: a client that remembers what it was promised, a disk that forgets what it was not asked to keep,
//! and a search for what should have been forgotten.

#![allow(clippy::unwrap_used, reason = "for tests only: a failed unwrap is a failed test")]

pub mod client;
#[cfg(target_os = "linux")]
pub mod forgetful;
pub mod traces;

/// The seed of this run: another one with `ALLMENDE_SEED`.
#[allow(clippy::print_stdout, reason = "a test names its seed")]
pub fn seed() -> u64 {
    let seed = number("ALLMENDE_SEED", 20_260_101);
    println!("ALLMENDE_SEED={seed}");
    seed
}

/// A number from the environment.
pub fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().map_or(default, |text| text.parse().unwrap())
}

//! The all-in-one of Allmende: every service in one process, and the commands around it.
//!
//! The only crate that knows more than one service. It composes them, gives them one gRPC port, one HTTP port and one
//! admin port, and ends them together.

pub mod authorization;
pub mod backup;
pub mod bench;
pub mod cli;
pub mod client;
pub mod config;
mod data_folder;
mod demo;
pub mod doctor;
pub mod import;
pub mod keyring_commands;
pub mod log_commands;
pub mod nats_options;
mod open_files;
pub mod outbox;
pub mod show;
pub mod tenants;
pub mod terminal;
pub mod up;
mod web;

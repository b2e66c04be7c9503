//! The open-data service: datasets that publish themselves, their files, and the catalogue.
//!
//! # Promises
//!
//! - Nothing is public that has no licence, no described schema, no checksum, or a column on the list of personal data;
//!   a failed check names what is missing.
//! - The same version is the same bytes. A version is bound to a position of the log that it was made from; files are
//!   kept by their content, written whole or not at all, and read with their checksum: a file that is not what was
//!   released ends in an error, never in less.
//! - What was erased, hidden, redacted or withdrawn where it came from goes from here too: versions that held it are
//!   withdrawn (410 Gone, with a tombstone), their files removed, and the dataset issued anew without it.
//! - Whoever is killed between any two steps goes on as if nothing had been: what is to be done follows from the logs.
//!
//! # Streams
//!
//! Written, in partition `opendata-0`: `{tenant}/dataset/{dataset_id}`, `{tenant}/publisher/profile`,
//! `{tenant}/source-licence/station.{station_id}`. Read: the logs of telemetry and participation, each into a view here.
//!
//! # Views
//!
//! `opendata-catalogue` of the own log; `opendata-observations` of telemetry's: where blocks stand; `opendata-texts` of
//! participation's: texts as they are stored there, sealed. They are opened while a file is written.

mod app;
mod authorization;
mod backup;
mod config;
mod dcat;
mod error;
mod export;
mod files;
mod grpc;
mod http;
mod process;
mod sources;
mod stream;
mod views;
mod wire;
mod wiring;

pub use authorization::AUTHORIZATION;
pub use backup::{StandingFiles, is_dataset_file, is_sound_dataset_file};
pub use config::Config;
pub use files::SHELF;
pub use grpc::Grpc;
pub use wiring::{OpenData, Sources, StartError};

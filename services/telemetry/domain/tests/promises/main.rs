//! What telemetry's domain promises, one file for each of its rooms.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "helpers of tests are tests to people, not to the linter")]

mod given;

mod calendar;
mod limits;
mod location;
mod means;
mod observations;
mod quality;
mod real_box;
mod station;
mod vocabulary;

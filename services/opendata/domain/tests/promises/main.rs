//! What open data promises, decided without a server.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]

mod check;
mod dataset;
mod description;
mod laws;
mod licence;
mod sample;

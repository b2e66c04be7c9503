//! The service as its clients see it, over logs that a test writes.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]

mod bad_input;
mod catalogue;
mod files;
mod listing;
mod observations;
mod publishing;
mod restart;
mod support;
mod texts;
mod uploads;

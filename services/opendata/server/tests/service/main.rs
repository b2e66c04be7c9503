//! The service as its clients see it, over logs that a test writes.

mod bad_input;
mod catalogue;
mod files;
mod observations;
mod restart;
mod support;
mod texts;
mod uploads;

//! What gateway's domain promises, one file for each of its aggregates.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests to people, not to the linter")]

mod support;

mod address;
mod attempts;
mod erasure;
mod feedback;
mod grants;
mod mail;
mod person;
mod session;
mod tenant;

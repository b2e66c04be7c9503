//! What gateway promises over gRPC, one file for each part of it.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests to people, not to the linter")]

mod support;

mod bad_input;
mod connections;
mod erasure;
mod grants;
mod hostile_tokens;
mod http;
mod mail;
mod passwords;
mod providers;
mod sign_in;
mod tenants;
mod told;

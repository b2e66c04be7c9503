//! What members share beside the logs, on real servers: keys, secrets and files.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod shared;
mod support;

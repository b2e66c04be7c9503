//! The service in this process, over a real channel, with a clock that stands still.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]
#![allow(clippy::print_stdout, reason = "tests tell what they measured")]

mod bad_input;
mod consultation;
mod deadlines;
mod decided_erasures;
mod erasure;
mod files;
mod keys;
mod long_texts;
mod moderation;
mod offline;
mod proposals;
mod search;
mod support;
mod supports;
mod thread;
mod visibility;

//! The service in this process, over a real channel, with a clock that stands still.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]
#![allow(clippy::print_stdout, reason = "tests tell what they measured, and what they skip")]

mod bad_input;
mod commands;
mod damage;
mod means;
mod paging;
mod quality;
mod real_box;
mod restart;
mod streaming;
mod support;

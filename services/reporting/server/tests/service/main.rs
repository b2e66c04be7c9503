//! The service in this process, over a real channel, with a clock that stands still; the other services are answers
//! that the tests write down.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]

mod bad_input;
mod indicators;
mod paging;
mod reports;
mod restart;
mod support;
mod visibility;

//! For tests of everything that decides: given/when/then for any decider, the laws of deciders as property tests, a
//! clock that a test moves, a log that a test is the disk of, and NATS servers that a test kills.

mod decider;
mod golden;
pub mod laws;
pub mod nats;

pub use allmende_eventlog::contract::{HeldLog, ManualClock};
pub use decider::{Decided, Given, Ready, given};
pub use golden::Golden;

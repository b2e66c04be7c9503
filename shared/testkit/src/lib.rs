//! For tests of everything that decides: given/when/then for any decider, the laws of deciders as property tests, a
//! clock that a test moves, and a log that a test is the disk of.

mod decider;
mod golden;
pub mod laws;

pub use allmende_eventlog::contract::{HeldLog, ManualClock};
pub use decider::{Decided, Given, Ready, given};
pub use golden::Golden;

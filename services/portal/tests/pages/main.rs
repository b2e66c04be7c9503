//! The pages over services that answer what they are told.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]

mod fake;
mod filled;
mod forms;
mod kept;
mod linked;
mod lists;
mod pages;
mod posts;
mod provider;
mod session;
mod site;
mod town;
mod wording;

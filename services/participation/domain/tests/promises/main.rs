//! What participation's domain promises, one file for each of its rooms.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests to people, not to the linter")]

mod fixture;

mod anchors;
mod answers;
mod deadlines;
mod document;
mod laws;
mod moderation;
mod outline;
mod procedure;
mod support;
mod vocabulary;

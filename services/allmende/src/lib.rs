//! The all-in-one.
pub mod bench;
pub mod terminal;

//! Measurements.

pub mod limit;
pub mod log;
pub mod report;

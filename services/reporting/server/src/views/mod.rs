//! What is read: one view of a partition, its tables, and the questions they answer.

mod fold;
mod keys;
mod query;

pub(crate) use fold::ReportingView;
pub(crate) use query::{JudgedReading, Page, Reader, RunCursor};

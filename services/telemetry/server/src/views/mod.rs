//! What is read: one view of a partition, its tables, and the questions they answer.
//!
//! Values are kept once, in the log's blocks. The tables know where the blocks are, and what must be fast without
//! reading them: stations, means of hours, the latest moment, conflicts, people's flags. Flags of quality are never
//! stored; they follow from the rules.

mod archive;
mod day_hours;
mod fold;
mod keys;
mod means;
mod query;
mod recent_hours;
mod rows;
mod station_data;
mod touched;

pub(crate) use archive::Archive;
pub(crate) use fold::TelemetryView;
pub(crate) use means::Means;
pub(crate) use query::{Conflict, Latest, Page, Reader, StationReader};
pub(crate) use station_data::{Judged, RULES};

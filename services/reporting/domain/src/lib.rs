//! What reporting knows: indicators with dated rules and a baseline, what is hoped to lead to what, what a report is
//! about, and what a run of it holds.
//!
//! Pure: no I/O, clock or randomness. Deciders live in [`indicator`], [`impact_logic`], [`report`] and [`run`]. A run
//! holds [`table`]s whose numbers name the queries that gave them; numbers of persons come into a table through
//! [`counts`] alone, which leaves out what [`suppression`] says.

pub mod counts;
pub mod impact_logic;
pub mod indicator;
pub mod report;
pub mod run;
pub mod suppression;
pub mod table;

mod day;
mod ids;
mod rule;
mod text;
mod word;

pub use day::{Day, InvalidDay};
pub use ids::{ImpactLogicId, IndicatorId, InvalidUuid, ProcedureId, ReportId, RunId, StationId};
pub use rule::{Comparison, Rule, RuleId, Rules};
pub use text::{InvalidText, MAX_TEXT, Text};
pub use word::Word;

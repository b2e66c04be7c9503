//! A report at one moment: what its queries answered, as far as it may be shown. Stream `{tenant}/report-run/{run_id}`.

use std::collections::BTreeMap;

use allmende_kernel::{Decider, PartitionName, Position, Timestamp};

use crate::impact_logic::ImpactLogic;
use crate::table::{Query, Table, Value};
use crate::{Day, ImpactLogicId, ReportId, Text};

/// The most queries of a run.
pub const MAX_QUERIES: usize = 1_000;
/// The most cells of a run's tables: what is rendered of them fits into one answer.
pub const MAX_CELLS: usize = 8_000;
/// The most sources of all cells together.
pub const MAX_SOURCES: usize = 30_000;

/// What a run holds. Rendering is a function of it and of nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Content {
    /// What was run.
    pub report: ReportId,
    /// What the tenant was called at that time; empty where nobody knew.
    pub tenant_name: String,
    /// The report's title at that time.
    pub title: Text,
    /// The first day that is reported on.
    pub first_day: Day,
    /// The last one.
    pub last_day: Day,
    /// How far each source's log had come: what a query answers at these positions is what stands here.
    pub bound_to: BTreeMap<PartitionName, Position>,
    /// Version of the rules by which cells were suppressed.
    pub suppression_rules: String,
    /// What was asked.
    pub queries: Vec<Query>,
    /// In the order in which they are shown.
    pub tables: Vec<Table>,
    /// In the order in which they are shown.
    pub impact_logics: Vec<(ImpactLogicId, ImpactLogic)>,
    /// When it was run.
    pub at: Timestamp,
}

impl Content {
    /// Whether it is no larger than a run may be.
    pub fn fits(&self) -> bool {
        let cells: usize = self.tables.iter().map(|table| table.cells().count()).sum();
        let sources: usize = self.tables.iter().flat_map(Table::cells).map(|cell| cell.sources.len()).sum();
        self.queries.len() <= MAX_QUERIES && cells <= MAX_CELLS && sources <= MAX_SOURCES
    }

    /// What lists tell of it.
    pub fn summary(&self) -> Summary {
        let count = |counts: fn(&Value) -> bool| {
            self.tables.iter().flat_map(Table::cells).filter(|cell| counts(&cell.value)).count() as u32
        };
        Summary {
            report: self.report,
            bound_to: self.bound_to.clone(),
            suppression_rules: self.suppression_rules.clone(),
            figures: count(|value| matches!(value, Value::Number { .. } | Value::Suppressed)),
            suppressed: count(|value| matches!(value, Value::Suppressed)),
            run_at: self.at,
        }
    }
}

/// What lists tell of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// What was run.
    pub report: ReportId,
    /// How far each source's log had come.
    pub bound_to: BTreeMap<PartitionName, Position>,
    /// Version of the rules by which cells were suppressed.
    pub suppression_rules: String,
    /// Numbers in it, suppressed ones too.
    pub figures: u32,
    /// How many of them are suppressed.
    pub suppressed: u32,
    /// When it was run.
    pub run_at: Timestamp,
}

/// What somebody wants of a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Keep what the queries answered.
    Complete(Box<Content>),
    /// Make it public.
    Publish {
        /// When.
        at: Timestamp,
    },
}

/// What happened to a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It holds this for ever.
    Completed(Box<Content>),
    /// It is public.
    Published {
        /// When.
        at: Timestamp,
    },
}

/// Why a run is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It was never run.
    #[error("the run is not known")]
    RunUnknown,
    /// A run is of one report.
    #[error("the run's id was used for another report")]
    RunDiffers,
    /// More than a run may hold.
    #[error("the report holds more than a run may: fewer stations, procedures, indicators or years")]
    TooLarge,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What it holds, in short.
    pub summary: Summary,
    /// When it was made public, if it was.
    pub published_at: Option<Timestamp>,
}

/// A run's state: nothing before it was run.
pub type State = Option<Run>;

/// The run's decisions. Run again under the same id it is the same run: what it holds does not change.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "report-run";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = ();
    type Rejection = Rejection;

    fn initial() -> State {
        None
    }

    fn decide(state: &State, (): &(), command: &Command) -> Result<Vec<Event>, Rejection> {
        match (state, command) {
            (None, Command::Complete(content)) if !content.fits() => Err(Rejection::TooLarge),
            (None, Command::Complete(content)) => Ok(vec![Event::Completed(content.clone())]),
            (Some(run), Command::Complete(content)) if run.summary.report == content.report => Ok(Vec::new()),
            (Some(_), Command::Complete(_)) => Err(Rejection::RunDiffers),
            (None, Command::Publish { .. }) => Err(Rejection::RunUnknown),
            (Some(Run { published_at: Some(_), .. }), Command::Publish { .. }) => Ok(Vec::new()),
            (Some(_), Command::Publish { at }) => Ok(vec![Event::Published { at: *at }]),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (None, Event::Completed(content)) => Some(Run { summary: content.summary(), published_at: None }),
            (Some(run), Event::Published { at }) => Some(Run { published_at: Some(*at), ..run }),
            // `decide` emits nothing else; what was stored anyway changes nothing.
            (state, _) => state,
        }
    }
}

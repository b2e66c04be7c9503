//! What is reported on again and again. Stream `{tenant}/report/{report_id}`.

use std::collections::BTreeSet;

use allmende_kernel::{Decider, Timestamp};

use crate::{Day, ImpactLogicId, IndicatorId, ProcedureId, StationId, Text};

/// The most stations, and the most procedures, of a report.
pub const MAX_THINGS: usize = 200;
/// The most indicators of a report.
pub const MAX_INDICATORS: usize = 100;
/// The most impact logics of a report.
pub const MAX_IMPACT_LOGICS: usize = 20;
/// The longest time that is reported on, in days.
pub const MAX_DAYS: i32 = 3_653;

/// Which observations means are made of, as telemetry names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AirSelection {
    /// Every value.
    All,
    /// Values at a relative humidity known to be at or below 70 %.
    Dry,
    /// Values without any flag.
    Unflagged,
}

/// Air days against the limits in force, per station and year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Air {
    /// None: every station of the tenant.
    pub stations: Vec<StationId>,
    /// Which observations the means are made of.
    pub selection: AirSelection,
}

/// Procedures, reach by channel, responses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Participation {
    /// None: every public procedure of the tenant.
    pub procedures: Vec<ProcedureId>,
}

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// What people read.
    pub title: Text,
    /// The first day that is reported on.
    pub first_day: Day,
    /// The last one.
    pub last_day: Day,
    /// Absent: not in the report.
    pub air: Option<Air>,
    /// Absent: not in the report.
    pub participation: Option<Participation>,
    /// In the order in which they are shown.
    pub indicators: Vec<IndicatorId>,
    /// In the order in which they are shown.
    pub impact_logics: Vec<ImpactLogicId>,
}

impl Definition {
    /// The calendar years that it touches.
    pub fn years(&self) -> std::ops::RangeInclusive<i32> {
        self.first_day.year()..=self.last_day.year()
    }
}

/// What somebody wants of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Define or change it.
    Define {
        /// The whole of it.
        definition: Definition,
        /// When.
        at: Timestamp,
    },
}

/// What happened to a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It is this from now on; runs stay as they were.
    Defined {
        /// The whole of it.
        definition: Definition,
        /// When.
        at: Timestamp,
    },
}

/// What is known of what the report names.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Context {
    /// Defined indicators.
    pub indicators: BTreeSet<IndicatorId>,
    /// Defined impact logics.
    pub impact_logics: BTreeSet<ImpactLogicId>,
}

/// Why a report is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It names an indicator that nobody defined.
    #[error("indicator {0} is not defined")]
    IndicatorUnknown(IndicatorId),
    /// It names an impact logic that nobody defined.
    #[error("impact logic {0} is not defined")]
    ImpactLogicUnknown(ImpactLogicId),
}

/// A report's state: nothing before it is defined.
pub type State = Option<Definition>;

/// The report's decisions.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "report";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = Context;
    type Rejection = Rejection;

    fn initial() -> State {
        None
    }

    fn decide(state: &State, context: &Context, command: &Command) -> Result<Vec<Event>, Rejection> {
        let Command::Define { definition, at } = command;
        if let Some(unknown) = definition.indicators.iter().find(|id| !context.indicators.contains(id)) {
            return Err(Rejection::IndicatorUnknown(*unknown));
        }
        if let Some(unknown) = definition.impact_logics.iter().find(|id| !context.impact_logics.contains(id)) {
            return Err(Rejection::ImpactLogicUnknown(*unknown));
        }
        match state {
            Some(known) if known == definition => Ok(Vec::new()),
            _ => Ok(vec![Event::Defined { definition: definition.clone(), at: *at }]),
        }
    }

    fn evolve(_: State, event: &Event) -> State {
        let Event::Defined { definition, .. } = event;
        Some(definition.clone())
    }
}

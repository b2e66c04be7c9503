//! The impact logic: how resources become activities, activities results, and results effects. Stream
//! `{tenant}/impact-logic/{impact_logic_id}`.

use std::collections::{BTreeMap, BTreeSet};

use allmende_kernel::{Decider, Timestamp};

use crate::{Day, IndicatorId, Text};

/// The most entries of each list.
pub const MAX_ENTRIES: usize = 50;
/// The most indicators of a result or an effect.
pub const MAX_INDICATORS: usize = 20;

/// Something that is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// What people read.
    pub title: Text,
    /// Its first day.
    pub begins_on: Day,
    /// Its last one; without one it goes on.
    pub ends_on: Option<Day>,
}

/// A result or an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What people read.
    pub title: Text,
    /// By what it is seen.
    pub indicators: Vec<IndicatorId>,
}

/// What is hoped to lead to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImpactLogic {
    /// What people read.
    pub title: Text,
    /// What is put in.
    pub resources: Vec<Text>,
    /// What is done with it.
    pub activities: Vec<Activity>,
    /// What comes out of it.
    pub results: Vec<Outcome>,
    /// What changes by that.
    pub effects: Vec<Outcome>,
}

impl ImpactLogic {
    /// Every indicator that it names.
    pub fn indicators(&self) -> BTreeSet<IndicatorId> {
        self.results.iter().chain(&self.effects).flat_map(|outcome| outcome.indicators.iter().copied()).collect()
    }
}

/// What somebody wants of an impact logic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Define or change it.
    Define {
        /// The whole of it.
        logic: ImpactLogic,
        /// When.
        at: Timestamp,
    },
}

/// What happened to an impact logic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It is this from now on.
    Defined {
        /// The whole of it.
        logic: ImpactLogic,
        /// When.
        at: Timestamp,
    },
}

/// The days on which the baselines of known indicators were measured.
pub type Context = BTreeMap<IndicatorId, Day>;

/// Why an impact logic is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It names an indicator that nobody defined.
    #[error("indicator {0} is not defined")]
    IndicatorUnknown(IndicatorId),
    /// The indicator's baseline may be the activity's effect already.
    #[error("an activity begins before the baseline of indicator {0}")]
    ActivityBeforeBaseline(IndicatorId),
}

/// An impact logic's state: nothing before it is defined.
pub type State = Option<ImpactLogic>;

/// The impact logic's decisions.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "impact-logic";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = Context;
    type Rejection = Rejection;

    fn initial() -> State {
        None
    }

    fn decide(state: &State, context: &Context, command: &Command) -> Result<Vec<Event>, Rejection> {
        let Command::Define { logic, at } = command;
        let first = logic.activities.iter().map(|activity| activity.begins_on).min();
        for indicator in logic.indicators() {
            let baseline = context.get(&indicator).ok_or(Rejection::IndicatorUnknown(indicator))?;
            if first.is_some_and(|first| first <= *baseline) {
                return Err(Rejection::ActivityBeforeBaseline(indicator));
            }
        }
        match state {
            Some(known) if known == logic => Ok(Vec::new()),
            _ => Ok(vec![Event::Defined { logic: logic.clone(), at: *at }]),
        }
    }

    fn evolve(_: State, event: &Event) -> State {
        let Event::Defined { logic, .. } = event;
        Some(logic.clone())
    }
}

//! A day's observations of one datastream. Stream
//! `{tenant}/observations/{station_id}.{datastream_id}.{air-quality day}`.

mod day_stream;
mod state;

use allmende_kernel::{Decider, Timestamp};

use crate::AirQualityDay;

pub use day_stream::{
    InvalidObservation, InvalidStreamId, OutsideCalendar, parse_stream_id, split_by_day, split_range_by_day, stream_id,
};
pub use state::{Outcome, State};

/// The most observations of a datastream on one day, one a second, and the most conflicts kept beside them.
pub const MAX_PER_DAY: usize = 86_400;
/// The most manual flags of a datastream on one day.
pub const MAX_FLAGS_PER_DAY: usize = 1_000;

/// A result and the moment it was observed at, in the unit of its datastream.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// When.
    pub time: Timestamp,
    /// What. Finite, once it is stored.
    pub result: f64,
}

/// Why a person marked observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FlagReason {
    /// Somebody worked on the sensor.
    Maintenance,
    /// The sensor was broken.
    Defect,
    /// Something unusual near the sensor: a barbecue, a building site, fireworks.
    LocalSource,
}

/// A person's mark on the observations of `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManualFlag {
    /// From this moment.
    pub from: Timestamp,
    /// To before this one.
    pub to: Timestamp,
    /// Why.
    pub reason: FlagReason,
    /// When it was marked.
    pub at: Timestamp,
}

impl ManualFlag {
    /// Whether an observation of that moment is marked.
    pub fn covers(&self, time: Timestamp) -> bool {
        self.from <= time && time < self.to
    }
}

/// What somebody wants of a datastream's day.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Store observations of the day, in any order; see [`split_by_day`].
    Record {
        /// All on the same air-quality day.
        observations: Vec<Observation>,
        /// When they came.
        received_at: Timestamp,
    },
    /// Mark a range that lies within the day; see [`split_range_by_day`].
    Flag(ManualFlag),
}

/// What happened on a datastream's day.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Observations were stored.
    Recorded {
        /// Ascending in time, none of a time stored before; never empty.
        observations: Vec<Observation>,
    },
    /// A value came for a time at which another one was stored. The first one stays.
    Conflicted {
        /// The time of both.
        time: Timestamp,
        /// The value that stays.
        kept: f64,
        /// The value that came later.
        refused: f64,
        /// When that was.
        received_at: Timestamp,
    },
    /// A person marked observations.
    Flagged(ManualFlag),
}

/// What the station's stream says of the datastream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatastreamContext {
    /// No such station.
    StationUnknown,
    /// The station has no such datastream.
    DatastreamUnknown,
    /// The station has it.
    Known {
        /// When the station left service, if it has.
        retired_at: Option<Timestamp>,
    },
}

/// Why observations or a mark are refused; nothing of the command is stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The station was never registered.
    #[error("the station is not registered")]
    StationUnknown,
    /// The station has no such datastream.
    #[error("the station has no such datastream")]
    DatastreamUnknown,
    /// Observed after the station left service.
    #[error("observation {index} was made after the station was retired")]
    StationRetired {
        /// Which one, in the command.
        index: usize,
    },
    /// The day would hold too many observations, conflicts or flags.
    #[error("an air-quality day holds at most {MAX_PER_DAY} observations of a datastream")]
    DayFull,
    /// Not a number, or infinite.
    #[error("observation {index} is not a finite number")]
    NotFinite {
        /// Which one, in the command.
        index: usize,
    },
    /// On another day than the first, or than what the stream holds.
    #[error("observation {index} lies on another day")]
    OtherDay {
        /// Which one, in the command.
        index: usize,
    },
    /// A range to flag that is empty or touches a second day.
    #[error("a range to flag must not be empty and must lie within one air-quality day")]
    FlagRange,
}

/// The day's decisions.
///
/// Results are compared by value, so `-0.0` equals `0.0`. A different value for a stored time is kept as a conflict,
/// each distinct one once. The same holds within a command, where what comes first counts as stored first.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "observations";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = DatastreamContext;
    type Rejection = Rejection;

    fn initial() -> State {
        State::default()
    }

    fn decide(state: &State, context: &DatastreamContext, command: &Command) -> Result<Vec<Event>, Rejection> {
        let retired_at = match context {
            DatastreamContext::StationUnknown => return Err(Rejection::StationUnknown),
            DatastreamContext::DatastreamUnknown => return Err(Rejection::DatastreamUnknown),
            DatastreamContext::Known { retired_at } => *retired_at,
        };
        match command {
            Command::Record { observations, received_at } => {
                check(state.day(), retired_at, observations)?;
                state.record(observations, *received_at)
            }
            // What a retired station observed can still be judged.
            Command::Flag(flag) => state.flag(flag),
        }
    }

    fn evolve(mut state: State, event: &Event) -> State {
        state.apply(event);
        state
    }
}

fn check(
    day: Option<AirQualityDay>,
    retired_at: Option<Timestamp>,
    observations: &[Observation],
) -> Result<(), Rejection> {
    let day = day.or_else(|| observations.first().map(|first| AirQualityDay::of(first.time)));
    for (index, observation) in observations.iter().enumerate() {
        if !observation.result.is_finite() {
            return Err(Rejection::NotFinite { index });
        }
        if day.is_some_and(|day| day != AirQualityDay::of(observation.time)) {
            return Err(Rejection::OtherDay { index });
        }
        if retired_at.is_some_and(|retired_at| observation.time > retired_at) {
            return Err(Rejection::StationRetired { index });
        }
    }
    Ok(())
}

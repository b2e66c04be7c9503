//! The station: where it stands, what sensors it has, whether it is in service. Stream `{tenant}/station/{station_id}`.

use allmende_kernel::{Decider, Timestamp};

use crate::observations::DatastreamContext;
use crate::{Datastream, DatastreamId, GridCell, ObservedProperty, Sensor, SensorId};

/// The most sensors a station has.
pub const MAX_SENSORS: usize = 32;
/// The most datastreams the sensors of a station have together.
pub const MAX_DATASTREAMS: usize = 64;

/// Who answers for a station's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A citizen's box: its values are indicative and never make a legal exceedance.
    Citizen,
    /// An official station whose values meet the data-quality objectives.
    Reference,
}

impl Kind {
    /// Whether no legal exceedance can follow from its values.
    pub const fn is_indicative(self) -> bool {
        matches!(self, Self::Citizen)
    }
}

/// What somebody wants of a station.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// Put it into service.
    Register {
        /// Who answers for its values.
        kind: Kind,
        /// Where it stands.
        cell: GridCell,
        /// When it was registered.
        at: Timestamp,
    },
    /// Move it. Observations stay where they were made.
    Relocate {
        /// Where it stands from now on.
        cell: GridCell,
        /// When it was moved.
        at: Timestamp,
    },
    /// Take it out of service. What it observed stays.
    Retire {
        /// When it left service.
        at: Timestamp,
    },
    /// Add a sensor with its datastreams.
    AddSensor {
        /// The sensor.
        sensor: Sensor,
    },
}

/// What happened to a station.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// It was put into service.
    Registered {
        /// Who answers for its values.
        kind: Kind,
        /// Where it stands.
        cell: GridCell,
        /// When.
        at: Timestamp,
    },
    /// It was moved.
    Relocated {
        /// Where it stands since.
        cell: GridCell,
        /// When.
        at: Timestamp,
    },
    /// It was taken out of service.
    Retired {
        /// When.
        at: Timestamp,
    },
    /// It got a sensor.
    SensorRegistered {
        /// The sensor.
        sensor: Sensor,
    },
}

/// Why a change to a station is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It was registered before, of another kind or in another cell.
    #[error("the station was registered before with other properties")]
    StationDiffers,
    /// It was never registered.
    #[error("the station is not registered")]
    StationUnknown,
    /// It left service.
    #[error("the station was retired and takes no change")]
    StationRetired,
    /// The sensor was registered before, with another model or other datastreams.
    #[error("sensor {0} was registered before with other properties")]
    SensorDiffers(SensorId),
    /// The datastream was registered before, of another sensor, property or interval.
    #[error("datastream {0} was registered before with other properties")]
    DatastreamDiffers(DatastreamId),
    /// No room for the sensor.
    #[error("a station has at most {MAX_SENSORS} sensors and {MAX_DATASTREAMS} datastreams")]
    StationFull,
}

/// A registered station.
#[derive(Debug, Clone, PartialEq)]
pub struct Station {
    /// Who answers for its values.
    pub kind: Kind,
    /// Where it stands now.
    pub cell: GridCell,
    /// When it was registered.
    pub registered_at: Timestamp,
    /// Its sensors in the order in which they were added.
    pub sensors: Vec<Sensor>,
}

impl Station {
    /// The datastream of that id, with its sensor.
    pub fn datastream(&self, id: DatastreamId) -> Option<(&Sensor, &Datastream)> {
        self.datastreams().find(|(_, datastream)| datastream.id == id)
    }

    /// Every datastream with its sensor, in the order in which sensors were added.
    pub fn datastreams(&self) -> impl Iterator<Item = (&Sensor, &Datastream)> {
        self.sensors.iter().flat_map(|sensor| sensor.datastreams().iter().map(move |datastream| (sensor, datastream)))
    }

    /// The datastreams that measure relative humidity, with their sensors; quality control pairs with them.
    pub fn humidity_datastreams(&self) -> impl Iterator<Item = (&Sensor, &Datastream)> {
        self.datastreams().filter(|(_, datastream)| datastream.property == ObservedProperty::RelativeHumidity)
    }

    /// Whether the sensor is to be added: not if the same is there.
    fn admit(&self, sensor: &Sensor) -> Result<bool, Rejection> {
        if let Some(known) = self.sensors.iter().find(|known| known.id() == sensor.id()) {
            return known_again(known, sensor).map(|()| false);
        }
        if let Some(taken) = sensor.datastreams().iter().find(|datastream| self.datastream(datastream.id).is_some()) {
            return Err(Rejection::DatastreamDiffers(taken.id));
        }
        let full = self.sensors.len() >= MAX_SENSORS
            || self.datastreams().count() + sensor.datastreams().len() > MAX_DATASTREAMS;
        if full { Err(Rejection::StationFull) } else { Ok(true) }
    }
}

fn known_again(known: &Sensor, sensor: &Sensor) -> Result<(), Rejection> {
    for datastream in sensor.datastreams() {
        match known.datastream(datastream.id) {
            Some(before) if before != datastream => return Err(Rejection::DatastreamDiffers(datastream.id)),
            _ => {}
        }
    }
    if known == sensor { Ok(()) } else { Err(Rejection::SensorDiffers(sensor.id())) }
}

/// What became of a station so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum State {
    /// Never registered.
    #[default]
    Absent,
    /// Observing.
    InService(Station),
    /// Out of service, as it stood then.
    Retired {
        /// The station when it left service.
        station: Station,
        /// When it did.
        at: Timestamp,
    },
}

impl State {
    /// The station, in service or retired; `None` if it was never registered.
    pub const fn station(&self) -> Option<&Station> {
        match self {
            Self::Absent => None,
            Self::InService(station) | Self::Retired { station, .. } => Some(station),
        }
    }

    /// When it left service.
    pub const fn retired_at(&self) -> Option<Timestamp> {
        match self {
            Self::Retired { at, .. } => Some(*at),
            Self::Absent | Self::InService(_) => None,
        }
    }

    /// What the `observations` aggregate needs to know of one of its datastreams.
    pub fn datastream_context(&self, id: DatastreamId) -> DatastreamContext {
        match self.station() {
            None => DatastreamContext::StationUnknown,
            Some(station) if station.datastream(id).is_none() => DatastreamContext::DatastreamUnknown,
            Some(_) => DatastreamContext::Known { retired_at: self.retired_at() },
        }
    }
}

/// The station's decisions.
///
/// A command whose outcome is already so succeeds without an event, also on a retired station: an import can be
/// repeated. Anything else is refused once the station is retired.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "station";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = ();
    type Rejection = Rejection;

    fn initial() -> State {
        State::Absent
    }

    fn decide(state: &State, (): &(), command: &Command) -> Result<Vec<Event>, Rejection> {
        let (station, retired) = match state {
            State::Absent => match command {
                Command::Register { kind, cell, at } => {
                    return Ok(vec![Event::Registered { kind: *kind, cell: *cell, at: *at }]);
                }
                _ => return Err(Rejection::StationUnknown),
            },
            State::InService(station) => (station, false),
            State::Retired { station, .. } => (station, true),
        };
        let wanted = match command {
            Command::Register { kind, cell, .. } => {
                let same = (*kind, *cell) == (station.kind, station.cell);
                return match (same, retired) {
                    (true, _) => Ok(Vec::new()),
                    (false, true) => Err(Rejection::StationRetired),
                    (false, false) => Err(Rejection::StationDiffers),
                };
            }
            Command::Relocate { cell, at } => {
                (*cell != station.cell).then_some(Event::Relocated { cell: *cell, at: *at })
            }
            Command::Retire { at } => (!retired).then_some(Event::Retired { at: *at }),
            Command::AddSensor { sensor } => {
                station.admit(sensor)?.then(|| Event::SensorRegistered { sensor: sensor.clone() })
            }
        };
        match wanted {
            Some(_) if retired => Err(Rejection::StationRetired),
            wanted => Ok(wanted.into_iter().collect()),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (State::Absent, Event::Registered { kind, cell, at }) => {
                State::InService(Station { kind: *kind, cell: *cell, registered_at: *at, sensors: Vec::new() })
            }
            (State::InService(station), Event::Relocated { cell, .. }) => {
                State::InService(Station { cell: *cell, ..station })
            }
            (State::InService(station), Event::Retired { at }) => State::Retired { station, at: *at },
            (State::InService(mut station), Event::SensorRegistered { sensor }) => {
                station.sensors.push(sensor.clone());
                State::InService(station)
            }
            // `decide` emits nothing else; what was stored anyway changes nothing.
            (state, _) => state,
        }
    }
}

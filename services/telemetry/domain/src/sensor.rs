use crate::{DatastreamId, ObservedProperty, ReadingInterval, SensorId, SensorModel};

/// Datastreams that no sensor can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSensor {
    /// A sensor that measures nothing.
    #[error("a sensor needs at least one datastream")]
    NoDatastream,
    /// The same id twice.
    #[error("datastream {0} is listed twice")]
    DatastreamTwice(DatastreamId),
}

/// What one sensor measures of one property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Datastream {
    /// Its id, unique in the station.
    pub id: DatastreamId,
    /// What is measured, and in which unit.
    pub property: ObservedProperty,
    /// How often a reading is expected.
    pub interval: ReadingInterval,
}

/// A sensor with what it measures: at least one datastream, each id once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sensor {
    id: SensorId,
    model: SensorModel,
    datastreams: Vec<Datastream>,
}

impl Sensor {
    /// Takes the datastreams in any order; they are kept in the order of their ids.
    pub fn new(id: SensorId, model: SensorModel, mut datastreams: Vec<Datastream>) -> Result<Self, InvalidSensor> {
        if datastreams.is_empty() {
            return Err(InvalidSensor::NoDatastream);
        }
        datastreams.sort_by_key(|datastream| datastream.id);
        match datastreams.windows(2).find(|pair| pair[0].id == pair[1].id) {
            Some(pair) => Err(InvalidSensor::DatastreamTwice(pair[0].id)),
            None => Ok(Self { id, model, datastreams }),
        }
    }

    /// Its id.
    pub const fn id(&self) -> SensorId {
        self.id
    }

    /// Its model.
    pub const fn model(&self) -> &SensorModel {
        &self.model
    }

    /// What it measures, ordered by id.
    pub fn datastreams(&self) -> &[Datastream] {
        &self.datastreams
    }

    /// The datastream of that id.
    pub fn datastream(&self, id: DatastreamId) -> Option<&Datastream> {
        self.datastreams.iter().find(|datastream| datastream.id == id)
    }
}

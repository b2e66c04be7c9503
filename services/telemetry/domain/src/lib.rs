//! What telemetry knows: stations and their sensors, what they observed, how good it is, what its means are, and which
//! limits they keep. Words follow OGC SensorThings 1.1.
//!
//! Pure: no I/O, clock or randomness. Deciders live in [`station`] and [`observations`]; what is computed from stored
//! observations goes [`quality`] (flags) → [`means`] (hour, day, year) → [`limits`] (verdicts), and each step names the
//! version of the rules it follows, so that it can be repeated.

pub mod limits;
pub mod means;
pub mod observations;
pub mod quality;
pub mod station;

mod day;
mod ids;
mod interval;
mod location;
mod projection;
mod property;
mod sensor;
mod sensor_model;

pub use day::{AirQualityDay, Hour, InvalidLabel, Year};
pub use ids::{DatastreamId, InvalidUuid, SensorId, StationId};
pub use interval::{InvalidInterval, ReadingInterval};
pub use location::{CellSize, GeoPoint, GridCell, InvalidCell, InvalidPoint, OutsideGrid, UnknownCellSize};
pub use property::{ObservedProperty, UnknownProperty};
pub use sensor::{Datastream, InvalidSensor, Sensor};
pub use sensor_model::{InvalidModel, MakerRange, SensorModel};

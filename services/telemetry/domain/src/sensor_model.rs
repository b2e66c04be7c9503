use std::fmt;
use std::sync::Arc;

use crate::ObservedProperty::{self, AirPressure, AirTemperature, No2, Pm10, Pm25, RelativeHumidity};

/// A text that is no model name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a sensor model must have 1 to 40 characters of A-Z, a-z, 0-9, '-', '_', '.' and '+'")]
pub struct InvalidModel;

/// What a maker says a sensor can measure, both ends included, in the property's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MakerRange {
    /// The lowest reading.
    pub min: f64,
    /// The highest reading.
    pub max: f64,
}

impl MakerRange {
    /// Whether the sensor can have meant this value.
    pub fn contains(self, value: f64) -> bool {
        self.min <= value && value <= self.max
    }
}

/// A sensor's model as its maker writes it: 1 to 40 characters of `A-Z a-z 0-9 - _ . +`.
///
/// Any such name is a model; the ranges of a few are known.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SensorModel(Arc<str>);

impl SensorModel {
    /// Checks and takes the name.
    pub fn parse(text: &str) -> Result<Self, InvalidModel> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'+');
        match text.len() {
            1..=40 if text.bytes().all(fits) => Ok(Self(text.into())),
            _ => Err(InvalidModel),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The maker's range for a property; `None` if the model is unknown or does not measure it. Upper and lower case
    /// are one, as people mix them.
    ///
    /// Sources: Nova Fitness, *Laser PM2.5 Sensor specification SDS011*, V1.3, table "Technical parameters"; Bosch
    /// Sensortec, *BME280 data sheet* BST-BME280-DS002, tables 2 to 4; Aosong, *AM2302 (DHT22) product manual*,
    /// section 6. `REFERENCE` stands for official instruments of any maker; its ranges hold whatever is plausible in
    /// outdoor air, slightly negative concentrations included, which analysers report around zero.
    pub fn range_of(&self, property: ObservedProperty) -> Option<MakerRange> {
        let (min, max) = match (self.0.to_ascii_uppercase().as_str(), property) {
            ("SDS011", Pm10 | Pm25) => (0.0, 999.9),
            ("BME280", AirTemperature) => (-40.0, 85.0),
            ("BME280", RelativeHumidity) => (0.0, 100.0),
            ("BME280", AirPressure) => (30_000.0, 110_000.0),
            ("DHT22", AirTemperature) => (-40.0, 80.0),
            ("DHT22", RelativeHumidity) => (0.0, 100.0),
            ("REFERENCE", Pm10 | Pm25) => (-10.0, 10_000.0),
            ("REFERENCE", No2) => (-10.0, 5_000.0),
            ("REFERENCE", AirTemperature) => (-90.0, 60.0),
            ("REFERENCE", RelativeHumidity) => (0.0, 105.0),
            ("REFERENCE", AirPressure) => (30_000.0, 110_000.0),
            _ => return None,
        };
        Some(MakerRange { min, max })
    }
}

impl fmt::Display for SensorModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SensorModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SensorModel({})", self.0)
    }
}

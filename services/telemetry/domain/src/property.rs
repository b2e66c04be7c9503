use std::fmt;
use std::str::FromStr;

/// A name that no observed property has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of pm10, pm25, air-temperature, relative-humidity, air-pressure, no2")]
pub struct UnknownProperty;

/// What a datastream measures; the unit of its results follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObservedProperty {
    /// Particulate matter up to 10 µm, in µg/m³.
    Pm10,
    /// Particulate matter up to 2.5 µm, in µg/m³.
    Pm25,
    /// Air temperature, in °C.
    AirTemperature,
    /// Relative humidity, in %.
    RelativeHumidity,
    /// Air pressure at the station, not reduced to sea level, in Pa.
    AirPressure,
    /// Nitrogen dioxide, in µg/m³.
    No2,
}

impl ObservedProperty {
    /// Every property.
    pub const ALL: [Self; 6] =
        [Self::Pm10, Self::Pm25, Self::AirTemperature, Self::RelativeHumidity, Self::AirPressure, Self::No2];

    /// The name in rule data and addresses: `pm10`, `air-temperature`, ...
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pm10 => "pm10",
            Self::Pm25 => "pm25",
            Self::AirTemperature => "air-temperature",
            Self::RelativeHumidity => "relative-humidity",
            Self::AirPressure => "air-pressure",
            Self::No2 => "no2",
        }
    }

    /// The unit's code in [UCUM](https://ucum.org/ucum) (case sensitive): `ug/m3`, `Cel`, `%`, `Pa`.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Pm10 | Self::Pm25 | Self::No2 => "ug/m3",
            Self::AirTemperature => "Cel",
            Self::RelativeHumidity => "%",
            Self::AirPressure => "Pa",
        }
    }

    /// Whether humid air falsifies the reading: optical particle counters see droplets and swollen particles, and read
    /// too high.
    pub const fn depends_on_humidity(self) -> bool {
        matches!(self, Self::Pm10 | Self::Pm25)
    }
}

impl fmt::Display for ObservedProperty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for ObservedProperty {
    type Err = UnknownProperty;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|property| property.name() == name).ok_or(UnknownProperty)
    }
}

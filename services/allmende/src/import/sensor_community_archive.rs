//! The daily archive files of sensor.community: `sensor_id;sensor_type;location;lat;lon;timestamp;…`, times in UTC,
//! one column for each value, further ones (`durP1`, `ratioP1`, …) that are not measurements.

use std::collections::BTreeMap;
use std::path::Path;

use allmende_proto::telemetry::v1::ObservedProperty;
use anyhow::Context as _;

/// Columns that are measurements, the property they are of, and the factor to its unit.
const MEASUREMENTS: &[(&str, ObservedProperty)] = &[
    ("P1", ObservedProperty::Pm10),
    ("P2", ObservedProperty::Pm25),
    ("temperature", ObservedProperty::AirTemperature),
    ("humidity", ObservedProperty::RelativeHumidity),
    ("pressure", ObservedProperty::AirPressure),
];

/// A sensor as the archive names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ArchivedSensor {
    /// Id of the place, shared by the sensors of one box.
    pub(crate) location: String,
    /// Id of the sensor.
    pub(crate) sensor_id: String,
    /// Its model.
    pub(crate) model: String,
}

/// One sensor's rows of one file.
#[derive(Debug, Default)]
pub(crate) struct Readings {
    /// Latitude and longitude, of the first row.
    pub(crate) place: (f64, f64),
    /// Times in microseconds since the epoch, and the values of each property at them.
    pub(crate) rows: Vec<(i64, Vec<(ObservedProperty, f64)>)>,
}

/// A row that could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SetAside {
    /// Line in the file.
    pub(crate) line: u64,
    /// What is wrong with it; without the row's content.
    pub(crate) reason: String,
}

/// What a file holds.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    /// What its columns measure.
    pub(crate) properties: Vec<ObservedProperty>,
    /// Rows by sensor.
    pub(crate) sensors: BTreeMap<ArchivedSensor, Readings>,
    /// Rows that could not be read.
    pub(crate) set_aside: Vec<SetAside>,
}

/// Reads a file. A row that cannot be read never stops the others.
pub(crate) fn read(path: &Path) -> anyhow::Result<Archive> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .flexible(true)
        .from_path(path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let columns = Columns::of(reader.headers().with_context(|| format!("cannot read {}", path.display()))?)
        .with_context(|| format!("{} is no archive of sensor.community", path.display()))?;
    let properties = columns.measurements.iter().map(|(_, _, property)| *property).collect();
    let mut archive = Archive { properties, ..Archive::default() };
    for (index, record) in reader.into_records().enumerate() {
        // The header is line 1.
        let line = record.as_ref().ok().and_then(|r| r.position()).map_or(index as u64 + 2, |p| p.line());
        let read = record.map_err(|error| error.to_string()).and_then(|record| columns.read(&record));
        match read {
            Ok((sensor, place, time, values)) => {
                let readings = archive.sensors.entry(sensor).or_insert_with(|| Readings { place, rows: Vec::new() });
                readings.rows.push((time, values));
            }
            Err(reason) => archive.set_aside.push(SetAside { line, reason }),
        }
    }
    Ok(archive)
}

struct Columns {
    sensor_id: usize,
    model: usize,
    location: usize,
    latitude: usize,
    longitude: usize,
    timestamp: usize,
    measurements: Vec<(usize, &'static str, ObservedProperty)>,
}

type Row = (ArchivedSensor, (f64, f64), i64, Vec<(ObservedProperty, f64)>);

impl Columns {
    fn of(headers: &csv::StringRecord) -> anyhow::Result<Self> {
        let find = |name: &str| headers.iter().position(|header| header.trim() == name);
        let need = |name: &str| find(name).with_context(|| format!("it has no column {name}"));
        let measurements: Vec<_> =
            MEASUREMENTS.iter().filter_map(|(name, property)| Some((find(name)?, *name, *property))).collect();
        anyhow::ensure!(!measurements.is_empty(), "it has no column with measurements that are known here");
        Ok(Self {
            sensor_id: need("sensor_id")?,
            model: need("sensor_type")?,
            location: need("location")?,
            latitude: need("lat")?,
            longitude: need("lon")?,
            timestamp: need("timestamp")?,
            measurements,
        })
    }

    fn read(&self, record: &csv::StringRecord) -> Result<Row, String> {
        let field = |column: usize, name: &str| match record.get(column).map(str::trim) {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(format!("{name} is missing")),
        };
        let number = |text: &str, name: &str| match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(value),
            _ => Err(format!("{name} is not a number")),
        };
        let sensor = ArchivedSensor {
            location: field(self.location, "location")?.to_owned(),
            sensor_id: field(self.sensor_id, "sensor_id")?.to_owned(),
            model: field(self.model, "sensor_type")?.to_owned(),
        };
        let place = (number(field(self.latitude, "lat")?, "lat")?, number(field(self.longitude, "lon")?, "lon")?);
        let time = parse_time(field(self.timestamp, "timestamp")?).ok_or("timestamp is not a time in UTC")?;
        let mut values = Vec::with_capacity(self.measurements.len());
        for (column, name, property) in &self.measurements {
            // A sensor that missed one of its values leaves it empty, or writes "unavailable".
            match record.get(*column).map(str::trim) {
                None | Some("" | "unavailable" | "unknown") => {}
                Some(text) => values.push((*property, number(text, name)?)),
            }
        }
        if values.is_empty() { Err("no value".to_owned()) } else { Ok((sensor, place, time, values)) }
    }
}

/// `2018-07-07T20:03:06`, with or without fraction, `Z` or `+00:00`: always UTC. Microseconds since the epoch.
fn parse_time(text: &str) -> Option<i64> {
    let text = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00")).unwrap_or(text);
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    let timestamp = jiff::tz::Offset::UTC.to_timestamp(civil).ok()?;
    Some(timestamp.as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(text: &str) -> Archive {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path()).unwrap()
    }

    const HEADER: &str = "sensor_id;sensor_type;location;lat;lon;timestamp;P1;durP1;ratioP1;P2;durP2;ratioP2\n";

    #[test]
    fn rows_become_values_in_utc() {
        let read = archive(&format!("{HEADER}15;SDS011;7;50.9;6.9;2018-07-07T20:03:06;17.47;;;7.73;;\n"));
        let (sensor, readings) = read.sensors.first_key_value().unwrap();
        assert_eq!((sensor.location.as_str(), sensor.model.as_str()), ("7", "SDS011"));
        let expected = vec![(ObservedProperty::Pm10, 17.47), (ObservedProperty::Pm25, 7.73)];
        assert_eq!(readings.rows, [(1_530_993_786_000_000, expected)]);
    }

    #[test]
    fn a_bad_row_is_set_aside_with_its_line_and_stops_nothing() {
        let rows = "15;SDS011;7;50.9;6.9;yesterday;17.47;;;7.73;;\n\
                    15;SDS011;7;50.9;6.9;2018-07-07T20:03:06;many;;;7.73;;\n\
                    15;SDS011;7;50.9;6.9;2018-07-07T20:05:35;;;;;;\n\
                    15;SDS011;7;;6.9;2018-07-07T20:05:35;1;;;1;;\n\
                    15;SDS011\n\
                    15;SDS011;7;50.9;6.9;2018-07-07T20:08:03Z;1;;;unavailable;;\n";
        let read = archive(&format!("{HEADER}{rows}"));
        let reasons: Vec<_> = read.set_aside.iter().map(|row| (row.line, row.reason.as_str())).collect();
        assert_eq!(
            reasons,
            [
                (2, "timestamp is not a time in UTC"),
                (3, "P1 is not a number"),
                (4, "no value"),
                (5, "lat is missing"),
                (6, "location is missing"),
            ]
        );
        assert_eq!(read.sensors.values().map(|readings| readings.rows.len()).sum::<usize>(), 1);
    }

    #[test]
    fn another_file_is_refused_with_what_it_lacks() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "a;b\n1;2\n").unwrap();
        let error = format!("{:#}", read(file.path()).unwrap_err());
        assert!(error.contains("no column"), "{error}");
    }
}

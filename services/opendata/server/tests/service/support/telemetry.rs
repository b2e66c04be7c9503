//! What telemetry stores.

use allmende_eventlog::{MemoryLog, NewEvent};
use allmende_kernel::Position;
use allmende_proto::telemetry::events::v1 as stored;
use uuid::Uuid;

use super::{TENANT, append, append_all, event};

/// 2020-03-01T12:00:00Z.
const NOON_US: i64 = 1_583_064_000_000_000;
const SECOND_US: i64 = 1_000_000;

/// A citizen's station with an SDS011.
pub(crate) struct Station {
    pub(crate) id: Uuid,
    pub(crate) pm10: Uuid,
    pub(crate) pm25: Uuid,
}

impl Station {
    pub(crate) fn numbered(number: u128) -> Self {
        let id = |part: u128| Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + number * 16 + part);
        Self { id: id(1), pm10: id(2), pm25: id(3) }
    }

    pub(crate) async fn register(&self, log: &MemoryLog) {
        let registered = stored::StationRegistered {
            kind: stored::StationKind::Citizen.into(),
            cell: Some(stored::GridCell { size_m: 250, northing_m: 3_098_500, easting_m: 4_110_250 }),
            at_us: NOON_US - 3_600 * SECOND_US,
        };
        let datastream = |id: Uuid, property: stored::ObservedProperty| stored::Datastream {
            datastream_id: id.as_bytes().to_vec().into(),
            observed_property: property.into(),
            expected_interval_s: 145,
        };
        let sensor = stored::SensorRegistered {
            sensor_id: vec![9; 16].into(),
            model: "SDS011".into(),
            datastreams: vec![
                datastream(self.pm10, stored::ObservedProperty::Pm10),
                datastream(self.pm25, stored::ObservedProperty::Pm25),
            ],
        };
        let events = vec![
            event("allmende.telemetry.events.v1.StationRegistered", &registered),
            event("allmende.telemetry.events.v1.SensorRegistered", &sensor),
        ];
        append(log, &format!("{TENANT}/station/{}", self.id), events).await;
    }

    /// Gets a second sensor, for nitrogen dioxide.
    pub(crate) async fn observe_no2(&self, log: &MemoryLog) {
        let datastream = stored::Datastream {
            datastream_id: vec![8; 16].into(),
            observed_property: stored::ObservedProperty::No2.into(),
            expected_interval_s: 60,
        };
        let sensor = stored::SensorRegistered {
            sensor_id: vec![10; 16].into(),
            model: "NO2-B43F".into(),
            datastreams: vec![datastream],
        };
        let registered = event("allmende.telemetry.events.v1.SensorRegistered", &sensor);
        append(log, &format!("{TENANT}/station/{}", self.id), vec![registered]).await;
    }

    /// Stores readings of 1 March 2020: seconds after noon, and results.
    pub(crate) async fn record(&self, log: &MemoryLog, datastream: Uuid, readings: &[(i64, f64)]) -> Position {
        self.record_on(log, datastream, "2020-03-01", readings).await
    }

    pub(crate) async fn record_on(
        &self,
        log: &MemoryLog,
        datastream: Uuid,
        day: &str,
        readings: &[(i64, f64)],
    ) -> Position {
        append_all(log, vec![self.recorded(datastream, day, readings)]).await
    }

    /// A month of one reading, to be stored in March 2020.
    pub(crate) fn month(&self) -> (String, Vec<NewEvent>) {
        self.recorded(self.pm10, "2020-03-01", &[(0, 12.5)])
    }

    fn recorded(&self, datastream: Uuid, day: &str, readings: &[(i64, f64)]) -> (String, Vec<NewEvent>) {
        let (times, results): (Vec<i64>, Vec<f64>) =
            readings.iter().map(|(after, result)| (NOON_US + after * SECOND_US, *result)).unzip();
        let recorded = event("allmende.telemetry.events.v1.ObservationsRecorded", &block(&times, &results));
        (format!("{TENANT}/observations/{}.{datastream}.{day}", self.id), vec![recorded])
    }

    pub(crate) async fn flag(&self, log: &MemoryLog, datastream: Uuid, from: i64, to: i64) -> Position {
        let flagged = stored::ObservationsFlagged {
            from_us: NOON_US + from * SECOND_US,
            to_us: NOON_US + to * SECOND_US,
            reason: stored::FlagReason::Defect.into(),
            at_us: NOON_US,
        };
        let stream = format!("{TENANT}/observations/{}.{datastream}.2020-03-01", self.id);
        append(log, &stream, vec![event("allmende.telemetry.events.v1.ObservationsFlagged", &flagged)]).await
    }
}

fn block(times: &[i64], results: &[f64]) -> stored::ObservationsRecorded {
    let encoded = allmende_columns::encode(times, results);
    let encoding = match encoded.encoding {
        allmende_columns::Encoding::Plain => stored::ColumnEncoding::Plain,
        allmende_columns::Encoding::Pco => stored::ColumnEncoding::Pco,
    };
    stored::ObservationsRecorded {
        encoding: encoding.into(),
        count: times.len() as u32,
        first_time_us: times[0],
        last_time_us: times[times.len() - 1],
        times: encoded.times.into(),
        results: encoded.results.into(),
    }
}

//! Telemetry: a station and its values.

use allmende_proto::telemetry::v1 as t;

use super::{NOON, OWN, STATION};
use crate::fake::Fake;

fn station() -> t::Station {
    let stream = |property: t::ObservedProperty, unit: &str, id: u8| t::Datastream {
        datastream_id: format!("0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0b{id:02}"),
        observed_property: property.into(),
        unit: unit.to_owned(),
        expected_interval_s: 145,
    };
    use t::ObservedProperty::{AirTemperature, Pm10, Pm25};
    let datastreams = vec![stream(Pm10, "ug/m3", 1), stream(Pm25, "ug/m3", 2), stream(AirTemperature, "Cel", 3)];
    t::Station {
        station_id: STATION.to_owned(),
        kind: t::StationKind::Citizen.into(),
        cell: Some(t::GridCell { code: "CRS3035RES250mN3098500E4110250".to_owned(), size_m: 250, centre: None }),
        registered_at_us: NOON,
        sensors: vec![t::Sensor { sensor_id: OWN.to_owned(), model: "SDS011".to_owned(), datastreams }],
        ..t::Station::default()
    }
}

fn means() -> Vec<t::Mean> {
    (0..60_u32)
        .map(|day| {
            let date = format!("2019-{:02}-{:02}", 7 + day / 30, day % 30 + 1);
            let wave = f64::from(day * 37 % 41);
            t::Mean {
                label: date,
                mean: (day % 19 != 7).then_some(12.0 + wave + if day == 44 { 12.0 } else { 0.0 }),
                count: if day % 11 == 3 { 9 } else { 24 },
                required: 18,
                valid: day % 11 != 3 && day % 19 != 7,
                ..t::Mean::default()
            }
        })
        .collect()
}

pub(super) fn serve(fake: Fake) -> Fake {
    let air = |name: &str| format!("/allmende.telemetry.v1.TelemetryService/{name}");
    fake.rpc(&air("ListStations"), |_, _: t::ListStationsRequest| {
        Ok(t::ListStationsResponse { stations: vec![station()], ..t::ListStationsResponse::default() })
    })
    .rpc(&air("GetStation"), |_, _: t::GetStationRequest| {
        Ok(t::GetStationResponse { station: Some(station()), ..t::GetStationResponse::default() })
    })
    .rpc(&air("GetLatest"), |_, _: t::GetLatestRequest| {
        let latest = |stream: &t::Datastream| t::Latest {
            datastream: Some(stream.clone()),
            observation: Some(t::Observation { phenomenon_time_us: NOON, result: 23.456, flags: vec![] }),
        };
        let latest = station().sensors[0].datastreams.iter().map(latest).collect();
        Ok(t::GetLatestResponse { latest, ..t::GetLatestResponse::default() })
    })
    .rpc(&air("ListMeans"), |_, _: t::ListMeansRequest| {
        Ok(t::ListMeansResponse { means: means(), ..t::ListMeansResponse::default() })
    })
    .rpc(&air("CheckLimits"), |_, _: t::CheckLimitsRequest| {
        let check = t::LimitCheck {
            rule_id: "eu-2008-50/pm10-day".into(),
            source: "Richtlinie 2008/50/EG, Anhang XI".into(),
            period: t::Period::Day.into(),
            limit: 50.0,
            allowed_exceedances: 35,
            exceedances: 3,
            valid_periods: 54,
            required_periods: 329,
            verdict: t::Verdict::InsufficientData.into(),
            indicative: true,
            ..t::LimitCheck::default()
        };
        Ok(t::CheckLimitsResponse { checks: vec![check], ..t::CheckLimitsResponse::default() })
    })
    .rpc(&air("ListConflicts"), |_, _: t::ListConflictsRequest| {
        let conflict = t::Conflict { phenomenon_time_us: NOON, kept: 12.5, refused: 13.5, received_at_us: NOON };
        Ok(t::ListConflictsResponse { conflicts: vec![conflict], ..t::ListConflictsResponse::default() })
    })
}

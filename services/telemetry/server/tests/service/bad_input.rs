//! A bad request is refused with INVALID_ARGUMENT, the answer names the field at fault, and nothing is stored.

use std::collections::BTreeSet;

use allmende_proto::telemetry::v1 as pb;
use tonic::{Code, Status};

use crate::support::{
    DAY_US, NOON_US, NOW, Running, SECOND_US, Station, TENANT, columns, datastream, fields, place, request_id, run,
    start,
};

/// Sends a request with one thing wrong and checks the fields that the answer names.
macro_rules! refused {
    ($service:ident . $rpc:ident, $request:expr, $($field:literal),+) => {{
        let head = $service.log_head();
        let answer: Result<_, Status> = $service.client.$rpc($request).await;
        let status = answer.expect_err(concat!(stringify!($rpc), " took ", $($field),+));
        assert_eq!(status.code(), Code::InvalidArgument, "{status}");
        assert_eq!(fields(&status), [$($field),+], "{status}");
        assert_eq!($service.log_head(), head, "{status}");
    }};
}

async fn everything(service: &mut Running, station: &Station) -> (Vec<pb::Observation>, usize) {
    let list = pb::ListStationsRequest { tenant: TENANT.into(), ..Default::default() };
    let stations = service.client.list_stations(list).await.unwrap().into_inner().stations;
    (service.observations(station, &station.pm10, pb::Selection::All).await, stations.len())
}

#[test]
fn registering_names_the_field_at_fault() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let good = Station::ids().registration();
        let with = |change: fn(&mut pb::RegisterStationRequest)| {
            let mut request = pb::RegisterStationRequest { request_id: request_id(), ..good.clone() };
            change(&mut request);
            request
        };
        let at = |latitude, longitude| pb::RegisterStationRequest {
            location: Some(pb::GeoPoint { latitude, longitude }),
            ..good.clone()
        };
        refused!(service.register_station, with(|r| r.tenant = "No Tenant".into()), "tenant");
        refused!(service.register_station, with(|r| r.request_id = String::new()), "request_id");
        refused!(
            service.register_station,
            with(|r| r.request_id = uuid::Uuid::from_u128(4 << 76 | 8 << 60).to_string()),
            "request_id"
        );
        refused!(service.register_station, with(|r| r.station_id = "17".into()), "station_id");
        refused!(service.register_station, with(|r| r.kind = 0), "kind");
        refused!(service.register_station, with(|r| r.kind = 99), "kind");
        refused!(service.register_station, with(|r| r.location = None), "location");
        refused!(service.register_station, with(|r| r.cell_size_m = 251), "cell_size_m");
        refused!(service.register_station, at(90.5, 0.0), "location.latitude");
        refused!(service.register_station, at(f64::NAN, 0.0), "location.latitude");
        refused!(service.register_station, at(50.0, f64::INFINITY), "location.longitude");
        // Wellington: on Earth, but not on the European grid.
        refused!(service.register_station, at(-41.2889, 174.7772), "location");
        refused!(service.register_station, pb::RegisterStationRequest::default(), "tenant");
        let bare = pb::RegisterStationRequest { tenant: TENANT.into(), ..Default::default() };
        refused!(service.register_station, bare, "request_id", "station_id", "kind", "location");

        let relocation = pb::RelocateStationRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            station_id: station.id.clone(),
            location: Some(place()),
            cell_size_m: 123,
        };
        refused!(service.relocate_station, relocation, "cell_size_m");
        let retirement = pb::RetireStationRequest { station_id: String::new(), ..station.retirement() };
        refused!(service.retire_station, retirement, "station_id");
        assert_eq!(everything(&mut service, &station).await, (vec![], 1));
        service.stop().await;
    });
}

#[test]
fn a_sensor_names_the_field_at_fault() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let new = Station::ids();
        let good = |datastream: pb::Datastream| pb::Sensor { datastreams: vec![datastream], ..new.dust() };
        let pm10 = datastream(&new.pm10, pb::ObservedProperty::Pm10);
        refused!(
            service.register_sensor,
            pb::RegisterSensorRequest { sensor: None, ..station.sensor(new.dust()) },
            "sensor"
        );
        for (sensor, field) in [
            (pb::Sensor { sensor_id: "x".into(), ..new.dust() }, "sensor.sensor_id"),
            (pb::Sensor { model: "SDS 011".into(), ..new.dust() }, "sensor.model"),
            (pb::Sensor { datastreams: vec![], ..new.dust() }, "sensor.datastreams"),
            (pb::Sensor { datastreams: vec![pm10.clone(); 2], ..new.dust() }, "sensor.datastreams[1].datastream_id"),
            (pb::Sensor { datastreams: vec![pm10.clone(); 65], ..new.dust() }, "sensor.datastreams"),
            (good(pb::Datastream { datastream_id: "y".into(), ..pm10.clone() }), "sensor.datastreams[0].datastream_id"),
            (good(pb::Datastream { observed_property: 0, ..pm10.clone() }), "sensor.datastreams[0].observed_property"),
            (good(pb::Datastream { unit: "mg/m3".into(), ..pm10.clone() }), "sensor.datastreams[0].unit"),
            (
                good(pb::Datastream { expected_interval_s: 0, ..pm10.clone() }),
                "sensor.datastreams[0].expected_interval_s",
            ),
            (good(pb::Datastream { expected_interval_s: 86_401, ..pm10 }), "sensor.datastreams[0].expected_interval_s"),
        ] {
            let head = service.log_head();
            let status = service.client.register_sensor(station.sensor(sensor)).await.unwrap_err();
            assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec![field.to_owned()]), "{status}");
            assert_eq!(service.log_head(), head);
        }
        service.stop().await;
    });
}

#[test]
fn observations_name_the_column_and_row_at_fault() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let good = columns(&station.pm10, &[(0, 1.0)]);
        let column = columns(&station.pm10, &[(1, 1.0), (2, 2.0), (3, 3.0)]);
        let results = |result| pb::ObservationColumns { result, ..column.clone() };
        let times = |times: &[i64]| pb::ObservationColumns { phenomenon_time_us: times.to_vec(), ..column.clone() };
        let now = NOW.as_micros();
        for (bad, field) in [
            (pb::ObservationColumns { datastream_id: "17".into(), ..column.clone() }, "columns[1].datastream_id"),
            (results(vec![1.0, f64::NAN, 3.0]), "columns[1].result[1]"),
            (results(vec![1.0, 2.0, f64::NEG_INFINITY]), "columns[1].result[2]"),
            (results(vec![1.0, 2.0]), "columns[1].result"),
            (times(&[]), "columns[1].result"),
            (pb::ObservationColumns { datastream_id: station.pm10.clone(), ..Default::default() }, "columns[1].result"),
            (times(&[1, 2, 3].map(|after| NOON_US / 1_000 + after)), "columns[1].phenomenon_time_us[0]"),
            (times(&[NOON_US, NOON_US, now + 120 * SECOND_US + 1]), "columns[1].phenomenon_time_us[2]"),
            (times(&[NOON_US, i64::MAX, NOON_US]), "columns[1].phenomenon_time_us[1]"),
            (times(&[i64::MIN, NOON_US, NOON_US]), "columns[1].phenomenon_time_us[0]"),
            (columns(&station.pm10, &vec![(1, 1.0); 10_000]), "columns"),
        ] {
            let head = service.log_head();
            let request = station.columns(vec![good.clone(), bad]);
            let status = service.client.record_observations(request).await.unwrap_err();
            assert_eq!(status.code(), Code::InvalidArgument);
            assert_eq!(fields(&status)[0], field, "{status}");
            assert_eq!(service.log_head(), head);
        }
        refused!(service.record_observations, station.columns(vec![]), "columns");
        let two_minutes = times(&[now, now + SECOND_US, now + 120 * SECOND_US]);
        assert_eq!(everything(&mut service, &station).await, (vec![], 1));
        service.client.record_observations(station.columns(vec![two_minutes])).await.unwrap();
        service.stop().await;
    });
}

#[test]
fn what_is_asked_names_the_field_at_fault() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let all = pb::Selection::All;
        let flag = station.flag(&station.pm10, 0, 1);
        refused!(service.flag_observations, pb::FlagObservationsRequest { reason: 0, ..flag.clone() }, "reason");
        refused!(service.flag_observations, pb::FlagObservationsRequest { to_us: NOON_US, ..flag.clone() }, "to_us");
        let long = pb::FlagObservationsRequest { to_us: NOON_US + 31 * DAY_US + 1, ..flag };
        refused!(service.flag_observations, long, "to_us");

        let list = pb::ListStationsRequest { tenant: TENANT.into(), ..Default::default() };
        refused!(service.list_stations, pb::ListStationsRequest { page_size: 501, ..list.clone() }, "page_size");
        refused!(
            service.list_stations,
            pb::ListStationsRequest { page_token: "none".into(), ..list.clone() },
            "page_token"
        );
        refused!(
            service.list_stations,
            pb::ListStationsRequest { consistency_token: "!".into(), ..list },
            "consistency_token"
        );
        refused!(service.get_station, pb::GetStationRequest { station_id: "17".into(), ..station.get() }, "station_id");
        let latest = pb::GetLatestRequest { tenant: TENANT.into(), ..Default::default() };
        refused!(service.get_latest, latest, "station_id");

        let observations = station.observations(&station.pm10, all);
        let with = |change: fn(&mut pb::ListObservationsRequest)| {
            let mut request = observations.clone();
            change(&mut request);
            request
        };
        refused!(service.list_observations, with(|r| r.datastream_id.clear()), "datastream_id");
        refused!(service.list_observations, with(|r| r.from_us = 0), "from_us");
        refused!(service.list_observations, with(|r| r.to_us = r.from_us), "to_us");
        refused!(service.list_observations, with(|r| r.selection = 99), "selection");
        refused!(service.list_observations, with(|r| r.page_size = 10_001), "page_size");

        let means = station.means(&station.pm10, pb::Period::Day, all);
        let with = |change: fn(&mut pb::ListMeansRequest)| {
            let mut request = means.clone();
            change(&mut request);
            request
        };
        refused!(service.list_means, with(|r| r.period = 0), "period");
        refused!(service.list_means, with(|r| r.first_day = "28.07.2018".into()), "first_day");
        refused!(service.list_means, with(|r| r.last_day = "2019-02-29".into()), "last_day");
        refused!(service.list_means, with(|r| r.last_day = "2017-12-31".into()), "last_day");
        refused!(service.list_means, with(|r| r.last_day = "9999-12-31".into()), "last_day");
        refused!(service.list_means, with(|r| r.page_size = 1_001), "page_size");

        let conflicts = pb::ListConflictsRequest { page_size: 1_001, ..station.conflicts(&station.pm10) };
        refused!(service.list_conflicts, conflicts, "page_size");
        for year in [0, 10_000] {
            refused!(service.check_limits, station.limits(&station.pm10, year), "year");
        }
        let keys = |keys: Vec<String>| pb::DeriveIdsRequest { tenant: TENANT.into(), source: "s".into(), keys };
        refused!(service.derive_ids, keys(vec![]), "keys");
        refused!(service.derive_ids, keys(vec!["k".into(), String::new()]), "keys[1]");
        let source = pb::DeriveIdsRequest { source: "s".repeat(41), ..keys(vec!["k".into()]) };
        refused!(service.derive_ids, source, "source");
        service.stop().await;
    });
}

/// What must not be published must not come back in an error either.
#[test]
fn an_error_repeats_nothing_of_what_was_sent() {
    run(async {
        let mut service = start().await;
        let secret = "5d9f1c77-7647-location";
        let mut request = Station::ids().registration();
        request.station_id = secret.into();
        request.location = Some(pb::GeoPoint { latitude: 91.123456, longitude: 6.654321 });
        let status = service.client.register_station(request).await.unwrap_err();
        let told = format!("{status:?}{}", String::from_utf8_lossy(status.details()));
        for part in [secret, "91.1234", "6.6543"] {
            assert!(!told.contains(part), "{told}");
        }
        assert_eq!(fields(&status).into_iter().collect::<BTreeSet<_>>().len(), 2);
        service.stop().await;
    });
}

//! What changes something: once, wholly, and the same answer to the same request.

use allmende_kernel::Duration;
use allmende_proto::telemetry::v1 as pb;
use tonic::Code;

use crate::support::{
    DAY_US, NOON_US, NOW, SECOND_US, Station, TENANT, columns, datastream, failed_precondition, not_found, place,
    refusal, request_id, request_id_at, run, start,
};

#[test]
fn what_was_recorded_is_read() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let readings = [(0, 12.5), (145, 13.0), (290, 11.75)];
        assert_eq!(service.record(&station, &station.pm10, &readings).await, (3, 0, 0));
        let read = service.observations(&station, &station.pm10, pb::Selection::All).await;
        let read: Vec<(i64, f64)> =
            read.iter().map(|o| ((o.phenomenon_time_us - NOON_US) / SECOND_US, o.result)).collect();
        assert_eq!(read, readings);

        let latest =
            pb::GetLatestRequest { tenant: TENANT.into(), station_id: station.id.clone(), ..Default::default() };
        let latest = service.client.get_latest(latest).await.unwrap().into_inner().latest;
        assert_eq!(latest.len(), 4);
        for entry in latest {
            let is_pm10 = entry.datastream.unwrap().datastream_id == station.pm10;
            assert_eq!(entry.observation.map(|o| o.result), is_pm10.then_some(11.75));
        }
        let recorded = service.metrics();
        assert!(
            recorded.contains("allmende_telemetry_observations_total{allmende_outcome=\"recorded\"} 3"),
            "{recorded}"
        );
        service.stop().await;
    });
}

#[test]
fn a_station_is_shown_by_its_cell_and_units() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let shown = service.client.get_station(station.get()).await.unwrap().into_inner().station.unwrap();
        assert_eq!((shown.kind(), shown.registered_at_us), (pb::StationKind::Citizen, NOW.as_micros()));
        let cell = shown.cell.unwrap();
        assert_eq!((cell.size_m, cell.code.starts_with("CRS3035RES1000mN")), (1_000, true));
        let (centre, place) = (cell.centre.unwrap(), place());
        assert!((centre.latitude - place.latitude).abs() < 0.01 && centre.latitude != place.latitude);
        let units: Vec<&str> = shown.sensors.iter().flat_map(|s| &s.datastreams).map(|d| d.unit.as_str()).collect();
        assert_eq!(units.iter().filter(|unit| **unit == "ug/m3").count(), 2);

        let far = pb::GeoPoint { latitude: 51.5, longitude: 7.5 };
        let relocation = pb::RelocateStationRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            station_id: station.id.clone(),
            location: Some(far),
            cell_size_m: 0,
        };
        let moved = service.client.relocate_station(relocation).await.unwrap().into_inner().station.unwrap();
        assert_eq!(moved.cell.unwrap().size_m, 250);
        service.stop().await;
    });
}

#[test]
fn a_repeated_value_changes_nothing_and_another_is_a_conflict() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let first = [(0, 1.0), (1, 2.0), (2, 3.0)];
        assert_eq!(service.record(&station, &station.pm10, &first).await, (3, 0, 0));
        let head = service.log_head();
        assert_eq!(service.record(&station, &station.pm10, &first).await, (0, 3, 0));
        assert_eq!(service.log_head(), head);
        // The last one contradicts the one before it in the same request.
        let second = [(0, 1.0), (1, 20.0), (3, 4.0), (3, 5.0)];
        assert_eq!(service.record(&station, &station.pm10, &second).await, (1, 1, 2));
        let conflicts = service.client.list_conflicts(station.conflicts(&station.pm10)).await.unwrap().into_inner();
        let conflicts: Vec<(f64, f64)> = conflicts.conflicts.iter().map(|c| (c.kept, c.refused)).collect();
        assert_eq!(conflicts, [(2.0, 20.0), (4.0, 5.0)]);
        let read = service.observations(&station, &station.pm10, pb::Selection::All).await;
        assert_eq!(read.iter().map(|o| o.result).collect::<Vec<_>>(), [1.0, 2.0, 3.0, 4.0]);
        service.stop().await;
    });
}

#[test]
fn a_repeated_request_gets_its_first_answer() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let request = station.readings(&station.pm10, &[(0, 1.0), (1, 2.0)]);
        let first = service.client.record_observations(request.clone()).await.unwrap().into_inner();
        let again = service.client.record_observations(request.clone()).await.unwrap().into_inner();
        assert_eq!((again.recorded, again.repeated), (2, 0));
        assert_eq!(again, first);

        let other = pb::RecordObservationsRequest {
            request_id: request.request_id,
            ..station.readings(&station.pm10, &[(2, 1.0)])
        };
        let answer = service.client.record_observations(other).await;
        assert_eq!(refusal(answer), (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned()));

        let registration = station.registration();
        let other = Station::ids();
        let registration = pb::RegisterStationRequest { station_id: other.id.clone(), ..registration };
        let first = service.client.register_station(registration.clone()).await.unwrap().into_inner();
        service.client.retire_station(other.retirement()).await.unwrap();
        let again = service.client.register_station(registration).await.unwrap().into_inner();
        assert_eq!(again, first, "also after the station has changed");
        service.stop().await;
    });
}

#[test]
fn a_request_id_outside_the_window_is_refused() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let readings = station.readings(&station.pm10, &[(0, 1.0)]);
        for minted in [NOW - Duration::from_secs(86_401), NOW + Duration::from_secs(121)] {
            let request = pb::RecordObservationsRequest { request_id: request_id_at(minted, 1), ..readings.clone() };
            let status = service.client.record_observations(request).await.unwrap_err();
            assert_eq!(
                (status.code(), crate::support::fields(&status)),
                (Code::InvalidArgument, vec!["request_id".to_owned()])
            );
        }
        service.stop().await;
    });
}

#[test]
fn the_same_registration_again_changes_nothing_and_another_is_refused() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let head = service.log_head();
        service.client.register_station(station.registration()).await.unwrap();
        service.client.register_sensor(station.sensor(station.dust())).await.unwrap();
        assert_eq!(service.log_head(), head);

        let coarser = pb::RegisterStationRequest { cell_size_m: 2_000, ..station.registration() };
        assert_eq!(refusal(service.client.register_station(coarser).await), failed_precondition("STATION_DIFFERS"));
        let other_model = pb::Sensor { model: "PMS7003".into(), ..station.dust() };
        let answer = service.client.register_sensor(station.sensor(other_model)).await;
        assert_eq!(refusal(answer), failed_precondition("SENSOR_DIFFERS"));
        let taken = pb::Sensor { sensor_id: Station::ids().id, ..station.dust() };
        let answer = service.client.register_sensor(station.sensor(taken)).await;
        assert_eq!(refusal(answer), failed_precondition("DATASTREAM_DIFFERS"));
        let too_many = (0..64).map(|_| datastream(&Station::ids().id, pb::ObservedProperty::No2)).collect();
        let full = pb::Sensor { sensor_id: Station::ids().id, model: "X".into(), datastreams: too_many };
        let answer = service.client.register_sensor(station.sensor(full)).await;
        assert_eq!(refusal(answer), failed_precondition("STATION_FULL"));
        assert_eq!(service.log_head(), head);
        service.stop().await;
    });
}

#[test]
fn what_is_not_registered_is_not_found() {
    run(async {
        let mut service = start().await;
        let (station, nobody) = (service.station().await, Station::ids());
        let unknown = not_found("STATION_UNKNOWN");
        assert_eq!(refusal(service.client.get_station(nobody.get()).await), unknown);
        assert_eq!(refusal(service.client.retire_station(nobody.retirement()).await), unknown);
        assert_eq!(refusal(service.client.register_sensor(nobody.sensor(nobody.dust())).await), unknown);
        assert_eq!(
            refusal(service.client.record_observations(nobody.readings(&nobody.pm10, &[(0, 1.0)])).await),
            unknown
        );
        assert_eq!(refusal(service.client.list_conflicts(nobody.conflicts(&nobody.pm10)).await), unknown);

        let unknown = not_found("DATASTREAM_UNKNOWN");
        let head = service.log_head();
        let columns = vec![columns(&station.pm10, &[(0, 1.0)]), columns(&nobody.pm10, &[(0, 1.0)])];
        assert_eq!(refusal(service.client.record_observations(station.columns(columns)).await), unknown);
        assert_eq!(service.log_head(), head, "the known column is not stored either");
        assert_eq!(refusal(service.client.flag_observations(station.flag(&nobody.pm10, 0, 1)).await), unknown);
        assert_eq!(refusal(service.client.check_limits(station.limits(&nobody.pm10, 2020)).await), unknown);
        let all = pb::Selection::All;
        assert_eq!(refusal(service.client.list_observations(station.observations(&nobody.pm10, all)).await), unknown);

        let rules = pb::CheckLimitsRequest { rule_set_id: "eu-1899-1".into(), ..station.limits(&station.pm10, 2020) };
        assert_eq!(refusal(service.client.check_limits(rules).await), not_found("RULE_SET_UNKNOWN"));
        let before_all = station.limits(&station.pm10, 1950);
        assert_eq!(refusal(service.client.check_limits(before_all).await), not_found("RULE_SET_UNKNOWN"));
        service.stop().await;
    });
}

#[test]
fn another_tenants_station_is_not_there() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let elsewhere = pb::GetStationRequest { tenant: "koeln-mitte".into(), ..station.get() };
        assert_eq!(refusal(service.client.get_station(elsewhere).await), not_found("STATION_UNKNOWN"));
        for (tenant, stations) in [("koeln", 1), ("koeln-mitte", 0), ("koel", 0)] {
            let list = pb::ListStationsRequest { tenant: tenant.into(), ..Default::default() };
            assert_eq!(service.client.list_stations(list).await.unwrap().into_inner().stations.len(), stations);
        }
        service.stop().await;
    });
}

#[test]
fn a_retired_station_takes_what_it_observed_before() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        // Moves the clock to noon of 2 June; the station is retired then.
        let until_noon = NOW.as_micros() + DAY_US + DAY_US / 2;
        service.clock.set(allmende_kernel::Timestamp::from_micros(until_noon));
        let request_id = |number| request_id_at(allmende_kernel::Timestamp::from_micros(until_noon), number);
        let retirement = pb::RetireStationRequest { request_id: request_id(1), ..station.retirement() };
        let retired = service.client.retire_station(retirement).await.unwrap().into_inner().station.unwrap();
        assert_eq!(retired.retired_at_us, Some(until_noon));

        let after = (until_noon - NOON_US) / SECOND_US;
        let late = pb::RecordObservationsRequest {
            request_id: request_id(2),
            ..station.readings(&station.pm10, &[(after - 1, 1.0), (after + 1, 1.0)])
        };
        assert_eq!(refusal(service.client.record_observations(late).await), failed_precondition("STATION_RETIRED"));
        let in_time = pb::RecordObservationsRequest {
            request_id: request_id(3),
            ..station.readings(&station.pm10, &[(after - 1, 1.0)])
        };
        assert_eq!(service.client.record_observations(in_time).await.unwrap().into_inner().recorded, 1);
        let sensor = pb::Sensor {
            sensor_id: Station::ids().id,
            model: "X".into(),
            datastreams: vec![datastream(&Station::ids().id, pb::ObservedProperty::No2)],
        };
        let sensor = pb::RegisterSensorRequest { request_id: request_id(4), ..station.sensor(sensor) };
        assert_eq!(refusal(service.client.register_sensor(sensor).await), failed_precondition("STATION_RETIRED"));
        service.stop().await;
    });
}

#[test]
fn ids_are_derived_for_a_tenant_and_stay() {
    run(async {
        let mut service = start().await;
        let request = |tenant: &str| pb::DeriveIdsRequest {
            tenant: tenant.into(),
            source: "sensor.community".into(),
            keys: vec!["location/7647".into(), "sensor/15092".into()],
        };
        let head = service.log_head();
        let ids = service.client.derive_ids(request("koeln")).await.unwrap().into_inner().ids;
        assert_eq!(ids.len(), 2);
        assert_eq!(service.client.derive_ids(request("koeln")).await.unwrap().into_inner().ids, ids);
        assert_ne!(service.client.derive_ids(request("bonn")).await.unwrap().into_inner().ids, ids);
        assert_eq!(service.log_head(), head);
        let mut service = service.restart().await;
        assert_eq!(service.client.derive_ids(request("koeln")).await.unwrap().into_inner().ids, ids);
        service.stop().await;
    });
}

#[test]
fn a_read_waits_for_its_token() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        for second in 0..50 {
            let request = station.readings(&station.pm10, &[(second, 1.0)]);
            let token = service.client.record_observations(request).await.unwrap().into_inner().consistency_token;
            let request = pb::ListObservationsRequest {
                consistency_token: token.clone(),
                ..station.observations(&station.pm10, pb::Selection::All)
            };
            let read = service.client.list_observations(request).await.unwrap().into_inner();
            assert_eq!(read.observations.len() as i64, second + 1);
            assert!(!read.consistency_token.is_empty());
        }
        // What no log has reached is no position of this log.
        let partition = allmende_kernel::PartitionName::parse("telemetry-0").unwrap();
        let far = allmende_runtime::fields::ConsistencyToken::of(partition, allmende_kernel::Position::new(1 << 40, 0));
        let request = pb::GetStationRequest { consistency_token: far.to_text(), ..station.get() };
        assert_eq!(
            refusal(service.client.get_station(request).await),
            (Code::FailedPrecondition, "TOKEN_AHEAD".to_owned())
        );
        service.stop().await;
    });
}

#[test]
fn who_has_no_token_reads_and_does_not_write() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let mut visitor = service.visitor().await;
        assert!(visitor.get_station(station.get()).await.is_ok());
        let answer = visitor.record_observations(station.readings(&station.pm10, &[(0, 1.0)])).await;
        assert_eq!(refusal(answer).0, Code::Unauthenticated);
        service.stop().await;
    });
}

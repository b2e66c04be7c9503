//! Means of hours, days and years, and the limits they are held against.

use allmende_proto::telemetry::v1 as pb;

use crate::support::{
    HOUR_US, Running, SECOND_US, Station, TENANT, columns, datastream, place, request_id, run, start,
};

/// 2020-01-01T00:00 in UTC+1, in seconds from the tests' noon.
const YEAR_BEGINS: i64 = (1_577_833_200_000_000 - crate::support::NOON_US) / SECOND_US;
const DAY: i64 = 86_400;

/// An official station that reports an hourly mean of PM10, whose days have these values from 1 January 2019 on.
async fn reference(service: &mut Running, property: pb::ObservedProperty, days: &[f64]) -> (Station, String) {
    let station = Station::ids();
    let registration = pb::RegisterStationRequest { kind: pb::StationKind::Reference.into(), ..station.registration() };
    service.client.register_station(registration).await.unwrap();
    let datastream = pb::Datastream { expected_interval_s: 3_600, ..datastream(&station.pm10, property) };
    let sensor = pb::Sensor { sensor_id: Station::ids().id, model: "REFERENCE".into(), datastreams: vec![datastream] };
    service.client.register_sensor(station.sensor(sensor)).await.unwrap();
    // 2019 has 365 days.
    let hours = (0..).zip(days).flat_map(|(day, value)| {
        (0..24).map(move |hour| (YEAR_BEGINS - 365 * DAY + day * DAY + hour * 3_600 + 1_800, *value))
    });
    let readings: Vec<(i64, f64)> = hours.collect();
    service.record(&station, &station.pm10, &readings).await;
    let datastream = station.pm10.clone();
    (station, datastream)
}

async fn check(service: &mut Running, station: &Station, rule_set: &str, rule: &str) -> pb::LimitCheck {
    let request = pb::CheckLimitsRequest { rule_set_id: rule_set.into(), ..station.limits(&station.pm10, 2019) };
    let answer = service.client.check_limits(request).await.unwrap().into_inner();
    assert_eq!(answer.quality_rules, "quality/1");
    answer.checks.into_iter().find(|check| check.rule_id.ends_with(rule)).unwrap()
}

fn year_with(above: usize, value: f64, else_value: f64) -> Vec<f64> {
    (0..365).map(|day| if day < above { value } else { else_value }).collect()
}

#[test]
fn an_hour_needs_18_readings_and_a_day_18_hours() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        // From 2020-03-02T00:00 in UTC+1: 17 hours with 18 readings, one with 17, then an 18th with 18.
        let begins = 11 * 3_600;
        let hour = |hour: i64, readings: i64| {
            (0..readings).map(move |index| (begins + hour * 3_600 + index * 145, hour as f64)).collect::<Vec<_>>()
        };
        let mut readings: Vec<(i64, f64)> = (0..17).flat_map(|index| hour(index, 18)).collect();
        readings.extend(hour(17, 17));
        service.record(&station, &station.temperature, &readings).await;
        let hours = service.means(&station, &station.temperature, pb::Period::Hour, pb::Selection::All).await;
        assert_eq!(hours.len(), 18);
        assert_eq!((hours[16].valid, hours[17].valid, hours[17].count, hours[17].required), (true, false, 17, 18));
        assert_eq!(hours[1].start_us - hours[0].start_us, HOUR_US);
        assert_eq!((hours[0].label.as_str(), hours[0].mean), ("2020-03-02T00", Some(0.0)));
        let days = service.means(&station, &station.temperature, pb::Period::Day, pb::Selection::All).await;
        assert_eq!((days.len(), days[0].count, days[0].required, days[0].valid), (1, 17, 18, false));
        assert_eq!((days[0].label.as_str(), days[0].mean), ("2020-03-02", Some(8.0)));

        service.record(&station, &station.temperature, &hour(18, 18)).await;
        let days = service.means(&station, &station.temperature, pb::Period::Day, pb::Selection::All).await;
        assert_eq!((days[0].count, days[0].valid), (18, true));
        let years = service.means(&station, &station.temperature, pb::Period::Year, pb::Selection::All).await;
        assert_eq!((years.len(), years[0].label.as_str(), years[0].count), (1, "2020", 1));
        assert_eq!((years[0].required, years[0].valid), (330, false));
        service.stop().await;
    });
}

#[test]
fn means_do_not_depend_on_the_order_of_arrival() {
    run(async {
        let mut service = start().await;
        let (forward, backward) = (service.station().await, service.station().await);
        let value = |index: i64| (index * 7_919 % 1_000) as f64 / 7.0;
        let dust: Vec<(i64, f64)> = (0..1_000).map(|index| (index * 145, value(index))).collect();
        let humidity: Vec<(i64, f64)> = (0..1_000).map(|index| (index * 145 + 3, 40.0 + value(index) / 3.0)).collect();
        for (dust, humidity) in dust.chunks(100).zip(humidity.chunks(100)) {
            service.record(&forward, &forward.pm10, dust).await;
            service.record(&forward, &forward.humidity, humidity).await;
        }
        // The other way round in odd pieces, humidity last, and some of it twice.
        for dust in dust.rchunks(73) {
            service.record(&backward, &backward.pm10, dust).await;
        }
        for humidity in humidity.rchunks(31) {
            service.record(&backward, &backward.humidity, humidity).await;
        }
        service.record(&backward, &backward.pm10, &dust[300..700]).await;
        for period in [pb::Period::Hour, pb::Period::Day, pb::Period::Year] {
            for selection in [pb::Selection::All, pb::Selection::Dry, pb::Selection::Unflagged] {
                let one = service.means(&forward, &forward.pm10, period, selection).await;
                assert!(!one.is_empty());
                assert_eq!(one, service.means(&backward, &backward.pm10, period, selection).await, "{period:?}");
            }
        }
        let dry = service.means(&forward, &forward.pm10, pb::Period::Hour, pb::Selection::Dry).await;
        let all = service.means(&forward, &forward.pm10, pb::Period::Hour, pb::Selection::All).await;
        assert_ne!(dry, all);
        service.stop().await;
    });
}

#[test]
fn the_36th_day_above_50_exceeds() {
    run(async {
        let mut service = start().await;
        for (above, verdict) in [(35, pb::Verdict::Kept), (36, pb::Verdict::Exceeded)] {
            let (station, _) = reference(&mut service, pb::ObservedProperty::Pm10, &year_with(above, 50.5, 50.4)).await;
            let daily = check(&mut service, &station, "", "pm10-day").await;
            assert_eq!((daily.verdict(), daily.exceedances as usize, daily.valid_periods), (verdict, above, 365));
            assert_eq!(daily.exceeded.len(), above);
            assert_eq!((daily.exceeded[0].as_str(), daily.indicative), ("2019-01-01", false));
            // 50.4 on each day of a year is well above 40.
            let yearly = check(&mut service, &station, "eu-2008-50", "pm10-year").await;
            assert_eq!((yearly.verdict(), yearly.exceeded), (pb::Verdict::Exceeded, vec!["2019".to_owned()]));
        }
        service.stop().await;
    });
}

#[test]
fn no2_is_also_held_against_its_hourly_limit() {
    run(async {
        let mut service = start().await;
        let (station, datastream) =
            reference(&mut service, pb::ObservedProperty::No2, &year_with(17, 201.0, 30.0)).await;
        let hourly = check(&mut service, &station, "eu-2008-50", "no2-hour").await;
        assert_eq!(
            (hourly.verdict(), hourly.exceedances, hourly.period()),
            (pb::Verdict::Exceeded, 408, pb::Period::Hour)
        );
        assert_eq!(hourly.exceeded.len(), 366, "cut off");
        assert_eq!(hourly.exceeded[0], "2019-01-01T00");
        let years = service.means(&station, &datastream, pb::Period::Year, pb::Selection::All).await;
        assert_eq!((years.len(), years[0].valid, years[0].count), (1, true, 365));
        service.stop().await;
    });
}

#[test]
fn a_citizens_station_is_indicative_only() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        service.record(&station, &station.pm10, &[(0, 500.0)]).await;
        let answer = service.client.check_limits(station.limits(&station.pm10, 2020)).await.unwrap().into_inner();
        assert_eq!(answer.rule_set_id, "eu-2008-50");
        assert_eq!(answer.checks.len(), 2);
        for check in answer.checks {
            assert!(check.indicative);
            assert_eq!(check.verdict(), pb::Verdict::InsufficientData);
        }
        // Nothing is limited of temperature.
        let answer =
            service.client.check_limits(station.limits(&station.temperature, 2020)).await.unwrap().into_inner();
        assert_eq!(answer.checks, []);
        service.stop().await;
    });
}

#[test]
fn rule_sets_can_come_from_a_file() {
    run(async {
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("rules.toml");
        let rules = r#"
            [[rule_set]]
            id = "town"
            source = "A council's resolution"
            valid_from = "2019-01-01"
            coverage = { hour_percent = 75, day_hours = 1, year_percent = 1 }
            [[rule_set.limit]]
            id = "pm10-day"
            source = "The same"
            property = "pm10"
            period = "day"
            value = 5
            unit = "ug/m3"
            decimals = 0
            allowed_exceedances = 0
        "#;
        std::fs::write(&file, rules).unwrap();
        let config = allmende_telemetry::Config { rules: Some(file), ..Default::default() };
        let mut service = crate::support::start_with(data, config).await;
        let (station, _) = reference(&mut service, pb::ObservedProperty::Pm10, &[6.0, 4.0]).await;
        let daily = check(&mut service, &station, "", "town/pm10-day").await;
        assert_eq!((daily.exceeded, daily.limit), (vec!["2019-01-01".to_owned()], 5.0));
        service.stop().await;
    });
}

#[test]
fn the_same_request_with_all_columns_makes_all_means() {
    run(async {
        let mut service = start().await;
        let station = Station::ids();
        service
            .client
            .register_station(pb::RegisterStationRequest { location: Some(place()), ..station.registration() })
            .await
            .unwrap();
        for sensor in [station.dust(), station.climate()] {
            service.client.register_sensor(station.sensor(sensor)).await.unwrap();
        }
        let request = pb::RecordObservationsRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            station_id: station.id.clone(),
            columns: vec![columns(&station.pm10, &[(0, 8.0)]), columns(&station.humidity, &[(1, 60.0)])],
        };
        let answer = service.client.record_observations(request).await.unwrap().into_inner();
        assert_eq!(answer.recorded, 2);
        service.settle(&answer.consistency_token).await;
        let dry = service.means(&station, &station.pm10, pb::Period::Hour, pb::Selection::Dry).await;
        assert_eq!((dry.len(), dry[0].mean), (1, Some(8.0)));
        service.stop().await;
    });
}

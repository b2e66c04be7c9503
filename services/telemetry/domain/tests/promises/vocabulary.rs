//! Properties, units, models, intervals, ids.

use allmende_telemetry_domain::{DatastreamId, ObservedProperty, ReadingInterval, SensorModel};

#[test]
fn a_property_has_its_ucum_unit() {
    let units = ObservedProperty::ALL.map(ObservedProperty::unit);
    assert_eq!(units, ["ug/m3", "ug/m3", "Cel", "%", "Pa", "ug/m3"]);
    for property in ObservedProperty::ALL {
        assert_eq!(property.name().parse(), Ok(property));
    }
    assert!("PM10".parse::<ObservedProperty>().is_err());
}

#[test]
fn humidity_matters_for_particles_only() {
    let depends: Vec<_> = ObservedProperty::ALL.into_iter().filter(|p| p.depends_on_humidity()).collect();
    assert_eq!(depends, [ObservedProperty::Pm10, ObservedProperty::Pm25]);
}

#[test]
fn a_known_model_has_its_makers_range_and_any_other_has_none() {
    let range = |model: &str, property| SensorModel::parse(model).unwrap().range_of(property).map(|r| (r.min, r.max));
    assert_eq!(range("SDS011", ObservedProperty::Pm10), Some((0.0, 999.9)));
    assert_eq!(range("sds011", ObservedProperty::Pm25), Some((0.0, 999.9)));
    assert_eq!(range("SDS011", ObservedProperty::No2), None);
    assert_eq!(range("BME280", ObservedProperty::AirTemperature), Some((-40.0, 85.0)));
    assert_eq!(range("BME280", ObservedProperty::AirPressure), Some((30_000.0, 110_000.0)));
    assert_eq!(range("DHT22", ObservedProperty::RelativeHumidity), Some((0.0, 100.0)));
    assert_eq!(range("SPS30", ObservedProperty::Pm10), None);
    assert!(ObservedProperty::ALL.into_iter().all(|property| range("REFERENCE", property).is_some()));
}

#[test]
fn a_model_is_a_short_name() {
    for right in ["SDS011", "PMS5003-A", "a", "Grimm_EDM.180+", &"x".repeat(40)] {
        assert_eq!(SensorModel::parse(right).unwrap().as_str(), right);
    }
    for wrong in ["", "SDS 011", "Feinstaub\u{00b5}", "a/b", "a\n", &"x".repeat(41)] {
        assert!(SensorModel::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn an_interval_is_between_a_second_and_a_day() {
    assert!(ReadingInterval::from_secs(0).is_err());
    assert!(ReadingInterval::from_secs(86_401).is_err());
    let per_hour = [1, 145, 1_801, 3_600, 3_601].map(|s| ReadingInterval::from_secs(s).unwrap().readings_per_hour());
    assert_eq!(per_hour, [3_600, 24, 1, 1, 0]);
}

#[test]
fn an_id_is_a_uuid() {
    let text = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";
    let id = DatastreamId::parse(text).unwrap();
    assert_eq!(id.to_string(), text);
    assert_eq!(DatastreamId::from_bytes(*id.as_bytes()), id);
    assert_eq!(DatastreamId::new(id.as_uuid()), id);
    assert!(DatastreamId::parse("sensor 1").is_err());
}

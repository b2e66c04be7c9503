//! Made-up measurements: a daily course, seasons, weather that changes over days, and noise.

use allmende_proto::telemetry::v1::ObservedProperty;

const DAY_US: f64 = 86_400_000_000.0;

/// A value of a property where it is `dust` times as dusty as elsewhere; the same for the same moment always. `place`
/// tells the noise of one station from that of another.
pub(super) fn value(property: ObservedProperty, dust: f64, place: u64, time_us: i64) -> f64 {
    use std::f64::consts::TAU;
    let days = time_us as f64 / DAY_US;
    let course = |peak: f64| ((days - peak / 24.0).fract() * TAU).cos();
    // Warmest 196 days after the first of January.
    let season = ((days - 196.0) / 365.25 * TAU).cos();
    let weather = (days / 5.3 * TAU).sin() + 0.5 * (days / 2.9 * TAU).cos();
    let noise = noise(time_us ^ place as i64 ^ ((property as i64) << 40));
    // Still winter air keeps the dust of stoves and streets.
    let dusty = dust * (15.0 + 5.0 * course(8.0) - 4.0 * season + 6.0 * weather + 3.0 * noise).max(1.0);
    let value = match property {
        ObservedProperty::Pm10 => dusty,
        ObservedProperty::Pm25 => dusty * (0.55 + 0.05 * noise),
        ObservedProperty::No2 => {
            dust * (24.0 + 9.0 * course(17.0) - 3.0 * season - 4.0 * weather + 3.0 * noise).max(2.0)
        }
        ObservedProperty::AirTemperature => 10.0 + 9.0 * season + 5.0 * course(15.0) - 3.0 * weather + 0.4 * noise,
        ObservedProperty::RelativeHumidity => {
            (68.0 - 8.0 * season - 14.0 * course(15.0) + 9.0 * weather + 2.0 * noise).clamp(20.0, 100.0)
        }
        _ => 101_300.0 + 600.0 * weather + 20.0 * noise,
    };
    (value * 100.0).round() / 100.0
}

/// From -1 to 1, by the mixing function of SplitMix64.
fn noise(seed: i64) -> f64 {
    let mut z = (seed as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

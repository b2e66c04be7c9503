use allmende_proto::participation::v1 as pb;
use allmende_runtime::errors::Rule;

use super::Parse;

/// A box in thousandths of a degree.
pub(crate) fn area(parse: &mut Parse, area: Option<&pb::Area>) -> Option<Option<[i32; 4]>> {
    let Some(area) = area else { return Some(None) };
    let milli = |degrees: f64, up: bool| if up { (degrees * 1e3).ceil() } else { (degrees * 1e3).floor() } as i32;
    let (latitudes, longitudes) = ([area.south, area.north], [area.west, area.east]);
    let inside = |degrees: &[f64; 2], max: f64| degrees.iter().all(|degrees| (-max..=max).contains(degrees));
    if !inside(&latitudes, 90.0) || !inside(&longitudes, 180.0) {
        parse.add("area", "must be degrees on Earth");
        return None;
    }
    if area.south > area.north || area.west > area.east {
        parse.add("area", Rule::Order.says("must run from south to north and from west to east"));
        return None;
    }
    // Places are rounded to the nearest, and a box keeps what its borders touch.
    Some(Some([milli(area.south, false), milli(area.west, false), milli(area.north, true), milli(area.east, true)]))
}

/// What of an area decides on a list.
pub(crate) fn shape(area: &Option<pb::Area>) -> Vec<u8> {
    let sides = area.iter().flat_map(|area| [area.south, area.west, area.north, area.east]);
    sides.flat_map(f64::to_be_bytes).collect()
}

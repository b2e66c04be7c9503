//! ETRS89-LAEA, EPSG:3035: Lambert's azimuthal equal-area projection of the GRS 80 ellipsoid around 52° N 10° E.
//!
//! ETRS89 and WGS 84 are taken as one: they differ by less than a metre, far below the smallest cell.

use proj4rs::Proj;
use proj4rs::transform::transform;

const GEOGRAPHIC: &str = "+proj=longlat +ellps=GRS80 +no_defs";
const LAEA: &str = "+proj=laea +lat_0=52 +lon_0=10 +x_0=4321000 +y_0=3210000 +ellps=GRS80 +units=m +no_defs";

thread_local! {
    // A `Proj` may hold shared grid-shift tables (these do not), so the library does not let it cross threads.
    static PROJECTIONS: Option<(Proj, Proj)> =
        Proj::from_proj_string(GEOGRAPHIC).ok().zip(Proj::from_proj_string(LAEA).ok());
}

/// Northing and easting in metres of a point in degrees; `None` where the projection has no value.
pub(crate) fn forward(latitude: f64, longitude: f64) -> Option<(f64, f64)> {
    let mut point = (longitude.to_radians(), latitude.to_radians(), 0.0);
    PROJECTIONS.with(|projections| {
        let (geographic, laea) = projections.as_ref()?;
        transform(geographic, laea, &mut point).ok()?;
        (point.0.is_finite() && point.1.is_finite()).then_some((point.1, point.0))
    })
}

/// Latitude and longitude in degrees of a northing and easting in metres; `None` beyond the projected globe.
pub(crate) fn inverse(northing_m: f64, easting_m: f64) -> Option<(f64, f64)> {
    let mut point = (easting_m, northing_m, 0.0);
    PROJECTIONS.with(|projections| {
        let (geographic, laea) = projections.as_ref()?;
        transform(laea, geographic, &mut point).ok()?;
        (point.0.is_finite() && point.1.is_finite()).then_some((point.1.to_degrees(), point.0.to_degrees()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_comes_out_to_the_centimetre() {
        // IOGP guidance note 7-2, "Lambert Azimuthal Equal Area": 50 N 5 E in EPSG:3035.
        let (northing, easting) = forward(50.0, 5.0).unwrap();
        assert!((northing - 2_999_718.85).abs() < 0.01, "{northing}");
        assert!((easting - 3_962_799.45).abs() < 0.01, "{easting}");
        let (latitude, longitude) = inverse(2_999_718.85, 3_962_799.45).unwrap();
        assert!((latitude - 50.0).abs() < 1e-7 && (longitude - 5.0).abs() < 1e-7, "{latitude} {longitude}");
    }

    #[test]
    fn the_origin_is_52_n_10_e() {
        let (northing, easting) = forward(52.0, 10.0).unwrap();
        assert!((northing - 3_210_000.0).abs() < 1e-6 && (easting - 4_321_000.0).abs() < 1e-6);
        let (latitude, longitude) = inverse(3_210_000.0, 4_321_000.0).unwrap();
        assert!((latitude - 52.0).abs() < 1e-9 && (longitude - 10.0).abs() < 1e-9);
    }
}

//! What may be known of a place: a cell of the European grid.

use allmende_telemetry_domain::{CellSize, GeoPoint, GridCell, InvalidCell, InvalidPoint, OutsideGrid};
use proptest::prelude::*;

fn point(latitude: f64, longitude: f64) -> GeoPoint {
    GeoPoint::new(latitude, longitude).unwrap()
}

#[test]
fn the_real_box_stands_in_this_cell() {
    let cell = GridCell::containing(point(56.963, -2.211), CellSize::M250).unwrap();
    // By Snyder's formulae (USGS Professional Paper 1395, 1987, p. 187) computed apart: N 3825475.9 E 3581607.4.
    assert_eq!(cell.code(), "CRS3035RES250mN3825250E3581500");
    let centre = cell.centre();
    // 250 m are at most 177 m from corner to centre: 0.0016 degrees of latitude, 0.003 of longitude here.
    assert!((centre.latitude() - 56.963).abs() < 0.002 && (centre.longitude() + 2.211).abs() < 0.004);
    assert_ne!((centre.latitude(), centre.longitude()), (56.963, -2.211));
}

#[test]
fn the_example_of_the_epsg_guidance_note_lies_in_its_cells() {
    // 50 N 5 E is E 3962799.45 N 2999718.85.
    let codes = CellSize::ALL.map(|size| GridCell::containing(point(50.0, 5.0), size).unwrap().code());
    let expected = [
        "CRS3035RES250mN2999500E3962750",
        "CRS3035RES500mN2999500E3962500",
        "CRS3035RES1000mN2999000E3962000",
        "CRS3035RES2000mN2998000E3962000",
        "CRS3035RES5000mN2995000E3960000",
        "CRS3035RES10000mN2990000E3960000",
    ];
    assert_eq!(codes, expected);
}

#[test]
fn a_point_is_on_earth_and_does_not_show_in_a_log() {
    assert_eq!(GeoPoint::new(90.1, 0.0), Err(InvalidPoint::Latitude));
    assert_eq!(GeoPoint::new(f64::NAN, 0.0), Err(InvalidPoint::Latitude));
    assert_eq!(GeoPoint::new(0.0, -180.5), Err(InvalidPoint::Longitude));
    assert_eq!(GeoPoint::new(0.0, f64::INFINITY), Err(InvalidPoint::Longitude));
    assert_eq!(format!("{:?}", point(56.963, -2.211)), "GeoPoint(..)");
}

#[test]
fn outside_europe_there_is_no_cell() {
    for (latitude, longitude) in [(40.7, -74.0), (-33.9, 18.4), (0.0, 0.0), (90.0, 0.0), (35.7, 139.7), (24.5, 10.0)] {
        assert_eq!(GridCell::containing(point(latitude, longitude), CellSize::M250), Err(OutsideGrid));
    }
}

#[test]
fn a_code_is_written_in_one_way() {
    let cell: GridCell = "CRS3035RES250mN3098500E4110250".parse().unwrap();
    assert_eq!((cell.size(), cell.northing_m(), cell.easting_m()), (CellSize::M250, 3_098_500, 4_110_250));
    assert_eq!("CRS3035RES250mN3098501E4110250".parse::<GridCell>(), Err(InvalidCell::Corner));
    assert_eq!("CRS3035RES250mN30985000E4110250".parse::<GridCell>(), Err(InvalidCell::Range));
    for wrong in [
        "",
        "CRS3035RES250mN+3098500E4110250",
        "CRS3035RES250mN03098500E4110250",
        "CRS3035RES300mN0E0",
        "1kmN3098E4110",
        "CRS3035RES250mN3098500E4110250 ",
    ] {
        assert_eq!(wrong.parse::<GridCell>(), Err(InvalidCell::Code), "{wrong}");
    }
}

#[test]
fn only_published_sizes_are_taken() {
    assert_eq!(CellSize::default().metres(), 250);
    for size in CellSize::ALL {
        assert_eq!(CellSize::from_metres(size.metres()), Ok(size));
    }
    for wrong in [0, 1, 100, 251, 20_000] {
        assert!(CellSize::from_metres(wrong).is_err());
    }
}

fn sizes() -> impl Strategy<Value = CellSize> {
    prop::sample::select(CellSize::ALL.to_vec())
}

proptest! {
    #[test]
    fn a_cell_contains_its_centre(latitude in 35.0f64..71.0, longitude in -12.0f64..35.0, size in sizes()) {
        let cell = GridCell::containing(point(latitude, longitude), size).unwrap();
        prop_assert_eq!(GridCell::containing(cell.centre(), size), Ok(cell));
        prop_assert_eq!(cell.code().parse(), Ok(cell));
        prop_assert_eq!(GridCell::from_corner(size, cell.northing_m(), cell.easting_m()), Ok(cell));
    }

    #[test]
    fn a_coarser_cell_contains_the_finer(latitude in 35.0f64..71.0, longitude in -12.0f64..35.0) {
        let [fine, coarse] = [CellSize::M250, CellSize::M10000]
            .map(|size| GridCell::containing(point(latitude, longitude), size).unwrap());
        prop_assert_eq!(fine.northing_m() / 10_000, coarse.northing_m() / 10_000);
        prop_assert_eq!(fine.easting_m() / 10_000, coarse.easting_m() / 10_000);
    }

    #[test]
    fn every_cell_has_a_centre_on_earth(northing in 0u32..1_000, easting in 0u32..1_000) {
        let cell = GridCell::from_corner(CellSize::M10000, northing * 10_000, easting * 10_000).unwrap();
        let centre = cell.centre();
        prop_assert!(GeoPoint::new(centre.latitude(), centre.longitude()).is_ok());
    }

    #[test]
    fn no_point_makes_it_panic(latitude in -90.0f64..=90.0, longitude in -180.0f64..=180.0, size in sizes()) {
        let _ = GridCell::containing(point(latitude, longitude), size);
    }
}

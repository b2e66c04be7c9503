use std::fmt;
use std::str::FromStr;

use crate::projection;

/// A pair of numbers that is no point on Earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPoint {
    /// Not a number from -90 to 90.
    #[error("latitude must be -90 to 90 degrees")]
    Latitude,
    /// Not a number from -180 to 180.
    #[error("longitude must be -180 to 180 degrees")]
    Longitude,
}

/// A point in WGS 84, decimal degrees.
///
/// It may be where somebody lives, so its `Debug` form shows no coordinates: a log line cannot leak it.
#[derive(Clone, Copy, PartialEq)]
pub struct GeoPoint {
    latitude: f64,
    longitude: f64,
}

impl GeoPoint {
    /// Takes a latitude of -90 to 90 and a longitude of -180 to 180 degrees.
    pub fn new(latitude: f64, longitude: f64) -> Result<Self, InvalidPoint> {
        if !(-90.0..=90.0).contains(&latitude) {
            return Err(InvalidPoint::Latitude);
        }
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(InvalidPoint::Longitude);
        }
        Ok(Self { latitude, longitude })
    }

    /// In degrees, north positive.
    pub const fn latitude(self) -> f64 {
        self.latitude
    }

    /// In degrees, east positive.
    pub const fn longitude(self) -> f64 {
        self.longitude
    }
}

impl fmt::Debug for GeoPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GeoPoint(..)")
    }
}

/// An edge length the grid is not published in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cell's edge must be 250, 500, 1000, 2000, 5000 or 10000 m")]
pub struct UnknownCellSize;

/// Edge of the cell in which a station may be known to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum CellSize {
    /// 250 m.
    #[default]
    M250,
    /// 500 m.
    M500,
    /// 1 km.
    M1000,
    /// 2 km.
    M2000,
    /// 5 km.
    M5000,
    /// 10 km.
    M10000,
}

impl CellSize {
    /// Every size, the smallest first.
    pub const ALL: [Self; 6] = [Self::M250, Self::M500, Self::M1000, Self::M2000, Self::M5000, Self::M10000];

    /// The size with an edge of so many metres.
    pub fn from_metres(metres: u32) -> Result<Self, UnknownCellSize> {
        Self::ALL.into_iter().find(|size| size.metres() == metres).ok_or(UnknownCellSize)
    }

    /// Edge length in metres.
    pub const fn metres(self) -> u32 {
        match self {
            Self::M250 => 250,
            Self::M500 => 500,
            Self::M1000 => 1_000,
            Self::M2000 => 2_000,
            Self::M5000 => 5_000,
            Self::M10000 => 10_000,
        }
    }
}

/// A point that the European grid does not cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the point lies outside the European grid (ETRS89-LAEA: 24.6 to 84.73 N, 35.58 W to 44.83 E)")]
pub struct OutsideGrid;

/// A corner or code that names no cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCell {
    /// A corner that is not a multiple of the edge.
    #[error("a cell's corner must be a multiple of its edge")]
    Corner,
    /// A corner of more than seven digits.
    #[error("a cell's corner must lie below 10,000,000 m")]
    Range,
    /// Not of the form `CRS3035RES250mN3098500E4110250`.
    #[error("must look like CRS3035RES250mN3098500E4110250")]
    Code,
}

/// A cell of the INSPIRE grid ETRS89-LAEA (EPSG:3035), by its south-west corner: the only place of a station that is
/// stored or published.
///
/// Grid and codes: INSPIRE *Data Specification on Geographical Grid Systems*, annex II 2.2.1 of Commission Regulation
/// (EU) No 1089/2010; codes as Eurostat's population grids write them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GridCell {
    size: CellSize,
    northing_m: u32,
    easting_m: u32,
}

impl GridCell {
    /// Projected coordinates have at most seven digits. The inverse projection has a value everywhere below.
    const BOUND_M: u32 = 10_000_000;

    /// The cell a point lies in; an error outside EPSG:3035's area of use.
    pub fn containing(point: GeoPoint, size: CellSize) -> Result<Self, OutsideGrid> {
        let covered = (24.6..=84.73).contains(&point.latitude) && (-35.58..=44.83).contains(&point.longitude);
        if !covered {
            return Err(OutsideGrid);
        }
        let (northing, easting) = projection::forward(point.latitude, point.longitude).ok_or(OutsideGrid)?;
        let edge = size.metres();
        let corner = |coordinate: f64| {
            // Also refuses the negative: the area of use is a box in degrees whose corners reach beyond the grid.
            (0.0..f64::from(Self::BOUND_M)).contains(&coordinate).then(|| coordinate as u32 / edge * edge)
        };
        match (corner(northing), corner(easting)) {
            (Some(northing_m), Some(easting_m)) => Ok(Self { size, northing_m, easting_m }),
            _ => Err(OutsideGrid),
        }
    }

    /// The cell with this south-west corner, in metres.
    pub fn from_corner(size: CellSize, northing_m: u32, easting_m: u32) -> Result<Self, InvalidCell> {
        let edge = size.metres();
        if northing_m >= Self::BOUND_M || easting_m >= Self::BOUND_M {
            return Err(InvalidCell::Range);
        }
        if !northing_m.is_multiple_of(edge) || !easting_m.is_multiple_of(edge) {
            return Err(InvalidCell::Corner);
        }
        Ok(Self { size, northing_m, easting_m })
    }

    /// Length of its edge.
    pub const fn size(self) -> CellSize {
        self.size
    }

    /// Northing of its south-west corner, in metres.
    pub const fn northing_m(self) -> u32 {
        self.northing_m
    }

    /// Easting of its south-west corner, in metres.
    pub const fn easting_m(self) -> u32 {
        self.easting_m
    }

    /// The cell's code, e.g. `CRS3035RES250mN3098500E4110250`.
    pub fn code(self) -> String {
        self.to_string()
    }

    /// The point in its middle.
    pub fn centre(self) -> GeoPoint {
        let half = f64::from(self.size.metres()) / 2.0;
        let middle = (f64::from(self.northing_m) + half, f64::from(self.easting_m) + half);
        let (latitude, longitude) =
            projection::inverse(middle.0, middle.1).expect("every corner below the bound has an inverse");
        GeoPoint { latitude, longitude }
    }
}

impl fmt::Display for GridCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CRS3035RES{}mN{}E{}", self.size.metres(), self.northing_m, self.easting_m)
    }
}

impl FromStr for GridCell {
    type Err = InvalidCell;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let parts = code.strip_prefix("CRS3035RES").and_then(|rest| {
            let (size, corner) = rest.split_once("mN")?;
            let (northing, easting) = corner.split_once('E')?;
            Some((size.parse().ok()?, northing.parse().ok()?, easting.parse().ok()?))
        });
        let (size, northing_m, easting_m) = parts.ok_or(InvalidCell::Code)?;
        let size = CellSize::from_metres(size).map_err(|_| InvalidCell::Code)?;
        let cell = Self::from_corner(size, northing_m, easting_m)?;
        // Numbers can be written in other ways ("+5", "05"); a code in one.
        if cell.to_string() == code { Ok(cell) } else { Err(InvalidCell::Code) }
    }
}

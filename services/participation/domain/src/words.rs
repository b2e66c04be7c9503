use std::fmt;

/// How what people say reached the administration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// The portal.
    Web,
    /// Another program of the person's.
    App,
    /// A letter.
    Letter,
    /// A postcard.
    Postcard,
    /// Said at an event.
    Event,
    /// Said on the telephone.
    Phone,
}

impl Channel {
    /// All channels, in their order.
    pub const ALL: [Self; 6] = [Self::Web, Self::App, Self::Letter, Self::Postcard, Self::Event, Self::Phone];

    /// Whether the person wrote it into the platform themselves; else somebody of the administration entered it.
    pub const fn is_online(self) -> bool {
        matches!(self, Self::Web | Self::App)
    }
}

/// A place that is not on Earth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be degrees on Earth")]
pub struct InvalidPoint;

/// A place in thousandths of a degree, about 100 m: as exact as is stored of what a contribution is about.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CoarsePoint {
    latitude_milli: i32,
    longitude_milli: i32,
}

impl CoarsePoint {
    /// The nearest place in thousandths of a degree.
    pub fn nearest(latitude: f64, longitude: f64) -> Result<Self, InvalidPoint> {
        if !latitude.is_finite() || !longitude.is_finite() {
            return Err(InvalidPoint);
        }
        // A rounded value beyond the range saturates, and is refused below.
        Self::from_milli((latitude * 1e3).round() as i32, (longitude * 1e3).round() as i32)
    }

    /// Takes thousandths of a degree.
    pub const fn from_milli(latitude_milli: i32, longitude_milli: i32) -> Result<Self, InvalidPoint> {
        match (latitude_milli, longitude_milli) {
            (-90_000..=90_000, -180_000..=180_000) => Ok(Self { latitude_milli, longitude_milli }),
            _ => Err(InvalidPoint),
        }
    }

    /// Latitude and longitude in thousandths of a degree.
    pub const fn milli(self) -> (i32, i32) {
        (self.latitude_milli, self.longitude_milli)
    }

    /// Latitude and longitude in degrees.
    pub fn degrees(self) -> (f64, f64) {
        (f64::from(self.latitude_milli) / 1e3, f64::from(self.longitude_milli) / 1e3)
    }
}

impl fmt::Debug for CoarsePoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CoarsePoint({}, {})", self.latitude_milli, self.longitude_milli)
    }
}

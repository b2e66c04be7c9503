//! What quality control says of an observation. Flags label; they never drop a value.

use allmende_kernel::{Duration, Timestamp};

use crate::observations::{ManualFlag, Observation};
use crate::{ObservedProperty, SensorModel};

/// One thing that quality control can say of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Flag {
    /// Outside the range the sensor's maker states.
    OutOfRange = 1,
    /// The air was more humid than the sensor can bear.
    Humid = 2,
    /// No humidity was measured close enough in time.
    HumidityUnknown = 4,
    /// Marked by a person.
    Manual = 8,
}

impl Flag {
    /// Every flag.
    pub const ALL: [Self; 4] = [Self::OutOfRange, Self::Humid, Self::HumidityUnknown, Self::Manual];
}

/// A set of flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Flags(u8);

impl Flags {
    /// No flag.
    pub const NONE: Self = Self(0);

    /// This and one more.
    #[must_use]
    pub const fn with(self, flag: Flag) -> Self {
        Self(self.0 | flag as u8)
    }

    /// Whether the flag is set.
    pub const fn contains(self, flag: Flag) -> bool {
        self.0 & flag as u8 != 0
    }

    /// Whether none is.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The flags that are set.
    pub fn iter(self) -> impl Iterator<Item = Flag> {
        Flag::ALL.into_iter().filter(move |flag| self.contains(*flag))
    }
}

impl FromIterator<Flag> for Flags {
    fn from_iter<I: IntoIterator<Item = Flag>>(flags: I) -> Self {
        flags.into_iter().fold(Self::NONE, Self::with)
    }
}

/// Which observations a series or a mean is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selection {
    /// Every stored value.
    All,
    /// Values observed at a humidity known to be low enough; the same as [`Selection::All`] for properties that do not
    /// depend on humidity, as those never carry its flags.
    Dry,
    /// Values without any flag.
    Unflagged,
}

impl Selection {
    /// Every selection.
    pub const ALL: [Self; 3] = [Self::All, Self::Dry, Self::Unflagged];

    /// Whether a value with these flags belongs to it.
    pub const fn admits(self, flags: Flags) -> bool {
        match self {
            Self::All => true,
            Self::Dry => !flags.contains(Flag::Humid) && !flags.contains(Flag::HumidityUnknown),
            Self::Unflagged => flags.is_empty(),
        }
    }
}

/// The rules that make the flags: data with a version, so that a verdict can be traced and repeated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct QualityRules {
    /// Name of this version.
    pub id: &'static str,
    /// Relative humidity in percent above which a value that depends on it is humid; at it, it is not.
    pub humid_above_percent: f64,
    /// How far, in time, a humidity reading may be from the value it speaks for; that far included.
    pub pairing_within: Duration,
}

impl QualityRules {
    /// Version 1: humid above 70 %, paired within 150 s, which is one cycle of the airRohr firmware.
    ///
    /// 70 % is the highest working humidity in the SDS011's specification (Nova Fitness, V1.3); how it errs above is
    /// measured in Budde et al., *Potential and Limitations of the Low-Cost SDS011 Particle Sensor for Monitoring Urban
    /// Air Quality*, ProScience 5 (2018).
    pub const V1: Self = Self { id: "quality/1", humid_above_percent: 70.0, pairing_within: Duration::from_secs(150) };

    /// The flags of each observation of a series, in its order.
    ///
    /// A value that depends on humidity is paired with the humidity reading nearest in time, the earlier one of two
    /// equally near; of several at one moment the first in the slice counts.
    pub fn flags(&self, series: &Series<'_>) -> Vec<Flags> {
        let range = series.model.range_of(series.property);
        let mut humidity = Nearest { readings: series.humidity, next: 0 };
        let flags = series.observations.iter().map(|observation| {
            let mut flags = Flags::NONE;
            if range.is_some_and(|range| !range.contains(observation.result)) {
                flags = flags.with(Flag::OutOfRange);
            }
            if series.property.depends_on_humidity() {
                match humidity.to(observation.time, self.pairing_within) {
                    None => flags = flags.with(Flag::HumidityUnknown),
                    Some(percent) if percent > self.humid_above_percent => flags = flags.with(Flag::Humid),
                    Some(_) => {}
                }
            }
            if series.manual.iter().any(|flag| flag.covers(observation.time)) {
                flags = flags.with(Flag::Manual);
            }
            flags
        });
        flags.collect()
    }
}

/// Observations to be judged, with what there is to judge them by.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// The sensor that made them.
    pub model: &'a SensorModel,
    /// What they are of.
    pub property: ObservedProperty,
    /// Ascending in time.
    pub observations: &'a [Observation],
    /// Relative humidity in percent at the same station, ascending in time, from [`QualityRules::pairing_within`]
    /// before the first observation to as long after the last; see [`usable_humidity`]. Not looked at for properties
    /// that do not depend on it.
    pub humidity: &'a [Observation],
    /// What people marked, in any order.
    pub manual: &'a [ManualFlag],
}

/// The humidity readings of one or several sensors that may speak for other values, ascending in time: those within
/// the maker's range (or 0 to 100 %, if it states none) that nobody marked. A broken humidity sensor thus leaves
/// *unknown*, not *dry*.
pub fn usable_humidity<'a>(
    sensors: impl IntoIterator<Item = (&'a SensorModel, &'a [Observation], &'a [ManualFlag])>,
) -> Vec<Observation> {
    let mut usable = Vec::new();
    for (model, readings, manual) in sensors {
        let range =
            model.range_of(ObservedProperty::RelativeHumidity).unwrap_or(crate::MakerRange { min: 0.0, max: 100.0 });
        let fits = |reading: &&Observation| {
            range.contains(reading.result) && !manual.iter().any(|flag| flag.covers(reading.time))
        };
        usable.extend(readings.iter().filter(fits).copied());
    }
    // Stable: of several at one moment the first sensor's comes first. One sensor's readings are sorted already.
    usable.sort_by_key(|reading| reading.time);
    usable
}

/// Walks ascending readings once for ascending moments.
struct Nearest<'a> {
    readings: &'a [Observation],
    /// The first reading not before the last moment asked for.
    next: usize,
}

impl Nearest<'_> {
    fn to(&mut self, moment: Timestamp, within: Duration) -> Option<f64> {
        self.next += self.readings[self.next..].iter().take_while(|reading| reading.time < moment).count();
        let after = self.readings.get(self.next);
        let passed = self.readings[..self.next].iter().rev();
        let before =
            self.readings[..self.next].last().and_then(|last| passed.take_while(|r| r.time == last.time).last());
        let nearest = match (before, after) {
            (Some(before), Some(after)) if moment.since(before.time) <= after.time.since(moment) => Some(before),
            (_, Some(after)) => Some(after),
            (before, None) => before,
        }?;
        let gap = nearest.time.since(moment).max(moment.since(nearest.time));
        (gap <= within).then_some(nearest.result)
    }
}

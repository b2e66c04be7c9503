use allmende_telemetry_domain::means::HourMean;
use allmende_telemetry_domain::quality::Selection;
use allmende_telemetry_domain::{AirQualityDay, Hour};

const HOURS: usize = 24;
const SELECTIONS: usize = Selection::ALL.len();
/// Set in the mask of a selection whose hours are those of all observations: all of them, for most properties.
const SAME_AS_ALL: u32 = 1 << 31;

/// Means of a day's hours for each selection. What makes an hour valid is asked when it is read: it depends on rules.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct DayHours([[Option<HourValue>; HOURS]; SELECTIONS]);

/// The mean of at least one reading.
#[derive(Debug, Clone, Copy, PartialEq)]
struct HourValue {
    count: u32,
    mean: f64,
}

impl DayHours {
    /// Replaces what is known of an hour; `None` if nothing of the selection was observed in it.
    pub(super) fn set(&mut self, selection: Selection, hour: Hour, mean: Option<&HourMean>) {
        let value = mean.and_then(|mean| Some(HourValue { count: mean.count, mean: mean.mean? }));
        self.0[selection as usize][usize::from(hour.of_day())] = value;
    }

    /// Means of the hours in which something of the selection was observed, in order.
    pub(super) fn means(&self, day: AirQualityDay, selection: Selection, required: u32) -> Vec<HourMean> {
        let hours = day.hours().zip(&self.0[selection as usize]);
        let mean = |(period, value): (Hour, &Option<HourValue>)| {
            value.map(|HourValue { count, mean }| HourMean { period, mean: Some(mean), count, required })
        };
        hours.filter_map(mean).collect()
    }

    /// For each selection a mask of its hours, and counts and means of those in it.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SELECTIONS * (4 + HOURS * 12));
        for (index, hours) in self.0.iter().enumerate() {
            if index > 0 && hours == &self.0[0] {
                bytes.extend_from_slice(&SAME_AS_ALL.to_be_bytes());
                continue;
            }
            let mask = hours.iter().rev().fold(0u32, |mask, hour| mask << 1 | u32::from(hour.is_some()));
            bytes.extend_from_slice(&mask.to_be_bytes());
            for HourValue { count, mean } in hours.iter().flatten() {
                bytes.extend_from_slice(&count.to_be_bytes());
                bytes.extend_from_slice(&mean.to_be_bytes());
            }
        }
        bytes
    }

    pub(super) fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        let mut day = Self::default();
        for index in 0..SELECTIONS {
            let mask = u32::from_be_bytes(take(&mut bytes)?);
            if mask == SAME_AS_ALL {
                day.0[index] = day.0[0];
                continue;
            }
            for hour in (0..HOURS).filter(|hour| mask >> hour & 1 == 1) {
                let count = u32::from_be_bytes(take(&mut bytes)?);
                let mean = f64::from_be_bytes(take(&mut bytes)?);
                day.0[index][hour] = Some(HourValue { count, mean });
            }
        }
        bytes.is_empty().then_some(day)
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_as_it_was_written() {
        let day = AirQualityDay::from_date(2018, 7, 28).unwrap();
        let mut hours = DayHours::default();
        assert_eq!(DayHours::from_bytes(&hours.to_bytes()), Some(hours.clone()));
        for (count, hour) in (1..).zip(day.hours().filter(|hour| hour.of_day() % 5 != 1)) {
            let mean = HourMean { period: hour, mean: Some(f64::from(count) / 3.0), count, required: 18 };
            hours.set(Selection::All, hour, Some(&mean));
            hours.set(Selection::Unflagged, hour, Some(&mean));
            if hour.of_day() > 12 {
                hours.set(Selection::Dry, hour, Some(&mean));
            }
        }
        let bytes = hours.to_bytes();
        let read = DayHours::from_bytes(&bytes).unwrap();
        assert_eq!(read, hours);
        assert_eq!(read.means(day, Selection::All, 18), read.means(day, Selection::Unflagged, 18));
        assert_eq!(read.means(day, Selection::All, 18).len(), 19);
        assert_eq!(read.means(day, Selection::Dry, 18)[0].period.of_day(), 13);
        assert_eq!(DayHours::from_bytes(&bytes[..bytes.len() - 1]), None);
        assert_eq!(DayHours::from_bytes(&[&bytes[..], &[0]].concat()), None);
    }

    #[test]
    fn an_hour_that_lost_its_readings_is_empty_again() {
        let day = AirQualityDay::from_date(2018, 7, 28).unwrap();
        let hour = Hour::new(day, 3).unwrap();
        let mut hours = DayHours::default();
        hours.set(Selection::Dry, hour, Some(&HourMean { period: hour, mean: Some(1.0), count: 1, required: 1 }));
        hours.set(Selection::Dry, hour, None);
        assert_eq!(hours, DayHours::default());
    }
}

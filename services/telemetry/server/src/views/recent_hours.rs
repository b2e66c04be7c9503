use std::num::NonZeroUsize;
use std::sync::Arc;

use allmende_telemetry_domain::Hour;
use allmende_telemetry_domain::observations::Observation;
use allmende_views::ViewError;
use lru::LruCache;
use parking_lot::Mutex;

use super::keys::SeriesKey;

/// Hours that are kept, however few readings they have.
const MOST_HOURS: NonZeroUsize = NonZeroUsize::new(4_096).unwrap();

/// The readings of the hours that were computed last: a box that sends a reading a minute has its hour computed sixty
/// times, and its readings stand in as many blocks.
///
/// An hour that is here holds all of its readings up to the batch that is being folded: [`add`](Self::add) is told
/// every block before anything is computed from it.
pub(super) struct RecentHours {
    max_bytes: usize,
    kept: Mutex<Kept>,
}

struct Kept {
    hours: LruCache<(SeriesKey, Hour), Arc<Vec<Observation>>>,
    bytes: usize,
}

impl RecentHours {
    /// Keeps readings of about `max_bytes`.
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { max_bytes, kept: Mutex::new(Kept { hours: LruCache::new(MOST_HOURS), bytes: 0 }) }
    }

    /// Adds a block, ascending in time, to the hours that are here. A reading that is here already changes nothing.
    pub(super) fn add(&self, series: &SeriesKey, block: &[Observation]) {
        let mut kept = self.kept.lock();
        let Kept { hours, bytes } = &mut *kept;
        if hours.is_empty() {
            return;
        }
        for readings in block.chunk_by(|a, b| Hour::of(a.time) == Hour::of(b.time)) {
            let Some(hour) = hours.get_mut(&(series.clone(), Hour::of(readings[0].time))) else { continue };
            *bytes -= size(hour);
            merge(Arc::make_mut(hour), readings);
            *bytes += size(hour);
        }
        kept.trim(self.max_bytes);
    }

    /// The readings of an hour, ascending in time.
    pub(super) fn readings(
        &self,
        series: &SeriesKey,
        hour: Hour,
        load: impl FnOnce() -> Result<Vec<Observation>, ViewError>,
    ) -> Result<Arc<Vec<Observation>>, ViewError> {
        let key = (series.clone(), hour);
        if let Some(readings) = self.kept.lock().hours.get(&key) {
            return Ok(Arc::clone(readings));
        }
        let readings = Arc::new(load()?);
        let mut kept = self.kept.lock();
        kept.bytes += size(&readings);
        if let Some((_, gone)) = kept.hours.push(key, Arc::clone(&readings)) {
            kept.bytes -= size(&gone);
        }
        kept.trim(self.max_bytes);
        Ok(readings)
    }

    /// Forgets everything: after a batch that failed, and is folded again.
    pub(super) fn clear(&self) {
        let mut kept = self.kept.lock();
        kept.hours.clear();
        kept.bytes = 0;
    }
}

impl Kept {
    fn trim(&mut self, max_bytes: usize) {
        while self.bytes > max_bytes
            && let Some((_, gone)) = self.hours.pop_lru()
        {
            self.bytes -= size(&gone);
        }
    }
}

fn size(readings: &[Observation]) -> usize {
    size_of_val(readings)
}

fn merge(hour: &mut Vec<Observation>, readings: &[Observation]) {
    for reading in readings {
        // Mostly they come in order.
        if hour.last().is_none_or(|last| last.time < reading.time) {
            hour.push(*reading);
        } else if let Err(at) = hour.binary_search_by_key(&reading.time, |known| known.time) {
            hour.insert(at, *reading);
        }
    }
}

#[cfg(test)]
mod tests {
    use allmende_kernel::{Duration, Timestamp};
    use allmende_telemetry_domain::{AirQualityDay, DatastreamId, StationId};

    use super::super::keys::StationKey;
    use super::*;

    fn start() -> Timestamp {
        AirQualityDay::from_date(2018, 7, 28).unwrap().start()
    }

    fn reading(minute: i64) -> Observation {
        Observation { time: start() + Duration::from_secs(60 * minute), result: minute as f64 }
    }

    fn series(number: u8) -> SeriesKey {
        StationKey::new("koeln", StationId::from_bytes([1; 16])).series(DatastreamId::from_bytes([number; 16]))
    }

    fn never() -> Result<Vec<Observation>, ViewError> {
        panic!("the hour is kept")
    }

    #[test]
    fn an_hour_has_what_was_added_since_it_was_loaded_in_order_of_time() {
        let (recent, hour) = (RecentHours::new(1 << 20), Hour::of(start()));
        recent.add(&series(1), &[reading(1)]);
        recent.readings(&series(1), hour, || Ok(vec![reading(1), reading(9)])).unwrap();
        // Late, known already, of the next hour, and of another series.
        recent.add(&series(1), &[reading(5), reading(9), reading(30), reading(61)]);
        recent.add(&series(2), &[reading(7)]);
        let readings = recent.readings(&series(1), hour, never).unwrap();
        assert_eq!(*readings, [1, 5, 9, 30].map(reading));
        recent.clear();
        let readings = recent.readings(&series(1), hour, || Ok(Vec::new())).unwrap();
        assert!(readings.is_empty());
    }

    #[test]
    fn memory_is_bounded() {
        let recent = RecentHours::new(1_000);
        for number in 0..100 {
            let load = || Ok((0..10).map(reading).collect());
            recent.readings(&series(number), Hour::of(start()), load).unwrap();
            recent.add(&series(number), &[reading(20 + i64::from(number) % 30)]);
        }
        let kept = recent.kept.lock();
        let held: usize = kept.hours.iter().map(|(_, readings)| size(readings)).sum();
        assert!(kept.bytes == held && held <= 1_000, "{held}");
        assert!(!kept.hours.is_empty());
    }
}

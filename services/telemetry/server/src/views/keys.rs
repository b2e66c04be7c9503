//! Keys in the order in which rows are read: tenant, station, datastream, then time or place, all big-endian.

use allmende_kernel::{Position, Timestamp};
use allmende_telemetry_domain::{AirQualityDay, DatastreamId, StationId};
use allmende_views::Table;

/// Station → its record.
pub(super) const STATIONS: Table = Table::new(1);
/// Series, span, first time, place → last time: where blocks of observations stand in the log.
pub(super) const BLOCKS: Table = Table::new(2);
/// Series, day → means of the day's hours.
pub(super) const HOURS: Table = Table::new(3);
/// Series → time of its latest observation.
pub(super) const LATEST: Table = Table::new(4);
/// Series, place → conflict.
pub(super) const CONFLICTS: Table = Table::new(5);
/// Series, day, place → a person's flag.
pub(super) const FLAGS: Table = Table::new(6);

/// Where an event stands: its commit, and its number in it. What sorts by it sorts by arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) position: Position,
    pub(super) ordinal: u32,
}

impl Place {
    pub(super) const LENGTH: usize = 16;

    pub(super) fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..8].copy_from_slice(&self.position.group.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.position.index.to_be_bytes());
        bytes[12..].copy_from_slice(&self.ordinal.to_be_bytes());
        bytes
    }

    /// The place at the end of a key.
    pub(super) fn at_end(key: &[u8]) -> Option<Self> {
        let (_, bytes) = key.split_last_chunk::<{ Self::LENGTH }>()?;
        let (group, rest) = bytes.split_first_chunk()?;
        let (index, rest) = rest.split_first_chunk()?;
        let (ordinal, _) = rest.split_first_chunk()?;
        let position = Position::new(u64::from_be_bytes(*group), u32::from_be_bytes(*index));
        Some(Self { position, ordinal: u32::from_be_bytes(*ordinal) })
    }
}

/// What a tenant's keys begin with. The zero byte, which no name holds, keeps `koeln` and `koeln-mitte` apart.
pub(super) fn tenant_prefix(tenant: &str) -> Vec<u8> {
    [tenant.as_bytes(), &[0]].concat()
}

/// What a station's keys begin with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StationKey(Vec<u8>);

impl StationKey {
    pub(super) fn new(tenant: &str, station: StationId) -> Self {
        Self([&tenant_prefix(tenant), station.as_bytes().as_slice()].concat())
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn series(&self, datastream: DatastreamId) -> SeriesKey {
        SeriesKey([&self.0, datastream.as_bytes().as_slice()].concat())
    }

    /// The station's id at the end of a key.
    pub(super) fn station_at_end(key: &[u8]) -> Option<StationId> {
        key.split_last_chunk().map(|(_, id)| StationId::from_bytes(*id))
    }
}

/// What the keys of a series, which is a station's datastream, begin with.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct SeriesKey(Vec<u8>);

impl SeriesKey {
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn with(&self, rest: &[u8]) -> Vec<u8> {
        [&self.0, rest].concat()
    }

    pub(super) fn day(&self, day: AirQualityDay) -> Vec<u8> {
        self.with(&day_bytes(day))
    }

    pub(super) fn day_and_place(&self, day: AirQualityDay, place: Place) -> Vec<u8> {
        [self.0.as_slice(), &day_bytes(day), &place.to_bytes()].concat()
    }

    pub(super) fn block(&self, span: Span, first: Timestamp, place: Place) -> Vec<u8> {
        [self.0.as_slice(), &[span as u8], &time_bytes(first), &place.to_bytes()].concat()
    }

    pub(super) fn blocks_from(&self, span: Span, first: Timestamp) -> Vec<u8> {
        [self.0.as_slice(), &[span as u8], &time_bytes(first)].concat()
    }

    pub(super) fn blocks(&self, span: Span) -> Vec<u8> {
        self.with(&[span as u8])
    }
}

/// How far a block may reach. Boxes send single readings, imports whole days; kept apart, an hour's readings are found
/// without looking at all blocks of its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Span {
    /// Within one hour.
    Hour = 0,
    /// Within one day, like every block.
    Day = 1,
}

impl Span {
    pub(super) const ALL: [Self; 2] = [Self::Hour, Self::Day];
}

/// Sorts like the time, also before 1970.
pub(super) fn time_bytes(time: Timestamp) -> [u8; 8] {
    (time.as_micros() ^ i64::MIN).to_be_bytes()
}

pub(super) fn time_of(bytes: [u8; 8]) -> Timestamp {
    Timestamp::from_micros(i64::from_be_bytes(bytes) ^ i64::MIN)
}

fn day_bytes(day: AirQualityDay) -> [u8; 4] {
    (day.as_epoch_days() ^ i32::MIN).to_be_bytes()
}

/// The day at the end of a key.
pub(super) fn day_at_end(key: &[u8]) -> Option<AirQualityDay> {
    let (_, bytes) = key.split_last_chunk()?;
    Some(AirQualityDay::from_epoch_days(i32::from_be_bytes(*bytes) ^ i32::MIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_days_sort_as_they_follow_each_other() {
        let times = [i64::MIN, -1, 0, 1, i64::MAX].map(Timestamp::from_micros);
        assert!(times.windows(2).all(|pair| time_bytes(pair[0]) < time_bytes(pair[1])));
        assert!(times.iter().all(|time| time_of(time_bytes(*time)) == *time));
        let days = [-700, -1, 0, 17_740].map(AirQualityDay::from_epoch_days);
        assert!(days.windows(2).all(|pair| day_bytes(pair[0]) < day_bytes(pair[1])));
        assert!(days.iter().all(|day| day_at_end(&day_bytes(*day)) == Some(*day)));
    }

    #[test]
    fn a_tenant_is_no_prefix_of_another() {
        let (short, long) = (tenant_prefix("koeln"), tenant_prefix("koeln-mitte"));
        assert!(!long.starts_with(&short));
    }

    #[test]
    fn a_place_is_found_at_the_end_of_its_key() {
        let place = Place { position: Position::new(1 << 40, 7), ordinal: 3 };
        let series = StationKey::new("koeln", StationId::from_bytes([1; 16])).series(DatastreamId::from_bytes([2; 16]));
        let key = series.block(Span::Day, Timestamp::from_secs(-5), place);
        assert_eq!(Place::at_end(&key), Some(place));
        assert!(key.starts_with(&series.blocks_from(Span::Day, Timestamp::from_secs(-5))));
        assert_eq!(Place::at_end(b"short"), None);
    }
}

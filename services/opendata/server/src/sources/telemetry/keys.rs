use allmende_kernel::Position;
use allmende_opendata_domain::Month;
use allmende_views::Table;
use uuid::Uuid;

use crate::sources::changes::{position_bytes, split_position};

/// Station → its events, one behind the other.
pub(super) const STATIONS: Table = Table::new(3);
/// Station, month, datastream, day, place → nothing: where blocks of observations stand in the log.
pub(super) const BLOCKS: Table = Table::new(4);
/// Station, month, datastream, day, place → a person's flag, as it is stored.
pub(super) const FLAGS: Table = Table::new(5);

/// Where an event stands: its commit, and its number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) position: Position,
    pub(super) ordinal: u32,
}

/// A day of a datastream, as keys say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DatastreamDay {
    pub(super) datastream: Uuid,
    /// 1 to 31.
    pub(super) day: u8,
}

pub(super) fn station(tenant: &str, station: Uuid) -> Vec<u8> {
    [tenant.as_bytes(), &[0], station.as_bytes()].concat()
}

pub(super) fn month(tenant: &str, of: Uuid, month: Month) -> Vec<u8> {
    [station(tenant, of).as_slice(), &month.number().to_be_bytes()].concat()
}

pub(super) fn day(month: &[u8], DatastreamDay { datastream, day }: DatastreamDay) -> Vec<u8> {
    [month, datastream.as_bytes(), &[day]].concat()
}

pub(super) fn placed(day: &[u8], place: Place) -> Vec<u8> {
    [day, &position_bytes(place.position), &place.ordinal.to_be_bytes()].concat()
}

/// Day and place behind a month's key.
pub(super) fn split(rest: &[u8]) -> Option<(DatastreamDay, Place)> {
    let (datastream, rest) = rest.split_first_chunk()?;
    let (day, rest) = rest.split_first()?;
    let (position, ordinal) = split_position(rest)?;
    let ordinal = u32::from_be_bytes(ordinal.try_into().ok()?);
    Some((DatastreamDay { datastream: Uuid::from_bytes(*datastream), day: *day }, Place { position, ordinal }))
}

/// Station, datastream and day of a stream's id, `{station}.{datastream}.{2018-07-28}`.
pub(super) fn parse_stream_id(id: &str) -> Option<(Uuid, Month, DatastreamDay)> {
    let mut parts = id.splitn(3, '.');
    let station = Uuid::try_parse(parts.next()?).ok()?;
    let datastream = Uuid::try_parse(parts.next()?).ok()?;
    let (month, day) = parts.next()?.rsplit_once('-')?;
    let (month, day) = (Month::parse(month)?, day.parse().ok()?);
    Some((station, month, DatastreamDay { datastream, day }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blocks_key_is_read_as_it_was_written() {
        let (id, july) = (Uuid::from_bytes([0; 16]), Month::new(2018, 7).unwrap());
        let place = Place { position: Position::new(7, 2), ordinal: 9 };
        let at = DatastreamDay { datastream: id, day: 28 };
        let month = month("koeln", id, july);
        let key = placed(&day(&month, at), place);
        assert_eq!(split(&key[month.len()..]), Some((at, place)));
        let id = format!("{id}.{id}.2018-07-28");
        assert_eq!(parse_stream_id(&id), Some((Uuid::from_bytes([0; 16]), july, at)));
        assert_eq!(parse_stream_id("x.y.2018-07-28"), None);
    }
}

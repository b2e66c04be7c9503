//! Where the events of a stream lie, and the compact form of such lists in the index.

/// A run of a stream's events in one commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) first_revision: u64,
    pub(crate) count: u32,
    pub(crate) group: u64,
    pub(crate) commit: u32,
    /// Offset of the group's frame in its segment.
    pub(crate) offset: u32,
}

impl Place {
    pub(crate) fn last_revision(&self) -> u64 {
        self.first_revision + u64::from(self.count) - 1
    }
}

fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn get(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// First revision and group, then for each place: count, distance in groups, commit, offset. A place of the same group
/// as the one before repeats neither.
pub(crate) fn encode_places(places: &[Place], out: &mut Vec<u8>) {
    let Some(first) = places.first() else { return };
    put(out, first.first_revision);
    put(out, first.group);
    let mut group = first.group;
    for place in places {
        put(out, place.count.into());
        put(out, place.group - group);
        put(out, place.commit.into());
        put(out, place.offset.into());
        group = place.group;
    }
}

/// `None` for bytes that are no list.
pub(crate) fn decode_places(mut bytes: &[u8]) -> Option<Vec<Place>> {
    let mut places = Vec::new();
    if bytes.is_empty() {
        return Some(places);
    }
    let mut first_revision = get(&mut bytes)?;
    let mut group = get(&mut bytes)?;
    while !bytes.is_empty() {
        let count = u32::try_from(get(&mut bytes)?).ok()?;
        group = group.checked_add(get(&mut bytes)?)?;
        let commit = u32::try_from(get(&mut bytes)?).ok()?;
        let offset = u32::try_from(get(&mut bytes)?).ok()?;
        places.push(Place { first_revision, count, group, commit, offset });
        first_revision += u64::from(count);
    }
    Some(places)
}

/// Ascending numbers as distances.
pub(crate) fn encode_numbers(numbers: &[u64], out: &mut Vec<u8>) {
    let mut before = 0;
    for number in numbers {
        put(out, number - before);
        before = *number;
    }
}

/// `None` for bytes that are no list.
pub(crate) fn decode_numbers(mut bytes: &[u8]) -> Option<Vec<u64>> {
    let mut numbers = Vec::new();
    let mut number = 0u64;
    while !bytes.is_empty() {
        number = number.checked_add(get(&mut bytes)?)?;
        numbers.push(number);
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_come_back_as_they_went() {
        let places = [
            Place { first_revision: 5, count: 2, group: 900, commit: 0, offset: 128 },
            Place { first_revision: 7, count: 1, group: 900, commit: 3, offset: 128 },
            Place { first_revision: 8, count: 300, group: 70_000, commit: 1, offset: 1 << 26 },
        ];
        let mut bytes = Vec::new();
        encode_places(&places, &mut bytes);
        assert_eq!(decode_places(&bytes).unwrap(), places);
        for cut in 1..bytes.len() {
            assert!(decode_places(&bytes[..cut]).is_none_or(|list| list.len() < places.len()));
        }
        let mut bytes = Vec::new();
        encode_numbers(&[3, 4, 900], &mut bytes);
        assert_eq!(decode_numbers(&bytes).unwrap(), [3, 4, 900]);
    }
}

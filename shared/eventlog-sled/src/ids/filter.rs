//! A filter in lines: tells of most ids that are not there that they are not, with one read of 64 bytes.
//!
//! A blocked Bloom filter (Putze, Sanders, Singler: Cache-, Hash- and Space-Efficient Bloom Filters, 2007): all bits of
//! an id lie in one line. At ten bits an id about one in a hundred is taken for one that may be there.

use super::format::{CRC, Checksums, Id, LINE};

/// Bits of a line that its checksum leaves.
const BITS: u64 = ((LINE - CRC) * 8) as u64;
const BITS_EACH: usize = 10;
const PROBES: u32 = 6;

/// Lines for so many ids.
pub(super) fn lines_for(ids: usize) -> usize {
    (ids * BITS_EACH).div_ceil(BITS as usize).max(1)
}

/// Stored with the files: may not change. Two finalisers of MurmurHash3, as ids of one client differ in a few bits.
fn hash(id: &Id) -> (u64, u64) {
    let mix = |mut value: u64| {
        value = (value ^ (value >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
        value = (value ^ (value >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
        value ^ (value >> 33)
    };
    let (high, low) = id.split_at(8);
    let word = |bytes: &[u8]| bytes.iter().fold(0u64, |word, byte| (word << 8) | u64::from(*byte));
    let line = mix(word(low).wrapping_add(mix(word(high))));
    (line, mix(line ^ 0x9e37_79b9_7f4a_7c15))
}

/// The line that tells of an id, and its bits in there.
pub(super) fn place(id: &Id, lines: usize) -> (usize, impl Iterator<Item = (usize, u8)>) {
    let (line, bits) = hash(id);
    let line = ((u128::from(line) * lines as u128) >> 64) as usize;
    let probes = (0..PROBES).map(move |probe| {
        // Ten bits of the hash for each.
        let bit = (((bits >> (10 * probe)) & 0x3ff) * BITS) >> 10;
        ((bit / 8) as usize, 1u8 << (bit % 8))
    });
    (line, probes)
}

/// Whether a line's content allows that the id is there.
pub(super) fn may_hold(content: &[u8], mut probes: impl Iterator<Item = (usize, u8)>) -> bool {
    probes.all(|(byte, bit)| content[byte] & bit != 0)
}

/// A filter that is being made.
pub(super) struct Filter(Vec<u8>);

impl Filter {
    /// For at most so many ids.
    pub(super) fn for_ids(most: usize) -> Self {
        Self(vec![0; lines_for(most) * LINE])
    }

    pub(super) fn lines(&self) -> usize {
        self.0.len() / LINE
    }

    pub(super) fn add(&mut self, id: &Id) {
        let (line, probes) = place(id, self.lines());
        for (byte, bit) in probes {
            self.0[line * LINE + byte] |= bit;
        }
    }

    /// The lines as they are stored, the first one at `place`.
    pub(super) fn finish(mut self, checksums: Checksums, place: usize) -> Vec<u8> {
        for (number, line) in self.0.chunks_mut(LINE).enumerate() {
            let (content, crc) = line.split_at_mut(LINE - CRC);
            crc.copy_from_slice(&checksums.at(place + number, content).to_le_bytes());
        }
        self.0
    }
}

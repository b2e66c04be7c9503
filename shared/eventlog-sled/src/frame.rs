//! A frame: what a group or a seal is wrapped in, so that damage is found and named.
//!
//! ```text
//! 0   magic            "ALGR" a group, "ALSE" a seal
//! 4   payload length   u32, little-endian as all
//! 8   group number     u64
//! 16  payload CRC-32
//! 20  header CRC-32    over the 20 bytes before
//! 24  payload, then zeros up to a multiple of 8
//! ```
//!
//! The header has a checksum of its own: with a damaged payload the next frame is still found by the length.

pub(crate) const HEADER: usize = 24;
const GROUP: [u8; 4] = *b"ALGR";
const SEAL: [u8; 4] = *b"ALSE";
/// Frames start at multiples of this, which makes the search for the next one after damage cheap.
pub(crate) const ALIGN: usize = 8;
/// Longer payloads are not written.
pub(crate) const MAX_PAYLOAD: usize = 16 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Group,
    Seal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) kind: Kind,
    pub(crate) len: usize,
    pub(crate) number: u64,
    crc: u32,
}

impl Header {
    /// Length of the whole frame.
    pub(crate) fn frame_len(&self) -> usize {
        frame_len(self.len)
    }

    pub(crate) fn fits(&self, payload: &[u8]) -> bool {
        payload.len() == self.len && crc32fast::hash(payload) == self.crc
    }

    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let header = bytes.first_chunk::<HEADER>()?;
        let u32_at = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let kind = match header[..4].try_into() {
            Ok(GROUP) => Kind::Group,
            Ok(SEAL) => Kind::Seal,
            _ => return None,
        };
        let len = u32_at(4) as usize;
        let intact = u32_at(20) == crc32fast::hash(&header[..20]) && len <= MAX_PAYLOAD;
        let number = u64::from(u32_at(8)) | u64::from(u32_at(12)) << 32;
        intact.then_some(Self { kind, len, number, crc: u32_at(16) })
    }
}

pub(crate) fn frame_len(payload: usize) -> usize {
    (HEADER + payload).next_multiple_of(ALIGN)
}

/// Reserves a frame's header at the end of `out`; write the payload behind it and call [`finish`].
pub(crate) fn begin(out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.resize(start + HEADER, 0);
    start
}

/// Completes the frame that begins at `start`.
pub(crate) fn finish(out: &mut Vec<u8>, start: usize, kind: Kind, number: u64) {
    let payload = &out[start + HEADER..];
    let (len, crc) = (payload.len(), crc32fast::hash(payload));
    let header = &mut out[start..start + HEADER];
    header[..4].copy_from_slice(match kind {
        Kind::Group => &GROUP,
        Kind::Seal => &SEAL,
    });
    header[4..8].copy_from_slice(&(len as u32).to_le_bytes());
    header[8..16].copy_from_slice(&number.to_le_bytes());
    header[16..20].copy_from_slice(&crc.to_le_bytes());
    let header_crc = crc32fast::hash(&header[..20]);
    header[20..24].copy_from_slice(&header_crc.to_le_bytes());
    out.resize(start + frame_len(len), 0);
}

/// Offset of the next intact group frame in `bytes` at or after `from` whose number is above `above`.
pub(crate) fn find_next(bytes: &[u8], from: usize, above: u64) -> Option<(usize, Header)> {
    let mut at = from.next_multiple_of(ALIGN);
    while at + HEADER <= bytes.len() {
        if bytes[at] == GROUP[0]
            && let Some(header) = Header::parse(&bytes[at..])
            && header.kind == Kind::Group
            && header.number > above
            && bytes.get(at + HEADER..at + HEADER + header.len).is_some_and(|payload| header.fits(payload))
        {
            return Some((at, header));
        }
        at += ALIGN;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(number: u64, payload: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let start = begin(&mut out);
        out.extend_from_slice(payload);
        finish(&mut out, start, Kind::Group, number);
        out
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let good = framed(7, b"payload of eleven");
        let header = Header::parse(&good).unwrap();
        assert_eq!((header.number, header.len), (7, 17));
        assert!(header.fits(&good[HEADER..HEADER + header.len]));
        for bit in 0..(HEADER + header.len) * 8 {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            let intact =
                Header::parse(&bad).is_some_and(|h| bad.get(HEADER..HEADER + h.len).is_some_and(|p| h.fits(p)));
            assert!(!intact, "bit {bit}");
        }
    }

    #[test]
    fn the_next_frame_is_found_behind_damage() {
        let mut bytes = framed(1, b"one");
        let second = bytes.len();
        bytes.extend(framed(2, b"two"));
        bytes[5] ^= 1;
        assert_eq!(find_next(&bytes, 0, 1).map(|(at, header)| (at, header.number)), Some((second, 2)));
        assert_eq!(find_next(&bytes, 0, 2), None);
    }
}

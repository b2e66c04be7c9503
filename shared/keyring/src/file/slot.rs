//! A slot: one key, or the trace of one.
//!
//! ```text
//! 0    state: 1 a key, 2 erased, 3 lost; 4 bytes, little-endian
//! 4    generation of the master key that wraps it
//! 8    name                32 bytes
//! 40   nonce               24 bytes
//! 64   wrapped key         32 bytes and the tag's 16; of an erased one zeros
//! 112  zeros
//! 124  CRC-32 over the bytes before
//! ```
//!
//! A free slot is all zeros. A slot lies within one sector of 512 bytes, which drives write whole or not at all.

use crate::file::name::Name;

pub(crate) const SLOT_BYTES: usize = 128;
const CRC: usize = 124;

pub(crate) type SlotBytes = [u8; SLOT_BYTES];

/// A key as it is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrapped {
    pub(crate) generation: u32,
    pub(crate) nonce: [u8; 24],
    pub(crate) secret: [u8; 48],
}

/// What a slot holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Slot {
    Free,
    Key(Name, Wrapped),
    Erased(Name),
    /// What was in it is unknown; it was damaged and wiped.
    Lost,
}

impl Slot {
    pub(crate) fn encode(&self) -> SlotBytes {
        let mut bytes = [0; SLOT_BYTES];
        let (state, name) = match self {
            Self::Free => return bytes,
            Self::Key(name, wrapped) => {
                bytes[4..8].copy_from_slice(&wrapped.generation.to_le_bytes());
                bytes[40..64].copy_from_slice(&wrapped.nonce);
                bytes[64..112].copy_from_slice(&wrapped.secret);
                (1u32, name.0)
            }
            Self::Erased(name) => (2, name.0),
            Self::Lost => (3, [0; 32]),
        };
        bytes[..4].copy_from_slice(&state.to_le_bytes());
        bytes[8..40].copy_from_slice(&name);
        let crc = crc32fast::hash(&bytes[..CRC]);
        bytes[CRC..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// Nothing if the slot is damaged.
    pub(crate) fn parse(bytes: &SlotBytes) -> Option<Self> {
        if bytes.iter().all(|byte| *byte == 0) {
            return Some(Self::Free);
        }
        if bytes[CRC..] != crc32fast::hash(&bytes[..CRC]).to_le_bytes() {
            return None;
        }
        let name = Name(*bytes[8..].first_chunk()?);
        match u32::from_le_bytes(*bytes.first_chunk()?) {
            1 => Some(Self::Key(
                name,
                Wrapped {
                    generation: u32::from_le_bytes(*bytes[4..].first_chunk()?),
                    nonce: *bytes[40..].first_chunk()?,
                    secret: *bytes[64..].first_chunk()?,
                },
            )),
            2 => Some(Self::Erased(name)),
            3 => Some(Self::Lost),
            _ => None,
        }
    }

    pub(crate) fn name(&self) -> Option<&Name> {
        match self {
            Self::Key(name, _) | Self::Erased(name) => Some(name),
            Self::Free | Self::Lost => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_read_as_written_and_any_change_is_noticed() {
        let wrapped = Wrapped { generation: 7, nonce: [1; 24], secret: [2; 48] };
        for slot in [Slot::Free, Slot::Key(Name([3; 32]), wrapped), Slot::Erased(Name([4; 32])), Slot::Lost] {
            let bytes = slot.encode();
            assert_eq!(Slot::parse(&bytes), Some(slot.clone()));
            for at in 0..SLOT_BYTES {
                let mut changed = bytes;
                changed[at] ^= 0x10;
                assert_eq!(Slot::parse(&changed), None, "{slot:?} at {at}");
            }
        }
    }
}

//! Views' databases, from their files: also rows that were deleted or overwritten and not compacted away yet, which no
//! query gives.

use memchr::memmem;

use super::Layer;

/// Magic, type, checksum, then both lengths and the header's own checksum (lsm-tree 3, `table/block/header.rs`).
const BLOCK_MAGIC: &[u8] = b"LSM\x03";
const BLOCK_LENGTHS: usize = 4 + 1 + 16;
const BLOCK_DATA: usize = BLOCK_LENGTHS + 4 + 4 + 4;

/// Tag, type of value and compression, then keyspace, lengths of key, value and compressed value, key, compressed value
/// (fjall 3, `journal/entry.rs`).
const ITEM: u8 = 2;
const LZ4: u8 = 1;
const ITEM_LENGTHS: usize = 3 + 8;
const ITEM_KEY: usize = ITEM_LENGTHS + 2 + 4 + 4;

/// Longer ones are no lengths.
const MOST_BYTES: usize = 64 << 20;

/// Compressed blocks of tables.
pub(super) fn lsm_blocks(bytes: &[u8], each: &mut impl FnMut(Layer, &[u8])) {
    for at in memmem::find_iter(bytes, BLOCK_MAGIC) {
        let block = &bytes[at..];
        let lengths = (number::<4>(block, BLOCK_LENGTHS), number::<4>(block, BLOCK_LENGTHS + 4));
        if let (Some(stored), Some(length)) = lengths {
            lz4(block.get(BLOCK_DATA..).unwrap_or_default(), stored, length, Layer::LsmBlock, each);
        }
    }
}

/// Compressed values of journals.
pub(super) fn journal_values(bytes: &[u8], each: &mut impl FnMut(Layer, &[u8])) {
    for at in memchr::memchr_iter(ITEM, bytes) {
        let item = &bytes[at..];
        if item.get(2) != Some(&LZ4) {
            continue;
        }
        let key = number::<2>(item, ITEM_LENGTHS);
        let lengths = (number::<4>(item, ITEM_LENGTHS + 2), number::<4>(item, ITEM_LENGTHS + 6));
        if let (Some(key), (Some(length), Some(stored))) = (key, lengths) {
            lz4(item.get(ITEM_KEY + key..).unwrap_or_default(), stored, length, Layer::Journal, each);
        }
    }
}

fn lz4(data: &[u8], stored: usize, length: usize, layer: Layer, each: &mut impl FnMut(Layer, &[u8])) {
    // LZ4 makes no more than 255 bytes of one.
    if stored == 0 || length > MOST_BYTES.min(stored.saturating_mul(255)) {
        return;
    }
    // What does not decompress is not compressed, or only looks like a header.
    if let Some(data) = data.get(..stored)
        && let Ok(content) = lz4_flex::block::decompress(data, length)
    {
        each(layer, &content);
    }
}

fn number<const BYTES: usize>(bytes: &[u8], at: usize) -> Option<usize> {
    let digits = bytes.get(at..at + BYTES)?;
    Some(digits.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

//! Compressed parts, wherever they begin. What begins like one and is none decodes to nothing or to little, which does
//! no harm; of a damaged one everything before the damage is seen.

use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};
use memchr::memmem;

use super::Layer;

/// The most that one part is decoded to.
const MOST_BYTES: u64 = 1 << 28;

/// Zstandard frames (RFC 8878, section 3.1.1).
pub(super) fn zstd_frames(bytes: &[u8], each: &mut impl FnMut(Layer, &[u8])) {
    for at in memmem::find_iter(bytes, &[0x28, 0xb5, 0x2f, 0xfd]) {
        if let Ok(decoder) = zstd::stream::read::Decoder::with_buffer(&bytes[at..]) {
            decoded(Layer::Zstd, decoder.single_frame(), each);
        }
    }
}

/// gzip (RFC 1952) and zlib (RFC 1950).
pub(super) fn deflated(bytes: &[u8], each: &mut impl FnMut(Layer, &[u8])) {
    for at in memmem::find_iter(bytes, &[0x1f, 0x8b, 8]) {
        decoded(Layer::Deflate, GzDecoder::new(&bytes[at..]), each);
    }
    // Windows of 32 KiB, which everybody writes, and the four levels of compression.
    for at in memchr::memchr_iter(0x78, bytes) {
        if matches!(bytes.get(at + 1), Some(0x01 | 0x5e | 0x9c | 0xda)) {
            decoded(Layer::Deflate, ZlibDecoder::new(&bytes[at..]), each);
        }
    }
}

fn decoded(layer: Layer, decoder: impl Read, each: &mut impl FnMut(Layer, &[u8])) {
    let mut content = Vec::new();
    // An error ends the content; what came before it is in there.
    let _ = decoder.take(MOST_BYTES).read_to_end(&mut content);
    assert!((content.len() as u64) < MOST_BYTES, "a compressed part is too long to be searched");
    if !content.is_empty() {
        each(layer, &content);
    }
}

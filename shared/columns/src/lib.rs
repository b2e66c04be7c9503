//! Times and results as two columns, each compressed on its own: what a stored block of observations is made of, for the
//! service that writes it and for those that read its log.

use pco::data_types::Number;
use pco::standalone::{simple_compress, simple_decompress_into};
use pco::{ChunkConfig, DeltaSpec};

/// A pco file has about 25 bytes of its own: shorter columns are smaller as they are.
const WORTH_COMPRESSING: usize = 16;
/// 31,442 readings of a real box in blocks of 500 take 1.89 bytes and 130 ns each at level 4, 1.88 and 210 ns at level 8.
const LEVEL: usize = 4;

/// How columns are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// 64-bit values, little-endian, one behind the other.
    Plain,
    /// pco's standalone format, version 1 of the library.
    Pco,
}

/// Two columns in their stored form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// How both are written.
    pub encoding: Encoding,
    /// Times.
    pub times: Vec<u8>,
    /// Results.
    pub results: Vec<u8>,
}

/// Columns that were not written so, or are damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the columns cannot be read")]
pub struct Malformed;

/// The stored form of columns of the same length.
pub fn encode(times: &[i64], results: &[f64]) -> Encoded {
    match compressed(times, results) {
        Some((times, results)) => Encoded { encoding: Encoding::Pco, times, results },
        None => Encoded {
            encoding: Encoding::Plain,
            times: times.iter().flat_map(|time| time.to_le_bytes()).collect(),
            results: results.iter().flat_map(|result| result.to_le_bytes()).collect(),
        },
    }
}

fn compressed(times: &[i64], results: &[f64]) -> Option<(Vec<u8>, Vec<u8>)> {
    if times.len() < WORTH_COMPRESSING {
        return None;
    }
    let config = ChunkConfig::default().with_compression_level(LEVEL);
    // Readings come at nearly even intervals, so their differences are small; pco would try other ways first.
    let of_times = config.clone().with_delta_spec(DeltaSpec::TryConsecutive(1));
    // Only a configuration that pco does not take is an error, and these are constants.
    Some((simple_compress(times, &of_times).ok()?, simple_compress(results, &config).ok()?))
}

/// The values of stored columns, `count` of each: memory is bounded by it, so the caller checks it first. Takes any
/// bytes.
pub fn decode(
    encoding: Encoding,
    count: usize,
    times: &[u8],
    results: &[u8],
) -> Result<(Vec<i64>, Vec<f64>), Malformed> {
    match encoding {
        Encoding::Plain => Ok((plain(times, count, i64::from_le_bytes)?, plain(results, count, f64::from_le_bytes)?)),
        Encoding::Pco => Ok((decompress(times, count)?, decompress(results, count)?)),
    }
}

fn plain<T>(column: &[u8], count: usize, read: fn([u8; 8]) -> T) -> Result<Vec<T>, Malformed> {
    match column.as_chunks() {
        (values, []) if values.len() == count => Ok(values.iter().map(|bytes| read(*bytes)).collect()),
        _ => Err(Malformed),
    }
}

fn decompress<T: Number + Default>(column: &[u8], count: usize) -> Result<Vec<T>, Malformed> {
    let mut values = vec![T::default(); count];
    match simple_decompress_into(column, &mut values) {
        Ok(progress) if progress.finished && progress.n_processed == count => Ok(values),
        _ => Err(Malformed),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn columns(count: usize) -> (Vec<i64>, Vec<f64>) {
        (0..count as i64).map(|index| (index * 145_000_000 + index % 3, (index % 7) as f64 + 0.5)).unzip()
    }

    #[test]
    fn columns_are_read_as_they_were_written() {
        for count in [0, 1, 15, 16, 500, 86_400] {
            let (times, results) = columns(count);
            let Encoded { encoding, times: stored_times, results: stored_results } = encode(&times, &results);
            assert_eq!(encoding, if count < 16 { Encoding::Plain } else { Encoding::Pco }, "{count}");
            assert_eq!(decode(encoding, count, &stored_times, &stored_results), Ok((times, results)), "{count}");
            assert_eq!(decode(encoding, count + 1, &stored_times, &stored_results), Err(Malformed), "{count}");
        }
    }

    proptest! {
        #[test]
        fn damaged_columns_are_refused_or_read_and_never_panic(
            count in 16usize..400,
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
            cut in any::<prop::sample::Index>(),
        ) {
            let (times, results) = columns(count);
            let mut stored = encode(&times, &results);
            for (place, value) in damage {
                let place = place.index(stored.times.len());
                stored.times[place] = value;
            }
            let _ = decode(stored.encoding, count, &stored.times, &stored.results);
            stored.times.truncate(cut.index(stored.times.len()));
            let _ = decode(stored.encoding, count, &stored.times, &stored.results);
        }
    }
}

//! Observations as two columns, times and results; how those are compressed is `allmende-columns`.

use allmende_columns::{Encoded, Encoding};
use allmende_kernel::Timestamp;
use allmende_proto::telemetry::events::v1::{ColumnEncoding, ObservationsRecorded};
use allmende_telemetry_domain::AirQualityDay;
use allmende_telemetry_domain::observations::{MAX_PER_DAY, Observation};

use super::Malformed;

/// The stored form of a block, which is not empty.
pub(super) fn encode(observations: &[Observation]) -> ObservationsRecorded {
    let times: Vec<i64> = observations.iter().map(|observation| observation.time.as_micros()).collect();
    let results: Vec<f64> = observations.iter().map(|observation| observation.result).collect();
    let Encoded { encoding, times: times_bytes, results: results_bytes } = allmende_columns::encode(&times, &results);
    let encoding = match encoding {
        Encoding::Plain => ColumnEncoding::Plain,
        Encoding::Pco => ColumnEncoding::Pco,
    };
    ObservationsRecorded {
        encoding: encoding.into(),
        count: observations.len() as u32,
        first_time_us: times.first().copied().unwrap_or_default(),
        last_time_us: times.last().copied().unwrap_or_default(),
        times: times_bytes.into(),
        results: results_bytes.into(),
    }
}

/// The observations of a stored block: at least one, on one day, ascending in time, finite.
///
/// Takes any bytes: memory is bounded by what a day may hold, whatever `count` says.
pub(super) fn decode(block: &ObservationsRecorded) -> Result<Vec<Observation>, Malformed> {
    let count = block.count as usize;
    if count == 0 || count > MAX_PER_DAY {
        return Err(Malformed);
    }
    let encoding = match block.encoding() {
        ColumnEncoding::Plain => Encoding::Plain,
        ColumnEncoding::Pco => Encoding::Pco,
        ColumnEncoding::Unspecified => return Err(Malformed),
    };
    let decoded = allmende_columns::decode(encoding, count, &block.times, &block.results);
    let (times, results) = decoded.map_err(|_| Malformed)?;
    let ascending = times.windows(2).all(|pair| pair[0] < pair[1]);
    let (first, last) = (times[0], times[count - 1]);
    let as_told = (first, last) == (block.first_time_us, block.last_time_us);
    let day = |micros| AirQualityDay::of(Timestamp::from_micros(micros));
    let sound = ascending && as_told && day(first) == day(last) && results.iter().all(|result| result.is_finite());
    if !sound {
        return Err(Malformed);
    }
    let observation = |(time, result)| Observation { time: Timestamp::from_micros(time), result };
    Ok(times.into_iter().zip(results).map(observation).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn observations(count: usize, step_us: i64) -> Vec<Observation> {
        let start = AirQualityDay::from_date(2018, 7, 28).unwrap().start().as_micros();
        let observation = |index| Observation {
            time: Timestamp::from_micros(start + index as i64 * step_us),
            result: (index % 7) as f64 + 0.5,
        };
        (0..count).map(observation).collect()
    }

    #[test]
    fn a_block_is_read_as_it_was_written() {
        for (count, step_us) in
            [(1, 1), (15, 145_000_000), (16, 145_000_000), (500, 145_000_000), (MAX_PER_DAY, 1_000_000)]
        {
            let block = observations(count, step_us);
            let stored = encode(&block);
            let expected = if count < 16 { ColumnEncoding::Plain } else { ColumnEncoding::Pco };
            assert_eq!(stored.encoding(), expected, "{count}");
            assert_eq!(decode(&stored).unwrap(), block, "{count}");
        }
    }

    #[test]
    fn negative_zero_and_the_smallest_numbers_keep_their_bits() {
        let mut block = observations(20, 1);
        let odd = [-0.0, f64::MIN_POSITIVE / 2.0, f64::MAX, f64::MIN, 0.1 + 0.2];
        for (observation, result) in block.iter_mut().zip(odd) {
            observation.result = result;
        }
        for block in [&block[..], &block[..5]] {
            let read = decode(&encode(block)).unwrap();
            assert!(read.iter().zip(block).all(|(a, b)| a.result.to_bits() == b.result.to_bits()));
        }
    }

    #[test]
    fn what_a_block_must_not_hold_is_refused() {
        let good = encode(&observations(20, 145_000_000));
        let plain = encode(&observations(3, 145_000_000));
        let day_us = 86_400_000_000;
        let mut not_finite = observations(3, 1);
        not_finite[1].result = f64::NAN;
        let mut backwards = observations(3, 1);
        backwards.swap(0, 2);
        for bad in [
            ObservationsRecorded { encoding: 0, ..good.clone() },
            ObservationsRecorded { encoding: 9, ..good.clone() },
            ObservationsRecorded { count: 0, ..good.clone() },
            ObservationsRecorded { count: 19, ..good.clone() },
            ObservationsRecorded { count: 21, ..good.clone() },
            ObservationsRecorded { count: u32::MAX, ..good.clone() },
            ObservationsRecorded { first_time_us: 0, ..good.clone() },
            ObservationsRecorded { last_time_us: 0, ..good.clone() },
            ObservationsRecorded { times: good.results.clone(), ..good.clone() },
            ObservationsRecorded { results: bytes::Bytes::new(), ..good.clone() },
            ObservationsRecorded { count: 2, ..plain.clone() },
            ObservationsRecorded { times: plain.times.slice(1..), ..plain },
            encode(&observations(2, day_us)),
            encode(&not_finite),
            encode(&backwards),
        ] {
            assert_eq!(decode(&bad), Err(Malformed), "{bad:?}");
        }
    }

    proptest! {
        /// Checksums and hashes of the log come first; this is what is left if they are wrong themselves.
        #[test]
        fn damaged_columns_are_refused_or_read_and_never_panic(
            count in 16usize..400,
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
            cut in any::<prop::sample::Index>(),
            results in any::<bool>(),
        ) {
            let mut stored = encode(&observations(count, 145_000_000));
            let column = if results { &mut stored.results } else { &mut stored.times };
            let mut bytes = column.to_vec();
            for (place, value) in damage {
                let place = place.index(bytes.len());
                bytes[place] = value;
            }
            *column = bytes.clone().into();
            let _ = decode(&stored);
            bytes.truncate(cut.index(bytes.len()));
            let column = if results { &mut stored.results } else { &mut stored.times };
            *column = bytes.into();
            let _ = decode(&stored);
        }
    }
}

//! Parsing what a request's fields hold. A [`Problem`] says what the rule is; the caller adds the field's path:
//! see [`crate::errors::Violations`].
//!
//! The tenant is not here: [`crate::authorize::Caller::tenant`] parses and checks it in one.

mod consistency;
mod page;
mod text;

use allmende_kernel::{Duration, RequestId, Timestamp};
use uuid::Uuid;

pub use consistency::{ConsistencyToken, consistency_token};
pub use page::Paging;
pub use text::{line, text};

use crate::errors::{Problem, Rule};

/// Times before 1900 or after 2100 are mistakes of unit or of a clock, not observations.
const EARLIEST: Timestamp = Timestamp::from_secs(-2_208_988_800);
const LATEST: Timestamp = Timestamp::from_secs(4_102_444_800);

/// A UUID in the hyphenated text form that is not all zero.
pub fn uuid(text: &str) -> Result<Uuid, Problem> {
    match Uuid::try_parse(text) {
        Ok(uuid) if text.len() == 36 && !uuid.is_nil() => Ok(uuid),
        _ => Err(Rule::Id.into()),
    }
}

/// A request id: a UUID of version 7.
pub fn request_id(text: &str) -> Result<RequestId, Problem> {
    Ok(RequestId::new(uuid(text)?)?)
}

/// How many items a page shall have: 1 to `max`, and `default` for 0.
pub fn page_size(given: u32, default: u32, max: u32) -> Result<usize, Problem> {
    match given {
        0 => Ok(default as usize),
        1.. if given <= max => Ok(given as usize),
        _ => Err(Rule::Number(1, max.into()).says(format!("must be 0 (for {default}) or 1 to {max}"))),
    }
}

/// A moment in microseconds since 1970. 0 is what an absent field reads as, and refused as such.
pub fn timestamp(micros: i64) -> Result<Timestamp, Problem> {
    let moment = Timestamp::from_micros(micros);
    match micros {
        0 => Err(Rule::Required.into()),
        _ if moment < EARLIEST || moment >= LATEST => {
            Err(Rule::Moment.says("must be microseconds since 1970 of a moment from 1900 to 2099"))
        }
        _ => Ok(moment),
    }
}

/// A range of time from one moment to before another, at most `max` long. The problem is the second field's.
pub fn time_range(from: Timestamp, to: Timestamp, max: Duration) -> Result<(Timestamp, Timestamp), Problem> {
    let length = to.since(from);
    if length <= Duration::default() {
        return Err(Rule::Order.says("must be after the beginning of the range"));
    }
    if length > max {
        let days = max.as_micros() / Duration::from_secs(86_400).as_micros();
        return Err(Rule::Span.says(format!("must be within {days} days of the beginning of the range")));
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_one_form() {
        assert!(uuid("0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57").is_ok());
        for wrong in ["", "x", "0198a3c27d1e7b5a9c432f6d8e1b0a57", "00000000-0000-0000-0000-000000000000"] {
            assert!(uuid(wrong).is_err(), "{wrong}");
        }
        assert!(request_id("0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57").is_ok());
        assert!(request_id("0198a3c2-7d1e-4b5a-9c43-2f6d8e1b0a57").is_err());
    }

    #[test]
    fn page_sizes_have_a_default_and_an_end() {
        assert_eq!(page_size(0, 50, 500), Ok(50));
        assert_eq!(page_size(500, 50, 500), Ok(500));
        assert!(page_size(501, 50, 500).is_err());
        assert!(page_size(u32::MAX, 50, 500).is_err());
    }

    #[test]
    fn times_in_the_wrong_unit_are_noticed() {
        assert!(timestamp(1_532_769_600_000_000).is_ok());
        assert!(timestamp(-1).is_ok());
        assert!(timestamp(0).is_err());
        assert!(timestamp(1_532_769_600_000_000_000).is_err());
        assert!(timestamp(i64::MIN).is_err());
    }

    #[test]
    fn a_range_runs_forward_and_has_an_end() {
        let (start, day) = (Timestamp::from_secs(1_532_769_600), Duration::from_secs(86_400));
        assert!(time_range(start, start + day, day).is_ok());
        assert!(time_range(start, start, day).is_err());
        assert!(time_range(start + day, start, day).is_err());
        let longer = Duration::from_micros(day.as_micros() + 1);
        assert_eq!(
            time_range(start, start + longer, day).unwrap_err().as_str(),
            "must be within 1 days of the beginning of the range"
        );
        assert!(time_range(Timestamp::from_micros(i64::MIN), Timestamp::from_micros(i64::MAX), day).is_err());
    }
}

//! Values of rows. The view wrote them itself: one that cannot be read is a fault, not an older form, because a changed
//! form raises the view's version.

use allmende_kernel::Timestamp;
use allmende_telemetry_domain::observations::{FlagReason, ManualFlag};

use super::keys::{time_bytes, time_of};
use super::query::Conflict;

pub(super) fn conflict_to_bytes(conflict: &Conflict) -> Vec<u8> {
    [
        time_bytes(conflict.time),
        conflict.kept.to_be_bytes(),
        conflict.refused.to_be_bytes(),
        time_bytes(conflict.received_at),
    ]
    .concat()
}

pub(super) fn conflict_of(bytes: &[u8]) -> Option<Conflict> {
    match bytes.as_chunks() {
        ([time, kept, refused, received_at], []) => Some(Conflict {
            time: time_of(*time),
            kept: f64::from_be_bytes(*kept),
            refused: f64::from_be_bytes(*refused),
            received_at: time_of(*received_at),
        }),
        _ => None,
    }
}

pub(super) fn flag_to_bytes(flag: &ManualFlag) -> Vec<u8> {
    let reason = match flag.reason {
        FlagReason::Maintenance => 1,
        FlagReason::Defect => 2,
        FlagReason::LocalSource => 3,
    };
    let mut bytes = [time_bytes(flag.from), time_bytes(flag.to), time_bytes(flag.at)].concat();
    bytes.push(reason);
    bytes
}

pub(super) fn flag_of(bytes: &[u8]) -> Option<ManualFlag> {
    let ([from, to, at], [reason]) = bytes.as_chunks() else { return None };
    let reason = match reason {
        1 => FlagReason::Maintenance,
        2 => FlagReason::Defect,
        3 => FlagReason::LocalSource,
        _ => return None,
    };
    Some(ManualFlag { from: time_of(*from), to: time_of(*to), reason, at: time_of(*at) })
}

pub(super) fn moment_of(bytes: &[u8]) -> Option<Timestamp> {
    bytes.try_into().ok().map(time_of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_read_as_they_were_written() {
        let at = |secs| Timestamp::from_secs(secs);
        let conflict = Conflict { time: at(-1), kept: 1.5, refused: -0.0, received_at: at(9) };
        assert_eq!(conflict_of(&conflict_to_bytes(&conflict)), Some(conflict));
        for reason in [FlagReason::Maintenance, FlagReason::Defect, FlagReason::LocalSource] {
            let flag = ManualFlag { from: at(1), to: at(2), reason, at: at(3) };
            assert_eq!(flag_of(&flag_to_bytes(&flag)), Some(flag));
        }
        assert_eq!((conflict_of(b"short"), flag_of(&[9; 25]), moment_of(b"")), (None, None, None));
    }
}

//! Fresh ids, for those who send commands from inside: the portal, imports, process managers.

use allmende_kernel::{Clock, RequestId};
use uuid::{NoContext, Uuid};

/// Mints a request id with `clock`'s time, so that a virtual clock governs ids as well.
pub fn request_id(clock: &dyn Clock) -> RequestId {
    let micros = u64::try_from(clock.now().as_micros()).unwrap_or_default();
    let nanos = (micros % 1_000_000) as u32 * 1_000;
    let uuid = Uuid::new_v7(uuid::Timestamp::from_unix(NoContext, micros / 1_000_000, nanos));
    RequestId::new(uuid).expect("new_v7 makes version 7")
}

#[cfg(test)]
mod tests {
    use allmende_kernel::Timestamp;

    use super::*;

    struct At(Timestamp);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            self.0
        }
    }

    #[test]
    fn an_id_carries_the_clocks_time_and_is_unique() {
        let clock = At(Timestamp::from_millis(1_532_769_600_123));
        let (one, other) = (request_id(&clock), request_id(&clock));
        assert_eq!(one.minted_at(), clock.0);
        assert_ne!(one, other);
    }
}

//! What is generated follows from a tenant's name and the moment at which it was registered: the same ids, days and
//! requests at every start, so that a request that was answered before is answered like the first time.

use anyhow::Context as _;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use uuid::{Builder, Uuid};

/// Where the ids of generated things come from.
const GENERATED: Uuid = Uuid::from_u128(0x6d1c_5a34_98f0_4b62_b0c7_2e4d_91ab_37f5);

/// The beginning of everything generated of a tenant.
#[derive(Debug, Clone)]
pub(super) struct Seed {
    tenant: &'static str,
    at_us: i64,
    today: Date,
}

impl Seed {
    /// The seed of a tenant that was registered then.
    pub(super) fn new(tenant: &'static str, registered_at_us: i64) -> anyhow::Result<Self> {
        let moment = jiff::Timestamp::from_microsecond(registered_at_us).context("the moment of registration")?;
        let today = moment.to_zoned_datetime(TimeZone::get("Europe/Berlin")?).date();
        Ok(Self { tenant, at_us: registered_at_us, today })
    }

    /// The tenant.
    pub(super) fn tenant(&self) -> String {
        self.tenant.to_owned()
    }

    /// When the tenant was registered, in microseconds.
    pub(super) const fn at_us(&self) -> i64 {
        self.at_us
    }

    /// The id of a thing of the tenant.
    pub(super) fn id(&self, thing: &str) -> String {
        self.derived("thing", thing).to_string()
    }

    /// The id of the one request that does a thing: of version 7, minted when the tenant was registered.
    pub(super) fn request_id(&self, deed: &str) -> String {
        let derived = self.derived("request", deed);
        let mut random = [0; 10];
        random.copy_from_slice(&derived.as_bytes()[..10]);
        let millis = u64::try_from(self.at_us / 1_000).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string()
    }

    /// The day so many days after the registration, in Berlin, as the APIs write it.
    pub(super) fn day(&self, days: i64) -> String {
        self.today.saturating_add(days.days()).to_string()
    }

    fn derived(&self, kind: &str, name: &str) -> Uuid {
        Uuid::new_v5(&GENERATED, format!("{}/{kind}/{name}", self.tenant).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::Seed;

    #[test]
    fn the_same_seed_gives_the_same_requests() {
        let seed = || Seed::new("brandis", 1_790_000_000_123_456).unwrap();
        assert_eq!(seed().request_id("open"), seed().request_id("open"));
        assert_ne!(seed().request_id("open"), seed().request_id("close"));
        assert_ne!(seed().id("open"), Seed::new("moers", 1_790_000_000_123_456).unwrap().id("open"));
        let id = uuid::Uuid::try_parse(&seed().request_id("open")).unwrap();
        assert_eq!((id.get_version_num(), id.get_timestamp().unwrap().to_unix().0), (7, 1_790_000_000));
    }

    #[test]
    fn days_are_those_of_berlin() {
        // 2026-03-28T23:30:00Z is the 29th there, the day on which the clocks go forward.
        let seed = Seed::new("brandis", 1_774_740_600_000_000).unwrap();
        assert_eq!(
            (seed.day(0), seed.day(-29), seed.day(3)),
            ("2026-03-29".into(), "2026-02-28".into(), "2026-04-01".into())
        );
    }
}

use allmende_kernel::{Duration, Position, Timestamp};
use allmende_opendata_domain::{Month, Source};

use crate::config::Config;
use crate::sources::Changed;
use crate::views::VersionRow;

/// Air-quality days and months are UTC+1 all year.
const AIR_QUALITY_OFFSET: Duration = Duration::from_secs(3_600);

/// After each so many versions a dataset of texts waits once more its time for the next one.
const VERSIONS_AT_PACE: u32 = 50;

/// When a dataset that has changed is to be issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Its last version shows the change.
    Issued,
    Now,
    At(Timestamp),
}

/// When to issue: at once what is new, what has changed after its withdrawal, and what is waited for; a running month and texts after a while, so that
/// versions do not follow each other by the minute; a past month once what comes for it has settled.
pub(super) fn due(
    changed: &Changed,
    last: Option<&VersionRow>,
    now: Timestamp,
    awaited: Position,
    config: &Config,
) -> Due {
    let secs = |secs: u64| Duration::from_secs(i64::try_from(secs).unwrap_or(i64::MAX));
    let from = |at: Timestamp| if at <= now { Due::Now } else { Due::At(at) };
    match (last, changed.source) {
        // What was withdrawn because it was wrong is still wrong, until something changes where it is from.
        (Some(last), _) if last.position() >= changed.position => Due::Issued,
        (Some(last), _) if last.withdrawn.is_some() => Due::Now,
        (_, Source::Observations { month, .. }) if is_over(month, now) => {
            from(changed.at + secs(config.observations_settle_s))
        }
        (None, _) => Due::Now,
        (Some(last), Source::Observations { .. }) => from(last.issued_at + secs(config.observations_every_s)),
        (Some(_), _) if changed.position <= awaited => Due::Now,
        // The more versions there are, the longer it waits: what is talked of for weeks has hundreds, not one a minute.
        (Some(last), _) => {
            let longer = 1 + u64::from(last.number / VERSIONS_AT_PACE);
            from(last.issued_at + secs(config.texts_every_s.saturating_mul(longer)))
        }
    }
}

fn is_over(month: Month, now: Timestamp) -> bool {
    let local = jiff::Timestamp::from_microsecond((now + AIR_QUALITY_OFFSET).as_micros());
    let running = local.ok().and_then(|local| Month::parse(local.to_string().get(..7)?));
    running.is_some_and(|running| month < running)
}

#[cfg(test)]
mod tests {
    use allmende_kernel::{PartitionName, TenantId};
    use allmende_opendata_domain::SourcePosition;
    use allmende_opendata_domain::dataset::{Release, WithdrawalReason};
    use uuid::Uuid;

    use super::*;

    /// 2020-06-01T00:00:00Z.
    const NOW: Timestamp = Timestamp::from_secs(1_590_969_600);

    fn changed(source: Source, group: u64, before: i64) -> Changed {
        let tenant = TenantId::parse("koeln").unwrap();
        Changed { tenant, source, position: Position::new(group, 0), at: NOW - Duration::from_secs(before) }
    }

    fn version(group: u64, before: i64) -> VersionRow {
        let partition = PartitionName::parse("telemetry-0").unwrap();
        VersionRow {
            number: 1,
            source: Some(SourcePosition { partition, position: Position::new(group, 0) }),
            issued_at: NOW - Duration::from_secs(before),
            distributions: Vec::new(),
            check: None,
            release: Release::Cleared,
            terms: None,
            withdrawn: None,
        }
    }

    fn month(text: &str) -> Source {
        Source::Observations { station: Uuid::nil(), month: Month::parse(text).unwrap() }
    }

    fn at(changed: &Changed, last: Option<&VersionRow>, awaited: u64) -> Due {
        due(changed, last, NOW, Position::new(awaited, 0), &Config::default())
    }

    #[test]
    fn what_is_new_or_has_changed_after_its_withdrawal_is_due_at_once() {
        let texts = Source::Contributions { procedure: Uuid::nil() };
        for source in [month("2020-06"), texts] {
            assert_eq!(at(&changed(source, 5, 0), None, 0), Due::Now);
            assert_eq!(at(&changed(source, 5, 0), Some(&version(5, 0)), 0), Due::Issued);
            let gone = VersionRow { withdrawn: Some((WithdrawalReason::Erasure, NOW)), ..version(5, 0) };
            assert_eq!(at(&changed(source, 6, 0), Some(&gone), 0), Due::Now);
            assert_eq!(at(&changed(source, 5, 0), Some(&gone), 0), Due::Issued);
        }
    }

    #[test]
    fn a_running_month_waits_a_day_and_a_past_one_until_it_has_settled() {
        let day = 86_400;
        assert_eq!(at(&changed(month("2020-06"), 6, 0), Some(&version(5, day)), 0), Due::Now);
        let tomorrow = NOW + Duration::from_secs(day - 100);
        assert_eq!(at(&changed(month("2020-06"), 6, 0), Some(&version(5, 100)), 9), Due::At(tomorrow));
        assert_eq!(at(&changed(month("2020-05"), 6, 10), None, 0), Due::Now);
        assert_eq!(at(&changed(month("2020-05"), 6, 4), None, 0), Due::At(NOW + Duration::from_secs(6)));
        // Half past eleven in UTC is in the next month's first hour.
        let late = NOW - Duration::from_secs(1_800);
        assert!(is_over(Month::parse("2020-05").unwrap(), late));
    }

    #[test]
    fn texts_are_due_when_somebody_waits_for_them() {
        let texts = changed(Source::Synopsis { document: Uuid::nil() }, 6, 0);
        assert_eq!(at(&texts, Some(&version(5, 10)), 0), Due::At(NOW + Duration::from_secs(50)));
        assert_eq!(at(&texts, Some(&version(5, 10)), 6), Due::Now);
        assert_eq!(at(&texts, Some(&version(5, 60)), 0), Due::Now);
        // After 120 versions it takes three minutes.
        let late = VersionRow { number: 120, ..version(5, 60) };
        assert_eq!(at(&texts, Some(&late), 0), Due::At(NOW + Duration::from_secs(120)));
        assert_eq!(at(&texts, Some(&late), 6), Due::Now);
    }
}

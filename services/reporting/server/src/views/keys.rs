//! Keys in the order in which rows are read: tenant, thing, then day or moment, all big-endian.

use allmende_kernel::Timestamp;
use allmende_reporting_domain::Day;
use allmende_views::Table;

/// Indicator → `allmende.reporting.v1.Indicator` without its latest reading.
pub(super) const INDICATORS: Table = Table::new(1);
/// Indicator, day → `allmende.reporting.v1.Reading`.
pub(super) const READINGS: Table = Table::new(2);
/// Impact logic → `allmende.reporting.v1.ImpactLogic`.
pub(super) const IMPACT_LOGICS: Table = Table::new(3);
/// Report → `allmende.reporting.v1.Report`.
pub(super) const REPORTS: Table = Table::new(4);
/// Run → `allmende.reporting.v1.ReportRun`.
pub(super) const RUNS: Table = Table::new(5);
/// Report, how long before the end of time it was run, run → nothing: the latest come first.
pub(super) const RUNS_OF: Table = Table::new(6);
/// Run → `allmende.reporting.events.v1.RunCompleted`, as it was stored.
pub(super) const CONTENTS: Table = Table::new(7);

/// What a tenant's keys begin with. The zero byte, which no name holds, keeps `koeln` and `koeln-mitte` apart.
pub(super) fn tenant_prefix(tenant: &str) -> Vec<u8> {
    [tenant.as_bytes(), &[0]].concat()
}

/// The key of a thing of a tenant.
pub(super) fn of(tenant: &str, id: &[u8; 16]) -> Vec<u8> {
    [tenant.as_bytes(), &[0], id].concat()
}

/// The key of an indicator's day.
pub(super) fn of_day(tenant: &str, indicator: &[u8; 16], day: Day) -> Vec<u8> {
    let mut key = of(tenant, indicator);
    // The sign bit turned, so that days before 1970 come first.
    key.extend_from_slice(&((day.number() as u32) ^ (1 << 31)).to_be_bytes());
    key
}

/// The key of a report's run.
pub(super) fn of_run(tenant: &str, report: &[u8; 16], run_at: Timestamp, run: &[u8; 16]) -> Vec<u8> {
    let mut key = of(tenant, report);
    let before_the_end = (i64::MAX as u64).wrapping_sub(run_at.as_micros().max(0) as u64);
    key.extend_from_slice(&before_the_end.to_be_bytes());
    key.extend_from_slice(run);
    key
}

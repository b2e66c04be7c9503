use std::process::ExitCode;

use allmende_eventlog_sled as sled_log;
use allmende_kernel::Timestamp;
use serde_json::json;

use super::{folder, groups_of};
use crate::cli::Place;
use crate::terminal;

/// Prints what a log holds.
pub(super) fn run(place: &Place, as_json: bool) -> anyhow::Result<ExitCode> {
    let progress = groups_of(place)?;
    let stats = sled_log::stats(&folder(place), |group| progress.set_position(group))?;
    progress.finish_and_clear();
    let span = stats.span.map(|(first, last)| (civil(first), civil(last)));
    if as_json {
        let report = json!({
            "partition": stats.partition,
            "head": { "group": stats.head.group, "hash": stats.head.hash.to_string(), "epoch": stats.head.epoch },
            "segments": stats.segments,
            "segment_bytes": stats.segment_bytes,
            "allocated_bytes": stats.allocated_bytes,
            "index_bytes": stats.index_bytes,
            "body_bytes": stats.body_bytes,
            "groups": stats.groups,
            "commits": stats.commits,
            "events": stats.events,
            "tenants": stats.tenants,
            "first_commit": span.as_ref().map(|(first, _)| first),
            "last_commit": span.as_ref().map(|(_, last)| last),
            "damaged": stats.damaged.iter().map(|damage| [damage.first, damage.last]).collect::<Vec<_>>(),
        });
        terminal::line(&report.to_string());
        return Ok(ExitCode::SUCCESS);
    }
    let count = terminal::count;
    let mb = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
    terminal::line(&format!("{} at group {} {}", stats.partition, stats.head.group, stats.head.hash));
    if let Some((first, last)) = span {
        terminal::line(&format!("  from {first} to {last}"));
    }
    terminal::line(&format!("  {} groups, {} commits", count(stats.groups), count(stats.commits)));
    terminal::line(&format!(
        "  {} in {} segments ({} before compression), {} of index, {} allocated",
        mb(stats.segment_bytes),
        stats.segments,
        mb(stats.body_bytes),
        mb(stats.index_bytes),
        mb(stats.allocated_bytes)
    ));
    for (title, counts) in [("events by type", &stats.events), ("events by tenant", &stats.tenants)] {
        terminal::line(&format!("  {title}:"));
        for (name, number) in counts {
            terminal::line(&format!("    {:>15} {name}", count(*number)));
        }
    }
    for damage in &stats.damaged {
        terminal::line(&format!("  damaged: groups {} to {}", damage.first, damage.last));
    }
    Ok(ExitCode::SUCCESS)
}

/// RFC 3339, in UTC.
pub(super) fn civil(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.as_micros()).map_or_else(|_| at.to_string(), |at| at.to_string())
}

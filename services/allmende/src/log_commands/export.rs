use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use allmende_eventlog::Origin;
use allmende_eventlog_sled as sled_log;
use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::stats::civil;
use super::{folder, groups_of};
use crate::cli::{ExportFormat, Place};
use crate::terminal;

/// Writes a log to a file, which appears when it is complete, or to standard output.
pub(super) fn run(place: &Place, out: Option<&Path>, format: ExportFormat) -> anyhow::Result<ExitCode> {
    let Some(path) = out else {
        export(place, BufWriter::new(io::stdout().lock()), format)?;
        return Ok(ExitCode::SUCCESS);
    };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file =
        tempfile::NamedTempFile::new_in(parent).with_context(|| format!("cannot write to {}", parent.display()))?;
    let head = export(place, BufWriter::with_capacity(1 << 20, file.as_file_mut()), format)?;
    file.as_file().sync_all()?;
    let file: File = file.persist(path).with_context(|| format!("cannot write {}", path.display()))?;
    terminal::note(&format!(
        "exported {}: head {head}, {:.1} MB in {}",
        place.partition,
        file.metadata()?.len() as f64 / 1e6,
        path.display()
    ));
    Ok(ExitCode::SUCCESS)
}

fn export(place: &Place, mut out: impl Write, format: ExportFormat) -> anyhow::Result<u64> {
    let progress = groups_of(place)?;
    let head = match format {
        ExportFormat::Binary => sled_log::export(&folder(place), &mut out, |group| progress.set_position(group))?.group,
        ExportFormat::Jsonl => {
            let log = sled_log::OfflineLog::open(&folder(place))?;
            for group in log.groups(0) {
                let group = group?.map_err(|damage| {
                    anyhow::anyhow!("groups {} to {} are damaged; see `allmende log verify`", damage.first, damage.last)
                })?;
                for event in group.events() {
                    writeln!(out, "{}", line(event))?;
                }
                progress.set_position(group.header().number);
            }
            log.head().group
        }
    };
    out.flush()?;
    progress.finish_and_clear();
    Ok(head)
}

fn line(event: allmende_eventlog::EventView<'_>) -> serde_json::Value {
    let commit = event.commit();
    let request_id = match commit.origin() {
        Origin::Request { id, .. } => Some(id.to_string()),
        _ => None,
    };
    json!({
        "position": event.position().to_string(),
        "stream": event.stream(),
        "revision": event.revision().0,
        "type": event.event_type(),
        "admitted_at": civil(commit.admitted_at()),
        "actor": commit.actor().map(|actor| actor.to_string()),
        "request_id": request_id,
        "trace_id": commit.trace().map(|trace| hex(&trace.trace_id)),
        "payload": STANDARD.encode(event.payload()),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

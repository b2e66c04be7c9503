use allmende_kernel::Timestamp;
use allmende_proto::participation::events::v1 as stored;

use super::rows::{DocumentRow, ProcedureRow, ProjectRow, ThemeRow, VersionRow};

/// A procedure as it stands at a moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ProcedureShown {
    pub(crate) id: [u8; 16],
    pub(crate) row: ProcedureRow,
    pub(crate) published: u32,
    pub(crate) hides_counts: bool,
    pub(crate) now: Timestamp,
}

impl ProcedureShown {
    /// Supports at which a proposal is owed an answer.
    pub(super) fn threshold(&self) -> Option<u32> {
        let threshold = self.row.opened.as_ref().map_or(0, |opened| opened.support_threshold);
        (threshold > 0).then_some(threshold)
    }

    /// The phases, as they are now.
    pub(crate) fn phases(&self) -> &[stored::Phase] {
        let schedule = self.row.opened.as_ref().and_then(|opened| opened.schedule.as_ref());
        schedule.map_or(&[], |schedule| &schedule.phases)
    }
}

/// As [`allmende_participation_domain::procedure::Procedure::hides_counts`], for a row.
pub(super) fn hides_counts(row: &ProcedureRow, now: Timestamp) -> bool {
    let Some(opened) = &row.opened else { return false };
    let phases = opened.schedule.as_ref().map_or(&[][..], |schedule| &schedule.phases);
    let supports = phases.iter().filter(|phase| phase.kind() == stored::PhaseKind::Support);
    let end = supports.filter_map(|phase| phase.days.as_ref().map(|days| days.to_us)).max();
    opened.counts_hidden && row.closed_at_us.or(end).is_none_or(|end| now.as_micros() < end)
}

/// A theme with the number of public texts in it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ThemeShown {
    pub(crate) id: [u8; 16],
    pub(crate) row: ThemeRow,
    pub(crate) contributions: u32,
}

/// A text that people are asked about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DocumentShown {
    pub(crate) id: [u8; 16],
    pub(crate) row: DocumentRow,
    pub(crate) now: Timestamp,
}

/// A version, with the number of public comments on each section.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VersionShown {
    pub(crate) number: u32,
    pub(crate) row: VersionRow,
    pub(crate) comments: Vec<u32>,
}

/// A project.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ProjectShown {
    pub(crate) id: [u8; 16],
    pub(crate) row: ProjectRow,
}

use allmende_proto::participation::events::v1 as stored;
use allmende_views::{ViewError, WriteSet};

use super::fold::{Place, get, put};
use super::keys::{Key, PROCEDURES, PROCEDURES_BY_TIME, PROJECTS, PROJECTS_BY_TIME, PROJECTS_OF};
use super::rows::{ProcedureRow, ProjectRow};
use crate::wire::event_type;

/// The latest words about a procedure, and about a project, that are shown.
const PROCEDURE_STATUS: usize = 20;
const PROJECT_STATUS: usize = 50;

pub(super) fn procedure(tables: &mut WriteSet<'_>, at: Place<'_>) -> Result<(), ViewError> {
    let mut row = get::<ProcedureRow>(tables, PROCEDURES, &at.key())?.unwrap_or_default();
    if at.is(event_type!("ProcedureOpened")) {
        let opened: stored::ProcedureOpened = at.stored()?;
        let by_time = Key::of(at.tenant).moment(opened.at_us).id(at.id);
        tables.put(PROCEDURES_BY_TIME, by_time.as_bytes(), b"");
        row.opened = Some(opened);
    } else if at.is(event_type!("PhasesAmended")) {
        let amended: stored::PhasesAmended = at.stored()?;
        if let Some(opened) = &mut row.opened {
            opened.schedule = amended.schedule;
        }
        tell(&mut row, stored::StatusPublished { text: amended.reason, at_us: amended.at_us });
    } else if at.is(event_type!("StatusPublished")) {
        tell(&mut row, at.stored()?);
    } else if at.is(event_type!("ProcedureClosed")) {
        let closed: stored::ProcedureClosed = at.stored()?;
        row.closed_at_us = Some(closed.at_us);
        tell(&mut row, stored::StatusPublished { text: closed.reason, at_us: closed.at_us });
    } else {
        return Err(at.unreadable());
    }
    put(tables, PROCEDURES, &at.key(), &row);
    Ok(())
}

/// Reasons are words to the public too.
fn tell(row: &mut ProcedureRow, status: stored::StatusPublished) {
    if !status.text.is_empty() {
        row.status.insert(0, status);
        row.status.truncate(PROCEDURE_STATUS);
    }
}

pub(super) fn project(tables: &mut WriteSet<'_>, at: Place<'_>) -> Result<(), ViewError> {
    let mut row = get::<ProjectRow>(tables, PROJECTS, &at.key())?.unwrap_or_default();
    if at.is(event_type!("ProjectStarted")) {
        let started: stored::ProjectStarted = at.stored()?;
        let by_time = Key::of(at.tenant).moment(started.at_us).id(at.id);
        let of = Key::of(at.tenant).id(&started.procedure_id).moment(started.at_us).id(at.id);
        tables.put(PROJECTS_BY_TIME, by_time.as_bytes(), b"");
        tables.put(PROJECTS_OF, of.as_bytes(), b"");
        row.set_state(stored::ProjectState::Planned);
        row.started = Some(started);
    } else if at.is(event_type!("ProjectUpdated")) {
        let updated: stored::ProjectUpdated = at.stored()?;
        row.state = updated.state;
        row.status.insert(0, updated);
        row.status.truncate(PROJECT_STATUS);
    } else {
        return Err(at.unreadable());
    }
    put(tables, PROJECTS, &at.key(), &row);
    Ok(())
}

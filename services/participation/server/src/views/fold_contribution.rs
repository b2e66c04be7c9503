use allmende_participation_domain::contribution::{Event, Grounds};
use allmende_proto::participation::events::v1 as stored;
use allmende_proto::participation::v1::{ModerationState, ObjectionState, ProposalState};
use allmende_views::{ViewError, WriteSet};
use bytes::Bytes;

use super::fold::{Place, get, keys_under, put};
use super::index::{reindex, waits};
use super::keys::{BY_REPORTER, BY_THEME, CONTRIBUTIONS, Key, PROJECTS, THEMES, THEMES_OF, WROTE_FOR, id_at_end};
use super::rows::{ContributionRow, ProjectRow, REPORTS_SHOWN, ThemeRow};
use crate::wire::{self, Word, event_type};

/// The most texts of a project that are named.
const PROJECT_TEXTS: usize = 50;

pub(super) fn contribution(tables: &mut WriteSet<'_>, at: Place<'_>) -> Result<(), ViewError> {
    let before = get::<ContributionRow>(tables, CONTRIBUTIONS, &at.key())?;
    if at.is(event_type!("ContributionSubmitted")) {
        let submitted: stored::ContributionSubmitted = at.stored()?;
        let mut row = ContributionRow { waits_since_us: submitted.at_us, ..ContributionRow::default() };
        row.set_moderation(ModerationState::Pending);
        if submitted.kind() == stored::ContributionKind::Proposal {
            row.set_proposal(ProposalState::Submitted);
        }
        wrote(tables, at.tenant, &submitted.author);
        row.submitted = Some(submitted);
        return keep(tables, at.tenant, at.id, before.as_ref(), &row);
    }
    // Whatever happens to a text, it was handed in before.
    let Some(before) = before else { return Ok(()) };
    let mut row = before.clone();
    change(tables, at, &mut row)?;
    keep(tables, at.tenant, at.id, Some(&before), &row)
}

fn change(tables: &mut WriteSet<'_>, place: Place<'_>, row: &mut ContributionRow) -> Result<(), ViewError> {
    match place.decoded::<wire::Contribution>()? {
        // Read in its stored form.
        Event::Submitted { .. } => {}
        Event::Published { at, .. } => {
            if row.objection() != ObjectionState::Granted {
                row.set_objection(ObjectionState::Unspecified);
            }
            decided(row, ModerationState::Published, None, at.as_micros());
        }
        Event::Rejected { grounds, at, .. } => {
            against(row, ModerationState::Rejected, &grounds, at.as_micros());
        }
        Event::Hidden { grounds, at, .. } => against(row, ModerationState::Hidden, &grounds, at.as_micros()),
        Event::Redacted { text, grounds, at, .. } => {
            against(row, ModerationState::Redacted, &grounds, at.as_micros());
            row.redacted_sealed = Bytes::copy_from_slice(text.as_bytes());
        }
        Event::Reported { by, grounds, at } => {
            if waits(row).is_none() {
                row.waits_since_us = at.as_micros();
            }
            if grounds.note.is_some() {
                let key = Key::of(place.tenant).id(by.as_bytes()).moment(at.as_micros()).id(place.id);
                tables.put(BY_REPORTER, key.as_bytes(), b"");
                wrote(tables, place.tenant, by.as_bytes());
            }
            if row.reports.len() < REPORTS_SHOWN {
                // Who reported it is shown to nobody.
                let report: stored::ContributionReported = place.stored()?;
                row.reports.push(stored::ContributionReported { reporter: Bytes::new(), ..report });
            }
        }
        Event::ObjectionRaised { note, at } => {
            row.set_objection(ObjectionState::Open);
            row.objection_sealed = Bytes::copy_from_slice(note.as_bytes());
            row.waits_since_us = at.as_micros();
        }
        Event::ObjectionDecided { granted, .. } => {
            row.set_objection(if granted { ObjectionState::Granted } else { ObjectionState::Dismissed });
        }
        Event::ThemeAssigned { theme, .. } => {
            row.theme_id = theme.map(|theme| Bytes::copy_from_slice(theme.as_bytes())).unwrap_or_default();
            let theme = get::<ThemeRow>(tables, THEMES, &Key::of(place.tenant).id(&row.theme_id))?;
            row.theme_answered = theme.is_some_and(|theme| theme.answer.is_some());
        }
        Event::Answered { .. } => row.answer = Some(place.stored()?),
        Event::AmendmentAccepted { at } => row.accepted_at_us = Some(at.as_micros()),
        Event::EvaluationStarted { .. } => row.set_proposal(ProposalState::Evaluating),
        Event::ProposalAnswered { answer, .. } => {
            row.set_proposal(if answer.accepted { ProposalState::Accepted } else { ProposalState::Rejected });
            row.proposal_answer = Some(place.stored()?);
        }
        Event::PromotedToProject { project, .. } => {
            row.project_id = Bytes::copy_from_slice(project.as_bytes());
            let key = Key::of(place.tenant).id(project.as_bytes());
            // It starts in the same commit, which may tell of its texts first.
            let mut project = get::<ProjectRow>(tables, PROJECTS, &key)?.unwrap_or_default();
            if project.contribution_ids.len() < PROJECT_TEXTS {
                project.contribution_ids.push(Bytes::copy_from_slice(place.id));
                put(tables, PROJECTS, &key, &project);
            }
        }
        Event::Withdrawn { at } => {
            row.withdrawn_at_us = Some(at.as_micros());
            if row.proposal() != ProposalState::Unspecified {
                row.set_proposal(ProposalState::Withdrawn);
            }
        }
        Event::Erased { .. } => row.erase(),
    }
    Ok(())
}

/// Whoever wrote anything may ask to be forgotten wherever they did.
fn wrote(tables: &mut WriteSet<'_>, tenant: &str, person: &[u8]) {
    if !person.is_empty() {
        tables.put(WROTE_FOR, Key::wrote_for(person, tenant).as_bytes(), b"");
    }
}

fn against(row: &mut ContributionRow, state: ModerationState, grounds: &Grounds, at_us: i64) {
    row.set_objection(ObjectionState::Unspecified);
    decided(row, state, Some(grounds), at_us);
}

/// A decision settles reports, and what an objection to the one before said.
fn decided(row: &mut ContributionRow, state: ModerationState, grounds: Option<&Grounds>, at_us: i64) {
    row.set_moderation(state);
    row.was_public |= matches!(state, ModerationState::Published | ModerationState::Redacted);
    row.set_reason(grounds.map_or(stored::ModerationReason::Unspecified, |grounds| grounds.reason.message()));
    let note = grounds.and_then(|grounds| grounds.note.as_ref());
    row.note_sealed = note.map(|note| Bytes::copy_from_slice(note.as_bytes())).unwrap_or_default();
    row.decided_at_us = Some(at_us);
    row.redacted_sealed.clear();
    row.reports.clear();
    if row.objection() == ObjectionState::Unspecified {
        row.objection_sealed.clear();
    }
}

fn keep(
    tables: &mut WriteSet<'_>,
    tenant: &str,
    id: &[u8; 16],
    before: Option<&ContributionRow>,
    row: &ContributionRow,
) -> Result<(), ViewError> {
    reindex(tables, tenant, id, before, row)?;
    put(tables, CONTRIBUTIONS, &Key::of(tenant).id(id), row);
    Ok(())
}

pub(super) fn theme(tables: &mut WriteSet<'_>, at: Place<'_>) -> Result<(), ViewError> {
    if at.is(event_type!("ThemeDefined")) {
        let defined: stored::ThemeDefined = at.stored()?;
        let of = Key::of(at.tenant).id(&defined.procedure_id).moment(defined.at_us).id(at.id);
        tables.put(THEMES_OF, of.as_bytes(), b"");
        put(tables, THEMES, &at.key(), &ThemeRow { defined: Some(defined), answer: None });
    } else if at.is(event_type!("ThemeAnswered"))
        && let Some(mut row) = get::<ThemeRow>(tables, THEMES, &at.key())?
    {
        let first = row.answer.is_none();
        row.answer = Some(at.stored()?);
        put(tables, THEMES, &at.key(), &row);
        if first {
            answer_texts(tables, at)?;
        }
    }
    Ok(())
}

/// The texts of a theme have an answer from its first one on.
fn answer_texts(tables: &mut WriteSet<'_>, at: Place<'_>) -> Result<(), ViewError> {
    for key in keys_under(tables, BY_THEME, &at.key())? {
        let Some(id) = id_at_end(&key) else { continue };
        let key = Key::of(at.tenant).id(&id);
        if let Some(before) = get::<ContributionRow>(tables, CONTRIBUTIONS, &key)? {
            let row = ContributionRow { theme_answered: true, ..before.clone() };
            keep(tables, at.tenant, &id, Some(&before), &row)?;
        }
    }
    Ok(())
}

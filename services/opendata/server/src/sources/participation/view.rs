use allmende_eventlog::{CommitView, EventView};
use allmende_kernel::Position;
use allmende_opendata_domain::Source;
use allmende_proto::participation::events::v1 as stored;
use allmende_views::{Keys, Order, Tables as _, View, ViewError, WriteSet};
use prost::Message;
use uuid::Uuid;

use super::keys::{
    CONTRIBUTIONS, DOCUMENTS, DOCUMENTS_OF, OF_DOCUMENT, OF_PROCEDURE, PROCEDURES, RETRACTED, THEMES, in_section, of,
    within,
};
use super::rows::{self, Contribution, Document, Procedure, Retraction, Section, Theme};
use crate::sources::changes::{self, position_bytes};

/// What participation's datasets are made of: contributions with their sealed texts, documents, themes and answers.
pub(crate) struct TextsView;

impl View for TextsView {
    const NAME: &'static str = "opendata-texts";
    const VERSION: u32 = 3;

    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
        for (ordinal, event) in (0..).zip(commit.events()) {
            let Some((tenant, category, id)) = parts(event) else { continue };
            let mut fold = Fold { tables, commit, tenant, id, ordinal };
            match category {
                "procedure" => fold.procedure(event)?,
                "document" => fold.document(event)?,
                "theme" => fold.theme(event)?,
                "contribution" => fold.contribution(event)?,
                _ => {}
            }
        }
        Ok(())
    }
}

/// Tenant, category and id of an event's stream, whose ids are UUIDs where they are of use here.
fn parts(event: EventView<'_>) -> Option<(&str, &str, Uuid)> {
    let mut parts = event.stream().splitn(3, '/');
    let (tenant, category, id) = (parts.next()?, parts.next()?, parts.next()?);
    Some((tenant, category, Uuid::try_parse(id).ok()?))
}

fn message<M: Message + Default>(event: EventView<'_>) -> Result<M, ViewError> {
    M::decode(event.payload()).map_err(|_| ViewError::unreadable(event))
}

/// The name of an event of this package, without the package.
fn name(event: EventView<'_>) -> &str {
    event.event_type().strip_prefix("allmende.participation.events.v1.").unwrap_or_default()
}

struct Fold<'t, 'w, 'c> {
    tables: &'t mut WriteSet<'w>,
    commit: CommitView<'c>,
    tenant: &'c str,
    id: Uuid,
    ordinal: u32,
}

impl Fold<'_, '_, '_> {
    fn key(&self) -> Vec<u8> {
        of(self.tenant, self.id)
    }

    fn note(&mut self, source: Source) -> Result<(), ViewError> {
        changes::note(self.tables, self.commit, self.tenant, source)
    }

    fn procedure(&mut self, event: EventView<'_>) -> Result<(), ViewError> {
        if name(event) == "ProcedureOpened" {
            let stored::ProcedureOpened { title, licence, .. } = message(event)?;
            self.tables.put(PROCEDURES, &self.key(), Procedure { title, licence }.encode_to_vec());
        }
        Ok(())
    }

    fn document(&mut self, event: EventView<'_>) -> Result<(), ViewError> {
        let mut document = rows::get::<Document>(self.tables, DOCUMENTS, &self.key())?.unwrap_or_default();
        let sections = match name(event) {
            "DraftPublished" => {
                let published: stored::DraftPublished = message(event)?;
                document.title = published.title;
                document.procedure = published.procedure_id.to_vec();
                if let Some(procedure) = rows::id(&document.procedure) {
                    self.tables.put(DOCUMENTS_OF, &within(self.tenant, procedure, self.id), Vec::new());
                }
                published.sections
            }
            "RevisionPublished" => message::<stored::RevisionPublished>(event)?.sections,
            _ => return Ok(()),
        };
        for stored::Section { section_id: id, heading, .. } in sections {
            match document.sections.iter_mut().find(|section| section.id == id) {
                Some(known) => known.heading = heading,
                None => document.sections.push(Section { id, heading }),
            }
        }
        self.tables.put(DOCUMENTS, &self.key(), document.encode_to_vec());
        self.note_if_issued(Source::Synopsis { document: self.id })
    }

    /// A dataset begins with the first text in it; before that nothing changes it.
    fn note_if_issued(&mut self, source: Source) -> Result<(), ViewError> {
        let key = changes::dataset_key(self.tenant, source);
        if self.tables.get(changes::CHANGED, &key)?.is_some() { self.note(source) } else { Ok(()) }
    }

    fn theme(&mut self, event: EventView<'_>) -> Result<(), ViewError> {
        let mut theme = rows::get::<Theme>(self.tables, THEMES, &self.key())?.unwrap_or_default();
        match name(event) {
            "ThemeDefined" => {
                let stored::ThemeDefined { procedure_id, title, .. } = message(event)?;
                theme = Theme { title, procedure: procedure_id.to_vec(), answer: String::new() };
            }
            "ThemeAnswered" => theme.answer = message::<stored::ThemeAnswered>(event)?.text,
            _ => return Ok(()),
        }
        self.tables.put(THEMES, &self.key(), theme.encode_to_vec());
        let Some(procedure) = rows::id(&theme.procedure) else { return Ok(()) };
        self.note_if_issued(Source::Contributions { procedure })?;
        let keys = Keys::prefix(&of(self.tenant, procedure));
        let documents: Result<Vec<_>, ViewError> = self
            .tables
            .scan(DOCUMENTS_OF, &keys, Order::Ascending)
            .map(|row| super::keys::id_at_end(row?.key()).ok_or(ViewError::Row(DOCUMENTS_OF)))
            .collect();
        documents?.into_iter().try_for_each(|document| self.note_if_issued(Source::Synopsis { document }))
    }

    fn contribution(&mut self, event: EventView<'_>) -> Result<(), ViewError> {
        let Some(before) = rows::get::<Contribution>(self.tables, CONTRIBUTIONS, &self.key())? else {
            return match name(event) {
                "ContributionSubmitted" => self.submitted(message(event)?),
                _ => Ok(()),
            };
        };
        let mut now = before.clone();
        let mut erased = false;
        match name(event) {
            "ContributionPublished" => now.public = true,
            "ContributionRejected" | "ContributionHidden" | "ContributionWithdrawn" => now.public = false,
            "ContributionRedacted" => {
                let redacted: stored::ContributionRedacted = message(event)?;
                (now.public, now.redacted, now.text_sealed) = (true, true, redacted.text_sealed.to_vec());
            }
            "ContributionErased" => {
                (now.public, erased) = (false, true);
                now.text_sealed.clear();
                now.place_sealed.clear();
                now.answer.clear();
                now.answer_sealed.clear();
                (now.latitude_milli, now.longitude_milli) = (None, None);
            }
            "ThemeAssigned" => now.theme = message::<stored::ThemeAssigned>(event)?.theme_id.to_vec(),
            "ContributionAnswered" => {
                let answered: stored::ContributionAnswered = message(event)?;
                (now.answer, now.answer_sealed) = (answered.text, answered.text_sealed.to_vec());
            }
            "ProposalAnswered" => {
                let answered: stored::ProposalAnswered = message(event)?;
                (now.answer, now.answer_sealed) = (answered.reasons, answered.reasons_sealed.to_vec());
            }
            "AmendmentAccepted" => now.accepted = true,
            _ => return Ok(()),
        }
        if before.is_open() && (!now.is_open() || now.text_sealed != before.text_sealed) {
            self.retract(&before, erased)?;
            (now.held_since_group, now.held_since_index) = (0, 0);
        }
        if now.is_open() && now.held_since_group == 0 {
            let Position { group, index } = self.commit.position();
            (now.held_since_group, now.held_since_index) = (group, index);
        }
        self.tables.put(CONTRIBUTIONS, &self.key(), now.encode_to_vec());
        if now != before && (before.is_open() || now.is_open()) {
            now.datasets().try_for_each(|source| self.note(source))?;
        }
        Ok(())
    }

    fn submitted(&mut self, submitted: stored::ContributionSubmitted) -> Result<(), ViewError> {
        let row = Contribution {
            procedure: submitted.procedure_id.to_vec(),
            document: submitted.document_id.to_vec(),
            section: submitted.section_id,
            version: submitted.version,
            proposal: submitted.proposal_id.to_vec(),
            kind: submitted.kind,
            channel: submitted.channel,
            licence: submitted.licence,
            at_us: submitted.at_us,
            text_sealed: submitted.text_sealed.to_vec(),
            latitude_milli: submitted.place.map(|place| place.latitude_milli),
            longitude_milli: submitted.place.map(|place| place.longitude_milli),
            place_sealed: submitted.place_sealed.to_vec(),
            ..Contribution::default()
        };
        if let Some(procedure) = rows::id(&row.procedure) {
            self.tables.put(OF_PROCEDURE, &within(self.tenant, procedure, self.id), Vec::new());
        }
        if let Some(document) = rows::id(&row.document) {
            let key = in_section(self.tenant, document, &row.section, self.id);
            self.tables.put(OF_DOCUMENT, &key, Vec::new());
        }
        self.tables.put(CONTRIBUTIONS, &self.key(), row.encode_to_vec());
        Ok(())
    }

    fn retract(&mut self, held: &Contribution, erased: bool) -> Result<(), ViewError> {
        for source in held.datasets() {
            let (synopsis, id) = match source {
                Source::Synopsis { document } => (true, document),
                Source::Contributions { procedure } => (false, procedure),
                Source::Manual | Source::Observations { .. } => continue,
            };
            let retraction = Retraction {
                tenant: self.tenant.to_owned(),
                synopsis,
                id: id.as_bytes().to_vec(),
                held_since_group: held.held_since_group,
                held_since_index: held.held_since_index,
                erased,
            };
            let position = position_bytes(self.commit.position());
            let key = [&position[..], &self.ordinal.to_be_bytes(), &[u8::from(synopsis)]].concat();
            self.tables.put(RETRACTED, &key, retraction.encode_to_vec());
        }
        Ok(())
    }
}

use allmende_kernel::{SubjectId, TenantId, Timestamp};
use allmende_participation_domain::document::SectionId;
use allmende_participation_domain::{Channel, ContributionId, DocumentId, ProcedureId, ThemeId};
use allmende_proto::participation::events::v1 as stored;
use allmende_proto::participation::v1::{ContributionKind, ProposalState, QueueReason};
use allmende_views::{Keys, Order, Row, StorageError, Table, Tables as _, ViewError};

use super::fold::get;
use super::keys::{
    BY_AUTHOR, BY_PROCEDURE, BY_PROPOSAL, BY_REPORTER, BY_SECTION, BY_SUPPORTS, Counted, DOCUMENTS_OF, Key,
    PROCEDURES_BY_TIME, PROJECTS_BY_TIME, PROJECTS_OF, QUEUE, SECTIONS, THEMES, THEMES_OF, UNANSWERED, WROTE_FOR,
    id_at_end, moment_before_id,
};
use super::official::{DocumentShown, ProcedureShown, ProjectShown, ThemeShown};
use super::page::{FULL, Page, Paged, Wordy as _, page, page_of_texts};
use super::rows::SectionRow;
use super::shown::{Queued, Shown, SynopsisLine};
use super::{ContributionRow, Reader};
use crate::error::Error;
use crate::wire::Word;

/// Which public texts of a procedure are asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Filter {
    /// All if empty.
    pub(crate) kinds: Vec<ContributionKind>,
    pub(crate) theme: Option<ThemeId>,
    pub(crate) channel: Option<Channel>,
    /// South, west, north, east, in thousandths of a degree.
    pub(crate) area: Option<[i32; 4]>,
    pub(crate) proposal: Option<ProposalState>,
}

/// In which order proposals are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProposalOrder {
    Newest,
    Supports,
}

impl Filter {
    /// All but the area, for which a box has to be opened.
    fn admits(&self, row: &ContributionRow) -> bool {
        let submitted = row.submission();
        // The two enums have the same numbers.
        (self.kinds.is_empty() || self.kinds.iter().any(|kind| *kind as i32 == submitted.kind))
            && self.theme.is_none_or(|theme| row.theme_id.as_ref() == theme.as_bytes())
            && self.channel.is_none_or(|channel| Word::<stored::Channel>::of(submitted.channel) == Some(channel))
            && self.proposal.is_none_or(|state| row.proposal() == state)
    }
}

impl Reader<'_> {
    /// Public texts of a procedure, newest first.
    pub(crate) fn contributions(
        &self,
        procedure: ProcedureId,
        filter: &Filter,
        asked: &Paged,
    ) -> Result<Page<Shown>, Error> {
        let list = (BY_PROCEDURE, &self.key().id(procedure.as_bytes()));
        self.texts(list, Order::Descending, filter, asked)
    }

    /// Public proposals of a procedure.
    pub(crate) fn proposals(
        &self,
        procedure: ProcedureId,
        order: ProposalOrder,
        filter: &Filter,
        asked: &Paged,
    ) -> Result<Page<Shown>, Error> {
        let (table, order) = match order {
            ProposalOrder::Newest => (BY_PROCEDURE, Order::Descending),
            ProposalOrder::Supports => (BY_SUPPORTS, Order::Ascending),
        };
        self.texts((table, &self.key().id(procedure.as_bytes())), order, filter, asked)
    }

    pub(crate) fn proposal_comments(&self, proposal: ContributionId, asked: &Paged) -> Result<Page<Shown>, Error> {
        let list = (BY_PROPOSAL, &self.key().id(proposal.as_bytes()));
        self.texts(list, Order::Ascending, &Filter::default(), asked)
    }

    pub(crate) fn section_thread(
        &self,
        document: DocumentId,
        section: &SectionId,
        asked: &Paged,
    ) -> Result<Page<Shown>, Error> {
        let list = (BY_SECTION, &self.key().id(document.as_bytes()).name(section.as_str()));
        self.texts(list, Order::Ascending, &Filter::default(), asked)
    }

    pub(crate) fn unanswered(&self, document: DocumentId, asked: &Paged) -> Result<Page<Shown>, Error> {
        let list = (UNANSWERED, &self.key().id(document.as_bytes()));
        self.texts(list, Order::Ascending, &Filter::default(), asked)
    }

    /// Everything that somebody wrote, newest first.
    pub(crate) fn by_author(&self, author: SubjectId, asked: &Paged) -> Result<Page<Shown>, Error> {
        let list = (BY_AUTHOR, &self.key().id(author.as_bytes()));
        self.texts(list, Order::Descending, &Filter::default(), asked)
    }

    /// Ids of everything that somebody wrote, oldest first.
    pub(crate) fn ids_by_author(&self, author: SubjectId, asked: &Paged) -> Result<Page<ContributionId>, Error> {
        let list = (BY_AUTHOR, &self.key().id(author.as_bytes()));
        page(self.tables, list, Order::Ascending, asked, |key, _| Ok(id_at_end(key).map(ContributionId::from_bytes)))
    }

    /// What somebody told about others' texts: which, and when, oldest first.
    pub(crate) fn reports_by(
        &self,
        reporter: SubjectId,
        asked: &Paged,
    ) -> Result<Page<(ContributionId, Timestamp)>, Error> {
        let list = (BY_REPORTER, &self.key().id(reporter.as_bytes()));
        page(self.tables, list, Order::Ascending, asked, |key, _| {
            Ok(id_at_end(key).map(ContributionId::from_bytes).zip(moment_before_id(key)))
        })
    }

    /// The tenants for which somebody wrote anything.
    pub(crate) fn tenants_of(&self, person: SubjectId) -> Result<Vec<TenantId>, Error> {
        let rows = self.tables.scan(WROTE_FOR, &Keys::prefix(person.as_bytes()), Order::Ascending);
        let tenant = |row: Result<Row, StorageError>| {
            let row = row.map_err(ViewError::from)?;
            let name = row.key().get(person.as_bytes().len()..).and_then(|name| std::str::from_utf8(name).ok());
            name.and_then(|name| TenantId::parse(name).ok()).ok_or_else(|| ViewError::Row(WROTE_FOR).into())
        };
        rows.map(tenant).collect()
    }

    fn texts(&self, list: (Table, &Key), order: Order, filter: &Filter, asked: &Paged) -> Result<Page<Shown>, Error> {
        page_of_texts(self.tables, list, order, asked, |key, _| {
            let Some((id, row)) = self.listed(key)? else { return Ok(None) };
            match filter.admits(&row) && self.is_inside(filter, id, &row)? {
                true => self.show(id, row),
                false => Ok(None),
            }
        })
    }

    /// Whether a text is about a place in the area that is asked for, if one is.
    fn is_inside(&self, filter: &Filter, id: ContributionId, row: &ContributionRow) -> Result<bool, Error> {
        let Some([south, west, north, east]) = filter.area else { return Ok(true) };
        let place = self.vault.place(self.tenant, id, &row.submission())?;
        Ok(place.is_some_and(|place| {
            (south..=north).contains(&place.latitude_milli) && (west..=east).contains(&place.longitude_milli)
        }))
    }

    fn listed(&self, key: &[u8]) -> Result<Option<(ContributionId, ContributionRow)>, ViewError> {
        let Some(id) = id_at_end(key).map(ContributionId::from_bytes) else { return Ok(None) };
        Ok(self.row(id)?.map(|row| (id, row)))
    }

    /// What waits for a moderator, oldest first.
    pub(crate) fn queue(&self, procedure: ProcedureId, asked: &Paged) -> Result<Page<Queued>, Error> {
        let list = (QUEUE, &self.key().id(procedure.as_bytes()));
        page_of_texts(self.tables, list, Order::Ascending, asked, |key, value| {
            let reason = value.first().and_then(|number| QueueReason::try_from(i32::from(*number)).ok());
            let (Some(reason), Some((id, row))) = (reason, self.listed(key)?) else { return Ok(None) };
            let report = |report: &stored::ContributionReported| {
                let note = self.vault.reported(self.tenant, id, &report.note_sealed)?;
                Ok((report.reason, note, report.at_us))
            };
            let reports = row.reports.iter().map(report).collect::<Result<_, Error>>()?;
            Ok(self.show(id, row)?.map(|shown| Queued { reason, shown, reports }))
        })
    }

    /// Every public comment on a text, by section in the order of the latest version; what hangs on sections that it
    /// has no more comes last.
    pub(crate) fn synopsis(&self, document: DocumentId, asked: &Paged) -> Result<Page<SynopsisLine>, Error> {
        let sections = self.synopsis_sections(document)?;
        // A cursor is the number of the section and the last row in it.
        let (mut at, mut after) = match asked.after.as_deref().and_then(<[u8]>::split_first_chunk::<4>) {
            Some((number, rest)) => (u32::from_be_bytes(*number) as usize, (!rest.is_empty()).then(|| rest.to_vec())),
            None => (0, None),
        };
        let (mut lines, mut bytes) = (Vec::new(), 0);
        while let Some((id, heading)) = sections.get(at) {
            let rest = Paged { after: after.take(), max: asked.max - lines.len() };
            let list = (BY_SECTION, &self.key().id(document.as_bytes()).name(id));
            let found = self.texts(list, Order::Ascending, &Filter::default(), &rest)?;
            bytes += found.items.iter().map(|shown| shown.bytes()).sum::<usize>();
            let line = |shown| SynopsisLine { section_id: id.clone(), heading: heading.clone(), shown };
            lines.extend(found.items.into_iter().map(line));
            let cursor = |number: usize, row: Vec<u8>| [&(number as u32).to_be_bytes()[..], &row].concat();
            if let Some(row) = found.next {
                return Ok(Page { items: lines, next: Some(cursor(at, row)) });
            }
            at += 1;
            if (lines.len() >= asked.max || bytes >= FULL) && at < sections.len() {
                return Ok(Page { items: lines, next: Some(cursor(at, Vec::new())) });
            }
        }
        Ok(Page { items: lines, next: None })
    }

    /// Ids and headings of all sections that a text has or had.
    fn synopsis_sections(&self, document: DocumentId) -> Result<Vec<(String, String)>, Error> {
        let latest = self.document(document)?.map_or(0, |document| document.row.latest_version);
        let version = self.version(document, latest)?;
        let mut sections: Vec<(String, String)> = version
            .into_iter()
            .flat_map(|version| version.row.sections)
            .map(|section| (section.section_id, section.heading))
            .collect();
        let prefix = self.key().id(document.as_bytes());
        for row in self.tables.scan(SECTIONS, &Keys::prefix(prefix.as_bytes()), Order::Ascending) {
            let row = row.map_err(ViewError::from)?;
            let gone: SectionRow = prost::Message::decode(row.value.as_ref()).map_err(|_| ViewError::Row(SECTIONS))?;
            let id = row.key()[prefix.as_bytes().len()..].strip_suffix(&[0]).unwrap_or_default();
            if gone.version < latest {
                sections.push((String::from_utf8_lossy(id).into_owned(), gone.heading));
            }
        }
        Ok(sections)
    }

    pub(crate) fn procedures(&self, asked: &Paged) -> Result<Page<ProcedureShown>, Error> {
        page(self.tables, (PROCEDURES_BY_TIME, &self.key()), Order::Descending, asked, |key, _| {
            let id = id_at_end(key).map(ProcedureId::from_bytes);
            Ok(id.map(|id| self.procedure(id)).transpose()?.flatten())
        })
    }

    pub(crate) fn themes(&self, procedure: ProcedureId, asked: &Paged) -> Result<Page<ThemeShown>, Error> {
        let list = (THEMES_OF, &self.key().id(procedure.as_bytes()));
        page(self.tables, list, Order::Ascending, asked, |key, _| {
            let Some(id) = id_at_end(key) else { return Ok(None) };
            let Some(row) = get(self.tables, THEMES, &self.key().id(&id))? else { return Ok(None) };
            let contributions = self.count(&self.counted(Counted::InTheme).id(&id))?;
            Ok(Some(ThemeShown { id, row, contributions }))
        })
    }

    pub(crate) fn documents(&self, procedure: ProcedureId, asked: &Paged) -> Result<Page<DocumentShown>, Error> {
        let list = (DOCUMENTS_OF, &self.key().id(procedure.as_bytes()));
        page(self.tables, list, Order::Descending, asked, |key, _| {
            let id = id_at_end(key).map(DocumentId::from_bytes);
            Ok(id.map(|id| self.document(id)).transpose()?.flatten())
        })
    }

    pub(crate) fn projects(&self, procedure: Option<ProcedureId>, asked: &Paged) -> Result<Page<ProjectShown>, Error> {
        let list = match procedure {
            Some(procedure) => (PROJECTS_OF, self.key().id(procedure.as_bytes())),
            None => (PROJECTS_BY_TIME, self.key()),
        };
        page(self.tables, (list.0, &list.1), Order::Descending, asked, |key, _| {
            let id = id_at_end(key).map(allmende_participation_domain::ProjectId::from_bytes);
            Ok(id.map(|id| self.project(id)).transpose()?.flatten())
        })
    }
}

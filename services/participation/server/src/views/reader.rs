use std::cell::RefCell;
use std::collections::HashMap;

use allmende_kernel::{TenantId, Timestamp};
use allmende_participation_domain::document::SectionId;
use allmende_participation_domain::{Channel, ContributionId, DocumentId, ProcedureId, ProjectId};
use allmende_proto::participation::events::v1 as stored;
use allmende_views::{Snapshot, Tables as _, ViewError};

use super::fold::get;
use super::index::count;
use super::keys::{
    CONTRIBUTIONS, COUNTS, Counted, DOCUMENTS, Key, PROCEDURES, PROJECTS, SECTIONS, SUPPORT_COUNTS, SUPPORTS, THEMES,
    VERSIONS,
};
use super::official::{DocumentShown, ProcedureShown, ProjectShown, VersionShown, hides_counts};
use super::rows::{ContributionRow, DocumentRow, ProcedureRow, SectionRow, ThemeRow, VersionRow};
use super::shown::Viewer;
use crate::error::Error;
use crate::sealing::Vault;

/// Answers questions of one tenant at one position, for one who asks.
pub(crate) struct Reader<'a> {
    pub(super) tables: &'a Snapshot,
    pub(super) vault: &'a Vault,
    pub(super) tenant: &'a TenantId,
    pub(super) viewer: &'a Viewer,
    pub(super) now: Timestamp,
    /// A list is mostly of one procedure and a few themes.
    procedures: RefCell<HashMap<ProcedureId, Option<ProcedureShown>>>,
    themes: RefCell<HashMap<Vec<u8>, Option<stored::ThemeAnswered>>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        tables: &'a Snapshot,
        vault: &'a Vault,
        tenant: &'a TenantId,
        viewer: &'a Viewer,
        now: Timestamp,
    ) -> Self {
        Self { tables, vault, tenant, viewer, now, procedures: RefCell::default(), themes: RefCell::default() }
    }

    pub(super) fn key(&self) -> Key {
        Key::of(self.tenant.as_str())
    }

    pub(super) fn counted(&self, counted: Counted) -> Key {
        Key::counted(self.tenant.as_str(), counted)
    }

    pub(super) fn count(&self, key: &Key) -> Result<u32, ViewError> {
        Ok(count(self.tables.get(COUNTS, key.as_bytes())?.as_deref()))
    }

    /// A contribution's row, whoever may see it.
    pub(crate) fn row(&self, id: ContributionId) -> Result<Option<ContributionRow>, ViewError> {
        get(self.tables, CONTRIBUTIONS, &self.key().id(id.as_bytes()))
    }

    pub(crate) fn procedure(&self, id: ProcedureId) -> Result<Option<ProcedureShown>, ViewError> {
        if let Some(known) = self.procedures.borrow().get(&id) {
            return Ok(known.clone());
        }
        let row = get::<ProcedureRow>(self.tables, PROCEDURES, &self.key().id(id.as_bytes()))?;
        let shown = row.map(|row| self.procedure_shown(id, row)).transpose()?;
        self.procedures.borrow_mut().insert(id, shown.clone());
        Ok(shown)
    }

    fn procedure_shown(&self, id: ProcedureId, row: ProcedureRow) -> Result<ProcedureShown, ViewError> {
        let counts = self.reach(id)?;
        let published = counts.iter().map(|(_, [_, published, _])| published).sum();
        let hides_counts = hides_counts(&row, self.now);
        Ok(ProcedureShown { id: *id.as_bytes(), row, published, hides_counts, now: self.now })
    }

    /// What came in over each channel: received, published, answered.
    pub(crate) fn reach(&self, procedure: ProcedureId) -> Result<Vec<(Channel, [u32; 3])>, ViewError> {
        use crate::wire::Word as _;
        let counts = |channel: Channel| {
            let number: stored::Channel = channel.message();
            let of = |counted| self.count(&self.counted(counted).id(procedure.as_bytes()).byte(number as u8));
            Ok((channel, [of(Counted::Received)?, of(Counted::Published)?, of(Counted::Answered)?]))
        };
        Channel::ALL.into_iter().map(counts).collect()
    }

    pub(crate) fn waiting(&self, procedure: ProcedureId) -> Result<u32, ViewError> {
        self.count(&self.counted(Counted::Waiting).id(procedure.as_bytes()))
    }

    pub(crate) fn unanswered_count(&self, document: DocumentId) -> Result<u32, ViewError> {
        self.count(&self.counted(Counted::Unanswered).id(document.as_bytes()))
    }

    pub(crate) fn project(&self, id: ProjectId) -> Result<Option<ProjectShown>, ViewError> {
        let row = get(self.tables, PROJECTS, &self.key().id(id.as_bytes()))?;
        Ok(row.map(|row| ProjectShown { id: *id.as_bytes(), row }))
    }

    pub(crate) fn document(&self, id: DocumentId) -> Result<Option<DocumentShown>, ViewError> {
        let row = get::<DocumentRow>(self.tables, DOCUMENTS, &self.key().id(id.as_bytes()))?;
        Ok(row.map(|row| DocumentShown { id: *id.as_bytes(), row, now: self.now }))
    }

    /// A version of a text with its sections in order.
    pub(crate) fn version(&self, document: DocumentId, number: u32) -> Result<Option<VersionShown>, ViewError> {
        let key = self.key().id(document.as_bytes()).number(number);
        let Some(row) = get::<VersionRow>(self.tables, VERSIONS, &key)? else { return Ok(None) };
        let on = |section: &stored::Section| {
            self.count(&self.counted(Counted::OnSection).id(document.as_bytes()).name(&section.section_id))
        };
        let comments = row.sections.iter().map(on).collect::<Result<_, _>>()?;
        Ok(Some(VersionShown { number, row, comments }))
    }

    /// The heading of a section in the last version that has it.
    pub(crate) fn section(&self, document: DocumentId, section: &SectionId) -> Result<Option<SectionRow>, ViewError> {
        get(self.tables, SECTIONS, &self.key().id(document.as_bytes()).name(section.as_str()))
    }

    pub(super) fn supports(&self, id: ContributionId) -> Result<u32, ViewError> {
        Ok(count(self.tables.get(SUPPORT_COUNTS, self.key().id(id.as_bytes()).as_bytes())?.as_deref()))
    }

    pub(super) fn is_supported(&self, id: ContributionId) -> Result<bool, ViewError> {
        let Some(subject) = self.viewer.subject else { return Ok(false) };
        let key = self.key().id(id.as_bytes()).id(subject.as_bytes());
        Ok(self.tables.get(SUPPORTS, key.as_bytes())?.is_some())
    }

    pub(super) fn comments_on(&self, id: ContributionId) -> Result<u32, ViewError> {
        self.count(&self.counted(Counted::OnProposal).id(id.as_bytes()))
    }

    /// The answer to the theme of a text.
    pub(super) fn theme_answer(&self, row: &ContributionRow) -> Result<Option<stored::ThemeAnswered>, Error> {
        if row.theme_id.is_empty() {
            return Ok(None);
        }
        if let Some(known) = self.themes.borrow().get(row.theme_id.as_ref()) {
            return Ok(known.clone());
        }
        let theme = get::<ThemeRow>(self.tables, THEMES, &self.key().id(&row.theme_id))?;
        let answer = theme.and_then(|theme| theme.answer);
        self.themes.borrow_mut().insert(row.theme_id.to_vec(), answer.clone());
        Ok(answer)
    }
}

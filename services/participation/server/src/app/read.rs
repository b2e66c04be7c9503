use allmende_kernel::{SubjectId, TenantId};
use allmende_keyring::Opened;
use allmende_participation_domain::document::SectionId;
use allmende_participation_domain::{
    AttachmentId, Channel, ContributionId, DocumentId, ProcedureId, ProjectId, contribution, document, procedure,
    project,
};
use allmende_runtime::fields::ConsistencyToken;

use super::diff::{self, SectionDiff};
use super::{Answer, App};
use crate::error::{Error, Rejection};
use crate::sealing::Part;
use crate::views::{
    DocumentShown, Filter, Page, Paged, ProcedureShown, ProjectShown, ProposalOrder, Queued, Reader, Shown,
    SynopsisLine, ThemeShown, VersionShown, Viewer,
};

/// What a search found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Contribution(ContributionId),
    Section(DocumentId, SectionId, u32),
    Procedure(ProcedureId),
    Project(ProjectId),
}

/// A hit, with the words around what was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) place: Place,
    pub(crate) title: String,
    pub(crate) snippet: String,
    /// Byte ranges of the snippet.
    pub(crate) marks: Vec<std::ops::Range<usize>>,
}

/// Whom a question is from, and how much it has to show.
pub(crate) struct Asked<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) viewer: &'a Viewer,
    pub(crate) token: &'a ConsistencyToken,
}

impl App {
    async fn ask<T: Send + 'static>(
        &self,
        asked: Asked<'_>,
        read: impl FnOnce(&Reader<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Answer<T>, Error> {
        self.read(asked.tenant, asked.viewer, asked.token, read).await
    }

    pub(crate) async fn contribution(
        &self,
        tenant: &TenantId,
        viewer: &Viewer,
        id: ContributionId,
        token: &ConsistencyToken,
    ) -> Result<Answer<Shown>, Error> {
        self.read(tenant, viewer, token, move |reader| shown(reader, id)).await
    }

    pub(crate) async fn procedures(
        &self,
        asked: Asked<'_>,
        page: Paged,
    ) -> Result<Answer<Page<ProcedureShown>>, Error> {
        self.ask(asked, move |reader| reader.procedures(&page)).await
    }

    pub(crate) async fn procedure(&self, asked: Asked<'_>, id: ProcedureId) -> Result<Answer<ProcedureShown>, Error> {
        self.ask(asked, move |reader| known_procedure(reader, id)).await
    }

    pub(crate) async fn contributions(
        &self,
        asked: Asked<'_>,
        procedure: ProcedureId,
        filter: Filter,
        page: Paged,
    ) -> Result<Answer<Page<Shown>>, Error> {
        self.ask(asked, move |reader| {
            known_procedure(reader, procedure)?;
            reader.contributions(procedure, &filter, &page)
        })
        .await
    }

    pub(crate) async fn proposals(
        &self,
        asked: Asked<'_>,
        procedure: ProcedureId,
        (order, filter): (ProposalOrder, Filter),
        page: Paged,
    ) -> Result<Answer<Page<Shown>>, Error> {
        self.ask(asked, move |reader| {
            let known = known_procedure(reader, procedure)?;
            if order == ProposalOrder::Supports && known.hides_counts {
                return Err(Rejection::CountsHidden.into());
            }
            reader.proposals(procedure, order, &filter, &page)
        })
        .await
    }

    pub(crate) async fn proposal_comments(
        &self,
        asked: Asked<'_>,
        proposal: ContributionId,
        page: Paged,
    ) -> Result<Answer<Page<Shown>>, Error> {
        self.ask(asked, move |reader| {
            shown(reader, proposal)?;
            reader.proposal_comments(proposal, &page)
        })
        .await
    }

    pub(crate) async fn by_author(
        &self,
        asked: Asked<'_>,
        author: SubjectId,
        page: Paged,
    ) -> Result<Answer<Page<Shown>>, Error> {
        self.ask(asked, move |reader| reader.by_author(author, &page)).await
    }

    pub(crate) async fn queue(
        &self,
        asked: Asked<'_>,
        procedure: ProcedureId,
        page: Paged,
    ) -> Result<Answer<(Page<Queued>, u32)>, Error> {
        self.ask(asked, move |reader| Ok((reader.queue(procedure, &page)?, reader.waiting(procedure)?))).await
    }

    pub(crate) async fn themes(
        &self,
        asked: Asked<'_>,
        procedure: ProcedureId,
        page: Paged,
    ) -> Result<Answer<Page<ThemeShown>>, Error> {
        self.ask(asked, move |reader| {
            known_procedure(reader, procedure)?;
            reader.themes(procedure, &page)
        })
        .await
    }

    pub(crate) async fn projects(
        &self,
        asked: Asked<'_>,
        procedure: Option<ProcedureId>,
        page: Paged,
    ) -> Result<Answer<Page<ProjectShown>>, Error> {
        self.ask(asked, move |reader| reader.projects(procedure, &page)).await
    }

    pub(crate) async fn project(&self, asked: Asked<'_>, id: ProjectId) -> Result<Answer<ProjectShown>, Error> {
        self.ask(asked, move |reader| {
            Ok(reader.project(id)?.ok_or_else(|| Rejection::from(project::Rejection::Unknown))?)
        })
        .await
    }

    pub(crate) async fn reach(
        &self,
        asked: Asked<'_>,
        procedure: ProcedureId,
    ) -> Result<Answer<Vec<(Channel, [u32; 3])>>, Error> {
        self.ask(asked, move |reader| {
            known_procedure(reader, procedure)?;
            Ok(reader.reach(procedure)?)
        })
        .await
    }

    pub(crate) async fn documents(
        &self,
        asked: Asked<'_>,
        procedure: ProcedureId,
        page: Paged,
    ) -> Result<Answer<Page<DocumentShown>>, Error> {
        self.ask(asked, move |reader| {
            known_procedure(reader, procedure)?;
            reader.documents(procedure, &page)
        })
        .await
    }

    /// `None` as version: the latest.
    pub(crate) async fn document(
        &self,
        asked: Asked<'_>,
        id: DocumentId,
        version: Option<u32>,
    ) -> Result<Answer<(DocumentShown, VersionShown)>, Error> {
        self.ask(asked, move |reader| {
            let document = known_document(reader, id)?;
            let number = version.unwrap_or(document.row.latest_version);
            Ok((document, known_version(reader, id, number)?))
        })
        .await
    }

    pub(crate) async fn diff(
        &self,
        asked: Asked<'_>,
        id: DocumentId,
        (from, to): (u32, u32),
    ) -> Result<Answer<Vec<SectionDiff>>, Error> {
        self.ask(asked, move |reader| {
            known_document(reader, id)?;
            let (from, to) = (known_version(reader, id, from)?, known_version(reader, id, to)?);
            Ok(diff::sections(&from.row.sections, &to.row.sections))
        })
        .await
    }

    pub(crate) async fn section_thread(
        &self,
        asked: Asked<'_>,
        (document, section): (DocumentId, SectionId),
        page: Paged,
    ) -> Result<Answer<Page<Shown>>, Error> {
        self.ask(asked, move |reader| {
            known_document(reader, document)?;
            reader.section(document, &section)?.ok_or(Rejection::SectionUnknown)?;
            reader.section_thread(document, &section, &page)
        })
        .await
    }

    pub(crate) async fn unanswered(
        &self,
        asked: Asked<'_>,
        document: DocumentId,
        page: Paged,
    ) -> Result<Answer<(Page<Shown>, u32)>, Error> {
        self.ask(asked, move |reader| {
            known_document(reader, document)?;
            Ok((reader.unanswered(document, &page)?, reader.unanswered_count(document)?))
        })
        .await
    }

    pub(crate) async fn synopsis(
        &self,
        asked: Asked<'_>,
        document: DocumentId,
        page: Paged,
    ) -> Result<Answer<Page<SynopsisLine>>, Error> {
        self.ask(asked, move |reader| {
            known_document(reader, document)?;
            reader.synopsis(document, &page)
        })
        .await
    }

    /// A file of a text that the caller may see: its media type and content.
    pub(crate) async fn attachment(
        &self,
        asked: Asked<'_>,
        (id, attachment): (ContributionId, AttachmentId),
    ) -> Result<Answer<(String, Vec<u8>)>, Error> {
        let (files, vault, tenant) = (self.attachments.clone(), self.vault.clone(), asked.tenant.clone());
        self.ask(asked, move |reader| {
            let attachments = shown(reader, id)?.row.submission().attachments;
            let found = attachments.into_iter().find(|it| it.attachment_id == attachment.as_bytes()[..]);
            let found = found.ok_or(Rejection::AttachmentUnknown)?;
            let sealed = files.get(&found.sealed_sha256).map_err(Error::Attachment)?;
            match vault.open(&tenant, id, Part::Attachment(attachment), &sealed)? {
                Opened::Content(content) => Ok((found.media_type, content)),
                Opened::Erased => Err(Rejection::from(contribution::Rejection::Erased).into()),
            }
        })
        .await
    }

    /// Searches what is public. A hit that is public no more is left out.
    pub(crate) async fn search(
        &self,
        asked: Asked<'_>,
        query: crate::search::Query,
        (offset, max): (usize, usize),
    ) -> Result<Answer<(Vec<Found>, bool)>, Error> {
        self.search.wait_for(&self.queries, asked.token).await?;
        let (search, tenant) = (self.search.clone(), asked.tenant.clone());
        self.ask(asked, move |reader| search.find(&tenant, reader, &query, offset, max)).await
    }
}

fn shown(reader: &Reader<'_>, id: ContributionId) -> Result<Shown, Error> {
    let unknown = || Rejection::from(contribution::Rejection::Unknown);
    let row = reader.row(id)?.ok_or_else(unknown)?;
    Ok(reader.show(id, row)?.ok_or_else(unknown)?)
}

fn known_procedure(reader: &Reader<'_>, id: ProcedureId) -> Result<ProcedureShown, Error> {
    Ok(reader.procedure(id)?.ok_or_else(|| Rejection::from(procedure::Rejection::Unknown))?)
}

fn known_document(reader: &Reader<'_>, id: DocumentId) -> Result<DocumentShown, Error> {
    Ok(reader.document(id)?.ok_or_else(|| Rejection::from(document::Rejection::Unknown))?)
}

fn known_version(reader: &Reader<'_>, id: DocumentId, number: u32) -> Result<VersionShown, Error> {
    Ok(reader.version(id, number)?.ok_or(Rejection::VersionUnknown)?)
}

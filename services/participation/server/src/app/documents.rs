use allmende_eventlog::{Rehearsal, Request};
use allmende_kernel::{TenantId, Timestamp};
use allmende_participation_domain::document::{Command, Draft, Model};
use allmende_participation_domain::{ContributionId, DocumentId, ProcedureId, document};
use allmende_runtime::fields::ConsistencyToken;

use super::{Answer, App, exists, refused, stream};
use crate::error::{Error, Rejection};
use crate::views::{DocumentShown, Paged, Viewer};
use crate::wire::Document;

/// Unanswered comments that a warning names.
const NAMED: usize = 50;
/// How long a revision waits to know which comments are unanswered.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// What became of a revision.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Revised {
    pub(crate) published: bool,
    pub(crate) document: DocumentShown,
    pub(crate) unanswered: u32,
    pub(crate) named: Vec<ContributionId>,
}

impl App {
    /// Publishes a text, or invites comments on it.
    pub(crate) async fn change_document(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        id: DocumentId,
        command: impl Fn(Timestamp) -> Command,
    ) -> Result<Answer<DocumentShown>, Error> {
        let token = self.decide_document(tenant, procedure, request, id, command).await?;
        self.read(tenant, &Viewer::public(), &token, move |reader| {
            Ok(reader.document(id)?.ok_or_else(|| Rejection::from(document::Rejection::Unknown))?)
        })
        .await
    }

    /// Publishes the next version; while public comments lack an answer only if that is wanted all the same.
    ///
    /// The warning is one: a comment that is published while it is being asked for may be missing in it. A request that
    /// has published a version is answered so again, whatever was commented since.
    pub(crate) async fn publish_revision(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        (id, base, drafts): (DocumentId, u32, Vec<Draft>),
        despite_unanswered: bool,
    ) -> Result<Answer<Revised>, Error> {
        self.queries.view().catch_up(PATIENCE).await.map_err(allmende_hosting::Failure::from)?;
        let before = self.revised(tenant, procedure, id, &ConsistencyToken::default()).await?;
        let unanswered = before.value.unanswered;
        if unanswered > 0 && !despite_unanswered {
            return match self.rehearse(request, |_, _| Ok(())).await? {
                Rehearsal::Taken(()) => Ok(before),
                Rehearsal::Done(_) => Ok(before.map(|before| Revised { published: true, ..before })),
            };
        }
        let command = |at| Command::PublishRevision { procedure, base, drafts: drafts.clone(), unanswered, at };
        let token = self.decide_document(tenant, procedure, request, id, command).await?;
        let after = self.revised(tenant, procedure, id, &token).await?;
        Ok(after.map(|after| Revised { published: true, ..after }))
    }

    async fn decide_document(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        id: DocumentId,
        command: impl Fn(Timestamp) -> Command,
    ) -> Result<ConsistencyToken, Error> {
        let of_document = stream::<Model>(tenant, id);
        self.commands.warm::<Document>(&of_document).await?;
        self.change(request, |transaction, now| {
            let exists = exists(transaction, tenant, procedure)?;
            transaction.decide::<Document>(&of_document, &exists, &command(now)).map(|_| ()).map_err(refused)
        })
        .await
    }

    /// How a text stands, with the public comments on it that lack an answer.
    async fn revised(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        id: DocumentId,
        token: &ConsistencyToken,
    ) -> Result<Answer<Revised>, Error> {
        self.read(tenant, &Viewer::public(), token, move |reader| {
            let document =
                reader.document(id)?.filter(|document| document.row.procedure_id == procedure.as_bytes()[..]);
            let document = document.ok_or_else(|| Rejection::from(document::Rejection::Unknown))?;
            let named = reader.unanswered(id, &Paged { after: None, max: NAMED })?.items;
            Ok(Revised {
                published: false,
                document,
                unanswered: reader.unanswered_count(id)?,
                named: named.into_iter().map(|shown| shown.id).collect(),
            })
        })
        .await
    }
}

use allmende_eventlog::{Origin, Request};
use allmende_hosting::Failure;
use allmende_kernel::{SubjectId, TenantId, Timestamp};
use allmende_participation_domain::ContributionId;
use allmende_participation_domain::contribution::{Command, Context, ErasureReason, Model};
use allmende_runtime::fields::ConsistencyToken;

use super::{App, PATIENCE, refused, stream};
use crate::error::Error;
use crate::views::{Paged, Viewer};
use crate::wire::Contribution;

/// Texts that are erased before the next ones are looked up.
const AT_ONCE: usize = 100;

/// What was erased.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Erased {
    pub(crate) texts: u32,
    pub(crate) seen: ConsistencyToken,
}

impl App {
    /// Forgets a text: its key, so that whatever was sealed with it is gone from log, views and backups; its files; its
    /// words in the search index. Returns when all that is done.
    ///
    /// Can be repeated from any point at which it was cut off: every step finds what is done already.
    pub(crate) async fn erase_contribution(
        &self,
        tenant: &TenantId,
        id: ContributionId,
        reason: ErasureReason,
    ) -> Result<ConsistencyToken, Error> {
        self.queries.view().catch_up(PATIENCE).await.map_err(Failure::from)?;
        self.forget(tenant, id, reason, Origin::Unlinked).await?;
        self.forget_words().await
    }

    /// Forgets everything that a person wrote for a tenant, what they told about others' texts too; tells how many texts
    /// were theirs.
    pub(crate) async fn erase_person(
        &self,
        tenant: &TenantId,
        person: SubjectId,
        reason: ErasureReason,
    ) -> Result<Erased, Error> {
        self.queries.view().catch_up(PATIENCE).await.map_err(Failure::from)?;
        self.forget_reports(tenant, person, None).await?;
        let mut erased = Erased { texts: 0, seen: ConsistencyToken::default() };
        loop {
            // What is erased has no author any more and leaves the list, so that the next page is the first one.
            let first = Paged { after: None, max: AT_ONCE };
            let ids = self
                .read(tenant, &Viewer::public(), &erased.seen, move |reader| reader.ids_by_author(person, &first))
                .await?;
            if ids.value.items.is_empty() {
                erased.seen = self.forget_words().await?;
                return Ok(erased);
            }
            for id in ids.value.items {
                erased.seen = self.forget(tenant, id, reason, Origin::Unlinked).await?;
                erased.texts += 1;
            }
        }
    }

    /// Waits until no word of what is erased by now is in the search index: an erasure that was cut off before it got
    /// there is not seen in the texts any more.
    async fn forget_words(&self) -> Result<ConsistencyToken, Error> {
        self.queries.view().catch_up(PATIENCE).await.map_err(Failure::from)?;
        let seen = self.queries.seen(self.queries.view().applied());
        self.search.forgotten(&self.queries, &seen).await?;
        Ok(seen)
    }

    /// Forgets what a person told about others' texts, until a moment if one is given. Nothing else of the texts changes,
    /// and nothing is noted: a note whose key is gone is none.
    pub(super) async fn forget_reports(
        &self,
        tenant: &TenantId,
        person: SubjectId,
        until: Option<Timestamp>,
    ) -> Result<(), Error> {
        let mut page = Paged { after: None, max: AT_ONCE };
        loop {
            let (viewer, token, asked) = (Viewer::public(), ConsistencyToken::default(), page.clone());
            let reports = self.read(tenant, &viewer, &token, move |reader| reader.reports_by(person, &asked)).await?;
            for (id, at) in reports.value.items {
                if until.is_none_or(|until| at <= until) {
                    self.vault.erase_report(tenant, id, person).await?;
                }
            }
            match reports.value.next {
                Some(after) => page.after = Some(after),
                None => return Ok(()),
            }
        }
    }

    /// Erasing twice is erasing once, whatever it comes from, so that nothing need be remembered of who asked.
    pub(super) async fn forget(
        &self,
        tenant: &TenantId,
        id: ContributionId,
        reason: ErasureReason,
        origin: Origin,
    ) -> Result<ConsistencyToken, Error> {
        let row = self.row(tenant, id).await?.unwrap_or_default();
        self.vault.erase(tenant, id).await?;
        self.remove_files(row.submission().attachments.into_iter().map(|file| file.sealed_sha256).collect()).await?;
        let of_text = stream::<Model>(tenant, id);
        let request = Request { origin, actor: None, trace: None };
        self.change(&request, |transaction, at| {
            let command = Command::Erase { reason, at };
            transaction.decide::<Contribution>(&of_text, &Context::default(), &command).map(|_| ()).map_err(refused)
        })
        .await
    }
}

//! Erasures that gateway decided, carried out.

use std::collections::BTreeSet;

use allmende_hosting::{Cause, Failure};
use allmende_kernel::{SubjectId, TenantId, Timestamp};
use allmende_participation_domain::ContributionId;
use allmende_participation_domain::contribution::ErasureReason;
use allmende_runtime::fields::ConsistencyToken;

use super::App;
use super::erase::PATIENCE;
use crate::error::Error;
use crate::views::{Paged, Viewer};

/// Texts of a person that are looked up at once.
const AT_ONCE: usize = 100;

/// How far an erasure goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Extent {
    /// These texts, for the tenant that decided.
    Named(Vec<ContributionId>),
    /// Everything the person wrote for the tenant that decided.
    Tenant,
    /// Everything the person wrote for any tenant: the account goes, and it is of the installation.
    Installation,
}

/// An accepted request to be forgotten.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AcceptedErasure {
    /// Which tenant decided.
    pub(crate) tenant: TenantId,
    pub(crate) person: SubjectId,
    /// What was written later is none of it.
    pub(crate) decided_at: Timestamp,
    pub(crate) extent: Extent,
    /// What is kept all the same.
    pub(crate) kept: BTreeSet<ContributionId>,
}

impl App {
    /// Erases what was accepted. Done again it finds that nothing is left to do, and erases nothing that the person wrote
    /// since; cut off, it goes on where it was.
    pub(crate) async fn carry_out(&self, cause: &Cause, erasure: &AcceptedErasure) -> Result<(), Error> {
        // What was admitted before the decision may be on its way still.
        self.commands.log().settle().wait().await.map_err(Failure::from)?;
        self.queries.view().catch_up(PATIENCE).await.map_err(Failure::from)?;
        let (tenant, person, mut seen) = (&erasure.tenant, erasure.person, None);
        match &erasure.extent {
            Extent::Named(named) => {
                for id in named {
                    seen = self.erase_for(cause, erasure, tenant, *id).await?.or(seen);
                }
            }
            Extent::Tenant => seen = self.erase_all_for(cause, erasure, tenant).await?,
            Extent::Installation => {
                let (viewer, token) = (Viewer::public(), ConsistencyToken::default());
                let tenants = self.read(tenant, &viewer, &token, move |reader| reader.tenants_of(person)).await?;
                for tenant in tenants.value {
                    seen = self.erase_all_for(cause, erasure, &tenant).await?.or(seen);
                }
            }
        }
        match seen {
            Some(seen) => self.search.forgotten(&self.queries, &seen).await,
            None => Ok(()),
        }
    }

    /// Erases everything that the person wrote for one tenant, as far as it was accepted.
    async fn erase_all_for(
        &self,
        cause: &Cause,
        erasure: &AcceptedErasure,
        tenant: &TenantId,
    ) -> Result<Option<ConsistencyToken>, Error> {
        let (person, mut seen) = (erasure.person, None);
        self.forget_reports(tenant, person, Some(erasure.decided_at)).await?;
        let mut page = Paged { after: None, max: AT_ONCE };
        loop {
            let (viewer, token, asked) = (Viewer::public(), ConsistencyToken::default(), page.clone());
            let list = self.read(tenant, &viewer, &token, move |reader| reader.ids_by_author(person, &asked)).await?;
            for id in list.value.items {
                seen = self.erase_for(cause, erasure, tenant, id).await?.or(seen);
            }
            match list.value.next {
                Some(after) => page.after = Some(after),
                None => return Ok(seen),
            }
        }
    }

    /// Erases one text, if it is part of what was accepted and not erased yet.
    async fn erase_for(
        &self,
        cause: &Cause,
        erasure: &AcceptedErasure,
        tenant: &TenantId,
        id: ContributionId,
    ) -> Result<Option<ConsistencyToken>, Error> {
        let row = self.row(tenant, id).await?;
        let Some(row) = row.filter(|row| !row.erased && !erasure.kept.contains(&id)) else { return Ok(None) };
        let submission = row.submission();
        // What came in on paper has no author here, and whose it is was looked at by whoever decided.
        let theirs = submission.author.is_empty() || submission.author == erasure.person.as_bytes()[..];
        if !theirs {
            tracing::warn!(source = %cause.source, position = %cause.position,
                "an erasure names a text of somebody else, which is left as it is");
        }
        if !theirs || submission.at_us > erasure.decided_at.as_micros() {
            return Ok(None);
        }
        let step = self.next_step(cause)?;
        self.forget(tenant, id, ErasureReason::Request, cause.origin(step)).await.map(Some)
    }

    /// The first effect of `cause` that is not there yet: which text was which follows from the log alone.
    fn next_step(&self, cause: &Cause) -> Result<u32, Error> {
        let (log, now, mut step) = (self.commands.log(), self.now(), 0);
        while log.recall(&cause.origin(step), now).map_err(Failure::from)?.is_some() {
            step += 1;
        }
        Ok(step)
    }
}

//! Erasures that gateway decided, carried out.

use std::collections::BTreeSet;

use allmende_hosting::{Cause, Failure};
use allmende_kernel::{Position, SubjectId, TenantId, Timestamp};
use allmende_participation_domain::ContributionId;
use allmende_participation_domain::contribution::ErasureReason;
use allmende_runtime::fields::ConsistencyToken;

use super::{App, PATIENCE};
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
        let (tenant, person) = (&erasure.tenant, erasure.person);
        match &erasure.extent {
            Extent::Named(named) => {
                for id in named {
                    self.erase_for(cause, erasure, tenant, *id).await?;
                }
            }
            Extent::Tenant => self.erase_all_for(cause, erasure, tenant).await?,
            Extent::Installation => {
                let (viewer, token) = (Viewer::public(), ConsistencyToken::default());
                let tenants = self.read(tenant, &viewer, &token, move |reader| reader.tenants_of(person)).await?;
                for tenant in tenants.value {
                    self.erase_all_for(cause, erasure, &tenant).await?;
                }
            }
        }
        // Also of what an attempt erased that was cut off before the words were gone.
        match self.effects(cause).await?.1 {
            Some(last) => self.search.forgotten(&self.queries, &self.queries.seen(last)).await,
            None => Ok(()),
        }
    }

    /// Erases everything that the person wrote for one tenant, as far as it was accepted.
    async fn erase_all_for(&self, cause: &Cause, erasure: &AcceptedErasure, tenant: &TenantId) -> Result<(), Error> {
        let person = erasure.person;
        self.forget_reports(tenant, person, Some(erasure.decided_at)).await?;
        let mut page = Paged { after: None, max: AT_ONCE };
        loop {
            let (viewer, token, asked) = (Viewer::public(), ConsistencyToken::default(), page.clone());
            let list = self.read(tenant, &viewer, &token, move |reader| reader.ids_by_author(person, &asked)).await?;
            for id in list.value.items {
                self.erase_for(cause, erasure, tenant, id).await?;
            }
            match list.value.next {
                Some(after) => page.after = Some(after),
                None => return Ok(()),
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
    ) -> Result<(), Error> {
        let row = self.row(tenant, id).await?;
        let Some(row) = row.filter(|row| !row.erased && !erasure.kept.contains(&id)) else { return Ok(()) };
        let submission = row.submission();
        // What came in on paper has no author here, and whose it is was looked at by whoever decided.
        let theirs = submission.author.is_empty() || submission.author == erasure.person.as_bytes()[..];
        if !theirs {
            tracing::warn!(source = %cause.source, position = %cause.position,
                "an erasure names a text of somebody else, which is left as it is");
        }
        if !theirs || submission.at_us > erasure.decided_at.as_micros() {
            return Ok(());
        }
        let (next, _) = self.effects(cause).await?;
        self.forget(tenant, id, ErasureReason::Request, cause.origin(next)).await.map(drop)
    }

    /// The first effect of `cause` that is not there yet, and where the one before is: which text was which follows from
    /// the log alone.
    async fn effects(&self, cause: &Cause) -> Result<(u32, Option<Position>), Error> {
        let (log, now, mut step, mut last) = (self.commands.log(), self.now(), 0, None);
        while let Some(effect) = log.recall(&cause.origin(step), now).map_err(Failure::from)? {
            last = Some(effect.wait().await.map_err(Failure::from)?.position);
            step += 1;
        }
        Ok((step, last))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use allmende_eventlog::contract::ManualClock;
    use allmende_eventlog::{Aggregate as _, NewCommit, Origin, StreamAppend};
    use allmende_hosting::Ports;
    use allmende_instrumentation::Metrics;
    use allmende_kernel::{ExpectedRevision, Level, PartitionName, Sealed};
    use allmende_keyring::MemoryKeyring;
    use allmende_participation_domain::contribution::{About, Event, Model, Source, Submission};
    use allmende_participation_domain::{Channel, ProcedureId};
    use allmende_runtime::installation::Installation;
    use uuid::Uuid;

    use super::*;
    use crate::config::Config;
    use crate::wire::Contribution;
    use crate::wiring::open;

    const NOW: Timestamp = Timestamp::from_secs(1_568_109_600);

    async fn hand_in(app: &App, tenant: &TenantId, person: SubjectId, id: ContributionId) {
        let submission = Submission {
            procedure: ProcedureId::new(Uuid::from_u128(1)),
            about: About::Idea,
            source: Source::Online { author: person, level: Level::Email, channel: Channel::Web },
            text: Sealed::from_bytes(*b"sealed"),
            licence: None,
            place: None,
            attachments: Vec::new(),
            at: NOW,
        };
        let events = vec![Contribution::encode(&Event::Submitted { submission, version: 0 })];
        let stream = super::super::stream::<Model>(tenant, id);
        let commit = NewCommit {
            origin: Origin::Unlinked,
            admitted_at: NOW,
            actor: None,
            trace: None,
            reads: Vec::new(),
            writes: vec![StreamAppend { stream, expected: ExpectedRevision::Any, events }],
            outcome: bytes::Bytes::new(),
        };
        app.commands.log().submit(commit).unwrap().wait().await.unwrap();
    }

    #[tokio::test]
    async fn an_erasure_is_not_over_while_its_words_may_be_in_the_index() {
        let data = tempfile::tempdir().unwrap();
        let installation = Arc::new(Installation::open(data.path()).unwrap());
        let ports = Ports::alone(data.path(), Arc::new(ManualClock::at(NOW)), installation, Metrics::new());
        let (app, partition, indexing) = open(Config::default(), ports, Arc::new(MemoryKeyring::new())).await.unwrap();
        let host = partition.watched();
        let tenant = TenantId::parse("koeln").unwrap();
        let (person, id) = (SubjectId::new(Uuid::from_u128(2)), ContributionId::new(Uuid::from_u128(3)));
        hand_in(&app, &tenant, person, id).await;

        let erasure = AcceptedErasure {
            tenant: tenant.clone(),
            person,
            decided_at: NOW,
            extent: Extent::Tenant,
            kept: BTreeSet::new(),
        };
        let source = PartitionName::parse("gateway-0").unwrap();
        let cause = Cause { source, position: Position::new(1, 0), events: Vec::new() };
        // The index stands still.
        let attempt = async || tokio::time::timeout(Duration::from_millis(200), app.carry_out(&cause, &erasure)).await;
        while !app.row(&tenant, id).await.unwrap().is_some_and(|row| row.erased) {
            assert!(attempt().await.is_err());
        }
        assert!(attempt().await.is_err(), "nothing is left to erase but the words");
        let indexing = tokio::spawn(indexing);
        app.carry_out(&cause, &erasure).await.unwrap();
        indexing.abort();
        let _ = indexing.await;
        host.close().await.unwrap();
    }
}

use allmende_eventlog::{Rehearsal, Request};
use allmende_kernel::{SubjectId, TenantId, Timestamp};
use allmende_participation_domain::ContributionId;
use allmende_participation_domain::contribution::{ByCitizen, Command, Context, Grounds, Model, Reason};
use allmende_runtime::fields::ConsistencyToken;

use super::{App, refused, stream};
use crate::error::Error;
use crate::sealing::Part;
use crate::wire::Contribution;

impl App {
    pub(crate) async fn withdraw(
        &self,
        tenant: &TenantId,
        request: &Request,
        person: SubjectId,
        id: ContributionId,
    ) -> Result<ConsistencyToken, Error> {
        self.by_citizen(tenant, request, person, id, |at| ByCitizen::Withdraw { at }).await
    }

    pub(crate) async fn report(
        &self,
        tenant: &TenantId,
        request: &Request,
        person: SubjectId,
        (id, reason, note): (ContributionId, Reason, String),
    ) -> Result<ConsistencyToken, Error> {
        let of_text = stream::<Model>(tenant, id);
        self.commands.warm::<Contribution>(&of_text).await?;
        let report = |note, at| ByCitizen::Report { grounds: Grounds { reason, note }, at };
        // A report has a key of its own: not for what is refused, nor for who reported the text before.
        let taken = self.rehearse(request, |transaction, now| {
            let command = Command::Citizen(person, report(None, now));
            let decided = transaction.decide::<Contribution>(&of_text, &Context::default(), &command);
            decided.map(|events| !events.is_empty()).map_err(refused)
        });
        let note = match taken.await? {
            Rehearsal::Done(done) => return Ok(self.queries.seen(done.position)),
            Rehearsal::Taken(true) if !note.is_empty() => Some(self.vault.report(tenant, id, person, &note).await?),
            Rehearsal::Taken(_) => None,
        };
        self.by_citizen(tenant, request, person, id, |at| report(note.clone(), at)).await
    }

    pub(crate) async fn object(
        &self,
        tenant: &TenantId,
        request: &Request,
        person: SubjectId,
        (id, note): (ContributionId, String),
    ) -> Result<ConsistencyToken, Error> {
        let note = self.sealer_of(tenant, id).await?.seal(Part::Objection, note.as_bytes())?;
        self.by_citizen(tenant, request, person, id, |at| ByCitizen::Object { note: note.clone(), at }).await
    }

    async fn by_citizen(
        &self,
        tenant: &TenantId,
        request: &Request,
        person: SubjectId,
        id: ContributionId,
        wish: impl Fn(Timestamp) -> ByCitizen,
    ) -> Result<ConsistencyToken, Error> {
        let of_text = stream::<Model>(tenant, id);
        self.commands.warm::<Contribution>(&of_text).await?;
        self.change(request, |transaction, now| {
            let command = Command::Citizen(person, wish(now));
            let decided = transaction.decide::<Contribution>(&of_text, &Context::default(), &command);
            decided.map(|_| ()).map_err(refused)
        })
        .await
    }
}

use allmende_eventlog::Request;
use allmende_kernel::{SubjectId, TenantId, Timestamp};
use allmende_participation_domain::contribution::{
    ByStaff, Command, Context, Decision, Grounds, Model, Reason, Rejection,
};
use allmende_participation_domain::{ContributionId, ProcedureId};
use allmende_proto::participation::events::v1::ContributionText;
use allmende_runtime::fields::ConsistencyToken;
use prost::Message as _;

use super::{App, refused, stream};
use crate::error::Error;
use crate::sealing::{Part, Sealer};
use crate::wire::Contribution;

/// What a moderator decides.
#[derive(Clone, PartialEq)]
pub(crate) enum Verdict {
    Publish,
    Reject,
    Hide,
    Redact(ContributionText),
}

/// A decision with its reason, in plain words.
#[derive(Clone, PartialEq)]
pub(crate) struct Ruling {
    pub(crate) id: ContributionId,
    pub(crate) verdict: Verdict,
    /// Not for publishing.
    pub(crate) reason: Option<Reason>,
    pub(crate) note: String,
}

impl App {
    pub(crate) async fn moderate(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        moderator: SubjectId,
        ruling: Ruling,
    ) -> Result<ConsistencyToken, Error> {
        let decision = match (ruling.verdict, ruling.reason) {
            (Verdict::Publish, _) | (_, None) => Decision::Publish,
            (verdict, Some(reason)) => {
                let sealer = self.sealer_of(tenant, ruling.id).await?;
                let last = self.row(tenant, ruling.id).await?.unwrap_or_default();
                let seal = |part, stands: &[u8], content: &[u8]| self.vault.reseal(&sealer, part, stands, content);
                let note = (!ruling.note.is_empty())
                    .then(|| seal(Part::Note, &last.note_sealed, ruling.note.as_bytes()))
                    .transpose()?;
                let grounds = Grounds { reason, note };
                match verdict {
                    Verdict::Hide => Decision::Hide(grounds),
                    Verdict::Redact(text) => Decision::Redact {
                        text: seal(Part::Redacted, &last.redacted_sealed, &text.encode_to_vec())?,
                        grounds,
                    },
                    Verdict::Reject | Verdict::Publish => Decision::Reject(grounds),
                }
            }
        };
        let wish = |at| ByStaff::Moderate { moderator, decision: decision.clone(), at };
        self.by_staff(tenant, procedure, request, ruling.id, wish).await
    }

    pub(crate) async fn decide_objection(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        by: SubjectId,
        (id, grant): (ContributionId, bool),
    ) -> Result<ConsistencyToken, Error> {
        self.by_staff(tenant, procedure, request, id, |at| ByStaff::DecideObjection { by, grant, at }).await
    }

    /// Seals something that belongs to a text. The text must be there: a key is made with it, and never for an id that
    /// somebody thought of.
    pub(super) async fn sealer_of(&self, tenant: &TenantId, id: ContributionId) -> Result<Sealer, Error> {
        let of_text = stream::<Model>(tenant, id);
        if self.commands.log().admitted_revision(&of_text).map_err(allmende_eventlog::Fault::from)?.0 == 0 {
            return Err(crate::error::Rejection::from(Rejection::Unknown).into());
        }
        Ok(self.vault.sealer(tenant, id).await?)
    }

    /// One thing that the administration does with one text of a procedure.
    pub(super) async fn by_staff(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        id: ContributionId,
        wish: impl Fn(Timestamp) -> ByStaff,
    ) -> Result<ConsistencyToken, Error> {
        let of_text = stream::<Model>(tenant, id);
        self.commands.warm::<Contribution>(&of_text).await?;
        self.change(request, |transaction, now| {
            let command = Command::Staff(procedure, wish(now));
            let decided = transaction.decide::<Contribution>(&of_text, &Context::default(), &command);
            decided.map(|_| ()).map_err(refused)
        })
        .await
    }
}

use allmende_eventlog::{Request, Transaction};
use allmende_kernel::{Level, SubjectId, TenantId, Timestamp};
use allmende_participation_domain::contribution::{About, Model as Text};
use allmende_participation_domain::support::{self, Command, Rejection};
use allmende_participation_domain::{ContributionId, allowance, document, procedure};
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;

use super::submit::Refused;
use super::{App, refused, reject, stream};
use crate::error::Error;
use crate::wire::{Allowance, Contribution, Document, Procedure, Support};

/// Who gives a support, or takes it back.
#[derive(Clone, Copy)]
pub(crate) struct Supporter {
    pub(crate) person: SubjectId,
    pub(crate) level: Level,
}

impl App {
    /// Gives a support, or takes it back. Tells how many the person may still give, where there is a limit.
    ///
    /// The path that many take at once: nothing is sealed, and what is folded for it is small. The support's own stream
    /// is not warmed, as it is new mostly.
    pub(crate) async fn support(
        &self,
        tenant: &TenantId,
        request: &Request,
        supporter: Supporter,
        (thing, give): (ContributionId, bool),
    ) -> Result<(Option<u32>, ConsistencyToken), Error> {
        let of_thing = stream::<Text>(tenant, thing);
        self.commands.warm::<Contribution>(&of_thing).await?;
        let decide = |transaction: &mut Transaction<'_>, now| {
            let left = decide(transaction, tenant, supporter, (thing, give), now)?;
            Ok(left.map_or(Bytes::new(), |left| Bytes::copy_from_slice(&left.to_be_bytes())))
        };
        let done = self.execute(request, decide).await?;
        let left = done.outcome.as_ref().try_into().ok().map(u32::from_be_bytes);
        Ok((left, self.queries.seen(done.position)))
    }
}

fn decide(
    transaction: &mut Transaction<'_>,
    tenant: &TenantId,
    Supporter { person, level }: Supporter,
    (thing, give): (ContributionId, bool),
    at: Timestamp,
) -> Result<Option<u32>, Refused> {
    let state = transaction.state::<Contribution>(&stream::<Text>(tenant, thing))?.clone();
    let text = state.contribution().ok_or_else(|| reject(Rejection::Unknown))?;
    let of_procedure = stream::<procedure::Model>(tenant, text.procedure);
    let procedure = transaction.state::<Procedure>(&of_procedure)?.clone();
    let consultation = match text.about.section() {
        Some(section) => {
            let of_document = stream::<document::Model>(tenant, section.document);
            transaction.state::<Document>(&of_document)?.document().and_then(|document| document.consultation)
        }
        None => None,
    };
    let context = support::Context { thing: &state, procedure: &procedure, consultation: consultation.as_ref(), level };
    let (admission, command) = match give {
        true => (context.to_support(at), Command::Support { at }),
        false => (context.to_take_back(at), Command::TakeBack { at }),
    };
    let own = stream::<support::Model>(tenant, support::stream_id(thing, person));
    let changed = !transaction.decide::<Support>(&own, &admission, &command).map_err(refused)?.is_empty();

    let terms = procedure.procedure().map(|procedure| &procedure.terms);
    let limit = terms.and_then(|terms| terms.supports_per_person).filter(|_| text.about == About::Proposal);
    let Some(limit) = limit else { return Ok(None) };
    let allowance = stream::<allowance::Model>(tenant, allowance::stream_id(text.procedure, person));
    if changed {
        let command = match give {
            true => allowance::Command::Spend { on: thing, of: limit },
            false => allowance::Command::Return { of: thing },
        };
        transaction.decide::<Allowance>(&allowance, &(), &command).map_err(refused)?;
    }
    Ok(Some(transaction.state::<Allowance>(&allowance)?.left(limit)))
}

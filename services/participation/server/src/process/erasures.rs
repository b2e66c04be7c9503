use std::sync::Arc;

use allmende_hosting::{Cause, Reaction, ReactionError};
use allmende_kernel::{StreamName, SubjectId, TenantId, Timestamp};
use allmende_participation_domain::ContributionId;
use allmende_proto::gateway::events::v1::{ErasureDecided, ErasureScope, ErasureVerdict};
use bytes::Bytes;
use prost::Message as _;
use uuid::Uuid;

use crate::app::{AcceptedErasure, App, Extent};

/// Carries out what gateway decided on requests to be forgotten.
///
/// It remembers nothing: what is left to do follows from the decisions and from what is erased here already. So it also
/// erases again what an older copy of this service's log brought back.
pub(crate) struct Erasures(pub(crate) Arc<App>);

impl Reaction for Erasures {
    const SERVICE: &'static str = "participation";
    const EVENT_TYPE: &'static str = "allmende.gateway.events.v1.ErasureDecided";

    async fn react(&self, cause: Cause) -> Result<(), ReactionError> {
        for (stream, payload) in &cause.events {
            if let Some(erasure) = accepted(stream, payload)? {
                self.0.carry_out(&cause, &erasure).await?;
            }
        }
        Ok(())
    }
}

/// A decision that this version cannot read. Nothing is guessed: neither is it refused, nor accepted as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a decision on an erasure cannot be read")]
struct Unreadable;

/// What a decision accepts; `None` for one that refuses.
fn accepted(stream: &StreamName, payload: &Bytes) -> Result<Option<AcceptedErasure>, Unreadable> {
    let decided = ErasureDecided::decode(payload.clone()).map_err(|_| Unreadable)?;
    let kept = match decided.verdict() {
        ErasureVerdict::Accepted => Vec::new(),
        ErasureVerdict::PartlyAccepted => decided
            .exceptions
            .iter()
            .map(|exception| contribution(&exception.contribution_id))
            .collect::<Result<_, _>>()?,
        ErasureVerdict::Refused => return Ok(None),
        ErasureVerdict::Unspecified => return Err(Unreadable),
    };
    let extent = match decided.scope() {
        ErasureScope::Account => Extent::Installation,
        ErasureScope::Contributions => Extent::Tenant,
        ErasureScope::NamedContributions => {
            Extent::Named(decided.contribution_ids.iter().map(contribution).collect::<Result<_, _>>()?)
        }
        ErasureScope::Unspecified => return Err(Unreadable),
    };
    Ok(Some(AcceptedErasure {
        tenant: TenantId::parse(stream.tenant()).map_err(|_| Unreadable)?,
        person: SubjectId::new(uuid(&decided.subject_id)?),
        decided_at: Timestamp::from_micros(decided.at_us),
        extent,
        kept: kept.into_iter().collect(),
    }))
}

fn contribution(bytes: &Bytes) -> Result<ContributionId, Unreadable> {
    uuid(bytes).map(ContributionId::new)
}

fn uuid(bytes: &Bytes) -> Result<Uuid, Unreadable> {
    Uuid::from_slice(bytes).map_err(|_| Unreadable)
}

#[cfg(test)]
mod tests {
    use allmende_proto::gateway::events::v1::ErasureException;

    use super::*;

    fn read(change: impl FnOnce(&mut ErasureDecided)) -> Result<Option<AcceptedErasure>, Unreadable> {
        let mut decided = ErasureDecided {
            subject_id: Bytes::copy_from_slice(&[1; 16]),
            scope: ErasureScope::Account.into(),
            verdict: ErasureVerdict::Accepted.into(),
            at_us: 7,
            ..Default::default()
        };
        change(&mut decided);
        accepted(&StreamName::parse("koeln/erasure/1").unwrap(), &decided.encode_to_vec().into())
    }

    #[test]
    fn what_is_accepted_is_read_with_its_exceptions() {
        let id = Bytes::copy_from_slice(&[2; 16]);
        let all = read(|_| {}).unwrap().unwrap();
        assert_eq!((all.tenant.as_str(), all.decided_at), ("koeln", Timestamp::from_micros(7)));
        assert_eq!((all.extent, all.kept.len()), (Extent::Installation, 0));
        let texts = read(|decided| decided.set_scope(ErasureScope::Contributions)).unwrap().unwrap();
        assert_eq!(texts.extent, Extent::Tenant);
        let but_one = read(|decided| {
            decided.set_verdict(ErasureVerdict::PartlyAccepted);
            decided.exceptions = vec![ErasureException { contribution_id: id.clone(), ..Default::default() }];
        });
        assert!(but_one.unwrap().unwrap().kept.contains(&ContributionId::new(Uuid::from_bytes([2; 16]))));
        let named = read(|decided| {
            decided.set_scope(ErasureScope::NamedContributions);
            decided.contribution_ids = vec![id];
        });
        let id = ContributionId::new(Uuid::from_bytes([2; 16]));
        assert_eq!(named.unwrap().unwrap().extent, Extent::Named(vec![id]));
    }

    #[test]
    fn what_is_refused_or_cannot_be_read_erases_nothing() {
        assert_eq!(read(|decided| decided.set_verdict(ErasureVerdict::Refused)), Ok(None));
        assert_eq!(read(|decided| decided.verdict = 99), Err(Unreadable));
        assert_eq!(read(|decided| decided.scope = 99), Err(Unreadable));
        assert_eq!(read(|decided| decided.subject_id = Bytes::new()), Err(Unreadable));
        let exception = ErasureException { contribution_id: Bytes::from_static(b"short"), ..Default::default() };
        let partly = read(|decided| {
            decided.set_verdict(ErasureVerdict::PartlyAccepted);
            decided.exceptions = vec![exception];
        });
        assert_eq!(partly, Err(Unreadable));
    }
}

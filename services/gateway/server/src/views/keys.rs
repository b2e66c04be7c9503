//! Tables and keys. Tenants end with a zero byte, which no name holds, so that `koeln` and `koeln-mitte` stay apart.

use allmende_gateway_domain::grants::Grant;
use allmende_gateway_domain::{ErasureId, FeedbackId, MailId, ProcedureId};
use allmende_kernel::{Position, Role, SubjectId, TenantId, Timestamp};
use allmende_views::Table;
use uuid::Uuid;

/// Home tenant, person: their record.
pub(super) const PEOPLE: Table = Table::new(1);
/// Person: when their sessions may have begun, and where the account is.
pub(super) const STANDINGS: Table = Table::new(3);
/// Tenant, person, grant: by whom and when.
pub(super) const GRANTS: Table = Table::new(4);
/// Person, tenant, grant: by whom and when. The same as [`GRANTS`], for each call.
pub(super) const GRANTS_OF: Table = Table::new(5);
/// Tenant, person: those who have an account or a grant there.
pub(super) const MEMBERS: Table = Table::new(6);
/// Tenant: its record.
pub(super) const TENANTS: Table = Table::new(7);
/// Tenant, time descending, id: record.
pub(super) const FEEDBACK: Table = Table::new(8);
/// Tenant, id: record.
pub(super) const ERASURES: Table = Table::new(9);
/// Tenant, rank, id: nothing. Undecided requests by the day they are due, then decided ones, the latest first.
pub(super) const ERASURE_RANKS: Table = Table::new(10);
/// Tenant, id of an accepted request whose account is to be erased: nothing.
pub(super) const ERASURES_DUE: Table = Table::new(11);
/// Tenant, id: record.
pub(super) const MAILS: Table = Table::new(12);
/// Tenant, time descending, id: nothing.
pub(super) const MAIL_TIMES: Table = Table::new(13);
/// When it is to be tried, tenant, id: nothing.
pub(super) const MAILS_DUE: Table = Table::new(14);
/// Session that was ended before its time: nothing.
pub(super) const ENDED: Table = Table::new(15);
/// When it was ended, session: nothing.
pub(super) const ENDED_AT: Table = Table::new(16);
/// Partition that a process manager reads: the last position it has acted on.
pub(super) const REACTIONS: Table = Table::new(17);
/// Nothing: where anything about anybody's standing changed last.
pub(super) const CHANGED: Table = Table::new(18);
/// When an account is forgotten unless its address is confirmed, home tenant, person: nothing.
pub(super) const UNCONFIRMED: Table = Table::new(19);
/// Position where an account was given up, home tenant, person: nothing.
pub(super) const ABANDONED: Table = Table::new(20);
/// Tenant, id of feedback: when it was sent.
pub(super) const FEEDBACK_TIMES: Table = Table::new(21);
/// Person, tenant, id of feedback that they sent and that is not erased: nothing.
pub(super) const FEEDBACK_OF: Table = Table::new(22);
/// Tenant, id of feedback that is to be erased with what its sender wrote: nothing.
pub(super) const FEEDBACK_DUE: Table = Table::new(23);

pub(super) fn tenant_prefix(tenant: &str) -> Vec<u8> {
    [tenant.as_bytes(), &[0]].concat()
}

/// A key of a tenant and one id.
pub(super) fn tenant_key(tenant: &str, id: &[u8; 16]) -> Vec<u8> {
    [&tenant_prefix(tenant), id.as_slice()].concat()
}

/// The id at the end of a key.
pub(super) fn id_at_end(key: &[u8]) -> Option<[u8; 16]> {
    key.split_last_chunk().map(|(_, id)| *id)
}

/// Tenant and the rest of a key.
pub(super) fn split_tenant(key: &[u8]) -> Option<(TenantId, &[u8])> {
    let end = key.iter().position(|byte| *byte == 0)?;
    let tenant = std::str::from_utf8(&key[..end]).ok().and_then(|name| TenantId::parse(name).ok())?;
    Some((tenant, &key[end + 1..]))
}

/// Sorts like the position.
pub(super) fn position_bytes(position: Position) -> Vec<u8> {
    [position.group.to_be_bytes().as_slice(), &position.index.to_be_bytes()].concat()
}

pub(super) fn position_of(bytes: &[u8]) -> Option<Position> {
    let (group, index) = bytes.split_first_chunk()?;
    Some(Position::new(u64::from_be_bytes(*group), u32::from_be_bytes(index.try_into().ok()?)))
}

/// Sorts like the time.
pub(super) fn time_bytes(time: Timestamp) -> [u8; 8] {
    (time.as_micros() ^ i64::MIN).to_be_bytes()
}

pub(super) fn time_of(bytes: [u8; 8]) -> Timestamp {
    Timestamp::from_micros(i64::from_be_bytes(bytes) ^ i64::MIN)
}

/// Sorts like the time, the latest first.
pub(super) fn latest_first(time: Timestamp) -> [u8; 8] {
    (!(time.as_micros() ^ i64::MIN)).to_be_bytes()
}

pub(super) fn feedback_key(tenant: &str, at: Timestamp, id: FeedbackId) -> Vec<u8> {
    [&tenant_prefix(tenant), latest_first(at).as_slice(), id.as_bytes()].concat()
}

pub(super) fn feedback_of_key(subject: SubjectId, tenant: &str, id: FeedbackId) -> Vec<u8> {
    [subject.as_bytes().as_slice(), &tenant_key(tenant, id.as_bytes())].concat()
}

pub(super) fn mail_time_key(tenant: &str, at: Timestamp, id: MailId) -> Vec<u8> {
    [&tenant_prefix(tenant), latest_first(at).as_slice(), id.as_bytes()].concat()
}

pub(super) fn mail_due_key(at: Timestamp, tenant: &str, id: MailId) -> Vec<u8> {
    [time_bytes(at).as_slice(), &tenant_key(tenant, id.as_bytes())].concat()
}

pub(super) fn unconfirmed_key(until: Timestamp, home: &str, subject: SubjectId) -> Vec<u8> {
    [time_bytes(until).as_slice(), &tenant_key(home, subject.as_bytes())].concat()
}

pub(super) fn abandoned_key(position: Position, home: &str, subject: SubjectId) -> Vec<u8> {
    [position_bytes(position), tenant_key(home, subject.as_bytes())].concat()
}

/// Where a request stands in the list: undecided, by its day; or decided, the latest first.
pub(super) fn erasure_rank_key(tenant: &str, due: Timestamp, decided: Option<Timestamp>, id: ErasureId) -> Vec<u8> {
    let rank = match decided {
        None => [&[0], time_bytes(due).as_slice()].concat(),
        Some(at) => [&[1], latest_first(at).as_slice()].concat(),
    };
    [tenant_prefix(tenant), rank, id.as_bytes().to_vec()].concat()
}

/// A grant as the end of a key: role, and procedure if it is for one.
pub(super) fn grant_bytes(grant: &Grant) -> Vec<u8> {
    let role = Role::ALL.iter().position(|role| *role == grant.role).unwrap_or_default();
    let mut bytes = vec![role as u8];
    if let Some(procedure) = grant.procedure {
        bytes.extend_from_slice(procedure.as_bytes());
    }
    bytes
}

pub(super) fn grant_of(bytes: &[u8]) -> Option<Grant> {
    let (role, procedure) = bytes.split_first()?;
    let role = *Role::ALL.get(usize::from(*role))?;
    let procedure = match procedure {
        [] => None,
        id => Some(ProcedureId::new(Uuid::from_slice(id).ok()?)),
    };
    Some(Grant { role, procedure })
}

pub(super) fn grant_key(tenant: &str, subject: SubjectId, grant: &Grant) -> Vec<u8> {
    [tenant_key(tenant, subject.as_bytes()), grant_bytes(grant)].concat()
}

pub(super) fn grant_of_key(subject: SubjectId, tenant: &str, grant: &Grant) -> Vec<u8> {
    [subject.as_bytes().as_slice(), &tenant_prefix(tenant), &grant_bytes(grant)].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_read_back_from_their_keys() {
        let procedure = Some(ProcedureId::new(Uuid::from_u128(7)));
        for role in Role::ALL {
            for grant in [Grant { role, procedure: None }, Grant { role, procedure }] {
                assert_eq!(grant_of(&grant_bytes(&grant)), Some(grant));
                let key = grant_of_key(SubjectId::new(Uuid::from_u128(1)), "koeln", &grant);
                let (tenant, rest) = split_tenant(&key[16..]).unwrap();
                assert_eq!((tenant.as_str(), grant_of(rest)), ("koeln", Some(grant)));
            }
        }
        assert_eq!((grant_of(&[]), grant_of(&[99]), grant_of(&[1, 2])), (None, None, None));
    }

    #[test]
    fn undecided_requests_come_first_and_the_latest_decision_before_older_ones() {
        let (id, at) = (ErasureId::new(Uuid::from_u128(1)), Timestamp::from_secs);
        let ranks = [
            erasure_rank_key("koeln", at(10), None, id),
            erasure_rank_key("koeln", at(20), None, id),
            erasure_rank_key("koeln", at(10), Some(at(9)), id),
            erasure_rank_key("koeln", at(10), Some(at(8)), id),
        ];
        assert!(ranks.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!(time_of(time_bytes(at(-5))), at(-5));
    }
}

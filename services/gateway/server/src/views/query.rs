use allmende_eventlog::Aggregate;
use allmende_gateway_domain::{ErasureId, FeedbackId, MailId, erasure, mail, person, tenant};
use allmende_kernel::{Decider, Duration, Position, SubjectId, TenantId, Timestamp};
use allmende_views::{Keys, Order, Row, Snapshot, Table, Tables as _, ViewError};

use super::keys::{
    ABANDONED, ERASURES, ERASURES_DUE, FEEDBACK_DUE, MAILS, MAILS_DUE, PEOPLE, REACTIONS, STANDINGS, TENANTS,
    UNCONFIRMED, id_at_end, position_of, split_tenant, tenant_key, time_bytes, time_of,
};
use super::standing::Sessions;
use crate::wire::{Erasure, Mail, Person, Record, Tenant};

/// The tables at one position. Blocks on the disk.
pub(crate) struct Reader<'a>(pub(crate) &'a Snapshot);

/// A mail that is to be tried.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Due {
    /// Where it belongs.
    pub(crate) tenant: TenantId,
    /// Which mail.
    pub(crate) id: MailId,
    /// The mail and how it fared so far.
    pub(crate) queued: mail::Queued,
}

impl Reader<'_> {
    pub(super) fn record<A: Aggregate>(
        &self,
        table: Table,
        key: &[u8],
    ) -> Result<<A::Model as Decider>::State, ViewError> {
        let row = self.0.get(table, key)?;
        Record::from_bytes(row.as_deref()).state::<A>().map_err(|_| ViewError::Row(table))
    }

    /// Where a person's account is or was; nothing for who has none.
    pub(crate) fn home(&self, subject: SubjectId) -> Result<Option<TenantId>, ViewError> {
        let Some(row) = self.0.get(STANDINGS, subject.as_bytes())? else { return Ok(None) };
        Sessions::of(&row).map(|(_, home)| Some(home)).ok_or(ViewError::Row(STANDINGS))
    }

    /// An account.
    pub(crate) fn person(&self, home: &TenantId, subject: SubjectId) -> Result<person::State, ViewError> {
        self.record::<Person>(PEOPLE, &tenant_key(home.as_str(), subject.as_bytes()))
    }

    /// A tenant.
    pub(crate) fn tenant(&self, tenant: &TenantId) -> Result<tenant::State, ViewError> {
        self.record::<Tenant>(TENANTS, tenant.as_str().as_bytes())
    }

    /// A request to be forgotten.
    pub(crate) fn erasure(&self, tenant: &TenantId, id: ErasureId) -> Result<erasure::State, ViewError> {
        self.record::<Erasure>(ERASURES, &tenant_key(tenant.as_str(), id.as_bytes()))
    }

    /// Accounts that are to be forgotten because nobody has confirmed their address by `now`, up to `max`.
    pub(crate) fn unconfirmed_until(
        &self,
        now: Timestamp,
        max: usize,
    ) -> Result<Vec<(TenantId, SubjectId)>, ViewError> {
        // What ends at this moment is over.
        let over = Keys::all().before(&time_bytes(now + Duration::from_micros(1)));
        let rows = self.0.scan(UNCONFIRMED, &over, Order::Ascending).take(max);
        rows.map(|row| person_at_end(UNCONFIRMED, &row?, 8)).collect()
    }

    /// Accounts that were given up, after one of these keys, up to `max`.
    #[allow(clippy::type_complexity)]
    pub(crate) fn abandoned(
        &self,
        after: Option<&[u8]>,
        max: usize,
    ) -> Result<Vec<(Vec<u8>, TenantId, SubjectId)>, ViewError> {
        let keys = after.map_or_else(Keys::all, |after| Keys::all().after(after));
        let rows = self.0.scan(ABANDONED, &keys, Order::Ascending).take(max);
        rows.map(|row| {
            let row = row?;
            let (home, subject) = person_at_end(ABANDONED, &row, 12)?;
            Ok((row.key().to_vec(), home, subject))
        })
        .collect()
    }

    /// Accepted requests whose accounts are still there, after one of them, up to `max`.
    pub(crate) fn erasures_due(
        &self,
        after: Option<&(TenantId, ErasureId)>,
        max: usize,
    ) -> Result<Vec<(TenantId, ErasureId)>, ViewError> {
        let due = self.due(ERASURES_DUE, after.map(|(tenant, id)| tenant_key(tenant.as_str(), id.as_bytes())), max)?;
        Ok(due.into_iter().map(|(tenant, id)| (tenant, ErasureId::from_bytes(id))).collect())
    }

    /// Tenant and id of what stands in a table of what is to be done, after a key, up to `max`.
    fn due(&self, table: Table, after: Option<Vec<u8>>, max: usize) -> Result<Vec<(TenantId, [u8; 16])>, ViewError> {
        let keys = after.map_or_else(Keys::all, |after| Keys::all().after(&after));
        let rows = self.0.scan(table, &keys, Order::Ascending).take(max);
        rows.map(|row| {
            let row = row?;
            let parts = split_tenant(row.key()).and_then(|(tenant, id)| Some((tenant, id.try_into().ok()?)));
            parts.ok_or(ViewError::Row(table))
        })
        .collect()
    }

    /// Feedback that is to be erased with what its sender wrote, after some of it, up to `max`.
    pub(crate) fn feedback_due(
        &self,
        after: Option<&(TenantId, FeedbackId)>,
        max: usize,
    ) -> Result<Vec<(TenantId, FeedbackId)>, ViewError> {
        let due = self.due(FEEDBACK_DUE, after.map(|(tenant, id)| tenant_key(tenant.as_str(), id.as_bytes())), max)?;
        Ok(due.into_iter().map(|(tenant, id)| (tenant, FeedbackId::from_bytes(id))).collect())
    }

    /// Mails that are to be tried by `now`, up to `max`, the longest overdue first; and when the next one is.
    pub(crate) fn mails_due(&self, now: Timestamp, max: usize) -> Result<(Vec<Due>, Option<Timestamp>), ViewError> {
        let mut due = Vec::new();
        for row in self.0.scan(MAILS_DUE, &Keys::all(), Order::Ascending) {
            let row = row?;
            let at = row.key().first_chunk().map(|time| time_of(*time)).ok_or(ViewError::Row(MAILS_DUE))?;
            if at > now || due.len() == max {
                return Ok((due, Some(at)));
            }
            let (tenant, _) = split_tenant(&row.key()[time_bytes(at).len()..]).ok_or(ViewError::Row(MAILS_DUE))?;
            let id = id_at_end(row.key()).map(MailId::from_bytes).ok_or(ViewError::Row(MAILS_DUE))?;
            let queued = self.mail(&tenant, id)?.ok_or(ViewError::Row(MAILS))?;
            due.push(Due { tenant, id, queued });
        }
        Ok((due, None))
    }

    /// A mail.
    pub(crate) fn mail(&self, tenant: &TenantId, id: MailId) -> Result<mail::State, ViewError> {
        self.record::<Mail>(MAILS, &tenant_key(tenant.as_str(), id.as_bytes()))
    }

    /// The last position of a partition that was acted on.
    pub(crate) fn reacted_to(&self, partition: &str) -> Result<Position, ViewError> {
        let Some(row) = self.0.get(REACTIONS, partition.as_bytes())? else { return Ok(Position::START) };
        position_of(&row).ok_or(ViewError::Row(REACTIONS))
    }
}

/// The person that a key ends with, behind so many other bytes.
fn person_at_end(table: Table, row: &Row, behind: usize) -> Result<(TenantId, SubjectId), ViewError> {
    let parts = row.key().get(behind..).and_then(split_tenant);
    let person = parts.and_then(|(home, id)| Some((home, SubjectId::new(uuid::Uuid::from_slice(id).ok()?))));
    person.ok_or(ViewError::Row(table))
}

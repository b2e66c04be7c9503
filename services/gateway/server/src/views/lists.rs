use allmende_gateway_domain::grants::{Given, Grant};
use allmende_gateway_domain::mail::Queued;
use allmende_gateway_domain::{ErasureId, FeedbackId, MailId, erasure, feedback, mail, person, tenant};
use allmende_kernel::{SubjectId, TenantId};
use allmende_views::{Keys, Order, Row, Table, Tables as _, ViewError};
use uuid::Uuid;

use super::keys::{
    ERASURE_RANKS, ERASURES, FEEDBACK, GRANTS, GRANTS_OF, MAIL_TIMES, MEMBERS, TENANTS, grant_of, id_at_end,
    split_tenant, tenant_prefix, time_of,
};
use super::query::Reader;
use crate::wire::{Erasure, Feedback, Record, Tenant};

/// Mails that one page looks at: a page of a rare state ends early rather than read years.
const MOST_LOOKED_AT: usize = 5_000;

/// Some of a list, and the key after which the next page begins, if there is one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) next: Option<Vec<u8>>,
}

/// A grant in a tenant.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct GrantRow {
    pub(crate) subject: SubjectId,
    pub(crate) tenant: TenantId,
    pub(crate) grant: Grant,
    pub(crate) given: Given,
}

/// A tenant and its id.
pub(crate) type TenantRow = (TenantId, tenant::Tenant);
/// What was told, and its id.
pub(crate) type FeedbackRow = (FeedbackId, feedback::Told);
/// A request and its id.
pub(crate) type ErasureRow = (ErasureId, erasure::Erasure);
/// A mail and its id.
pub(crate) type MailRow = (MailId, Queued);

impl Reader<'_> {
    /// Rows under a prefix after a cursor, which is the rest of the last key.
    fn page<T>(
        &self,
        table: Table,
        prefix: &[u8],
        after: Option<&[u8]>,
        max: usize,
        mut item: impl FnMut(&Row) -> Result<Option<T>, ViewError>,
    ) -> Result<Page<T>, ViewError> {
        let mut keys = Keys::prefix(prefix);
        if let Some(after) = after {
            keys = keys.after(&[prefix, after].concat());
        }
        let (mut items, mut last) = (Vec::new(), Vec::new());
        for (looked_at, row) in self.0.scan(table, &keys, Order::Ascending).enumerate() {
            let row = row?;
            if items.len() == max || looked_at == MOST_LOOKED_AT {
                return Ok(Page { items, next: Some(last) });
            }
            items.extend(item(&row)?);
            last = row.key()[prefix.len()..].to_vec();
        }
        Ok(Page { items, next: None })
    }

    /// People with an account or a grant in a tenant, and where their accounts are, by id. Who was vouched for
    /// elsewhere has none.
    #[allow(clippy::type_complexity)]
    pub(crate) fn people(
        &self,
        tenant: &TenantId,
        after: Option<&[u8]>,
        max: usize,
    ) -> Result<Page<(SubjectId, Option<(TenantId, person::State)>)>, ViewError> {
        self.page(MEMBERS, &tenant_prefix(tenant.as_str()), after, max, |row| {
            let subject = subject_of(MEMBERS, id_at_end(row.key()))?;
            let account = match self.home(subject)? {
                Some(home) => {
                    let person = self.person(&home, subject)?;
                    Some((home, person))
                }
                None => None,
            };
            Ok(Some((subject, account)))
        })
    }

    /// Grants in a tenant, by person.
    pub(crate) fn grants(
        &self,
        tenant: &TenantId,
        after: Option<&[u8]>,
        max: usize,
    ) -> Result<Page<GrantRow>, ViewError> {
        let prefix = tenant_prefix(tenant.as_str());
        self.page(GRANTS, &prefix, after, max, |row| {
            let parts = row.key().get(prefix.len()..).and_then(|key| key.split_first_chunk());
            let (subject, grant) = parts.ok_or(ViewError::Row(GRANTS))?;
            let subject = subject_of(GRANTS, Some(*subject))?;
            grant_row(GRANTS, subject, tenant.clone(), grant, &row.value).map(Some)
        })
    }

    /// All grants of a person.
    pub(crate) fn grants_of(&self, subject: SubjectId) -> Result<Vec<GrantRow>, ViewError> {
        let rows = self.0.scan(GRANTS_OF, &Keys::prefix(subject.as_bytes()), Order::Ascending);
        rows.map(|row| {
            let row = row?;
            let parts = row.key().get(16..).and_then(split_tenant);
            let (tenant, grant) = parts.ok_or(ViewError::Row(GRANTS_OF))?;
            grant_row(GRANTS_OF, subject, tenant, grant, &row.value)
        })
        .collect()
    }

    /// All tenants, by id.
    pub(crate) fn tenants(&self, after: Option<&[u8]>, max: usize) -> Result<Page<TenantRow>, ViewError> {
        self.page(TENANTS, &[], after, max, |row| {
            let name = std::str::from_utf8(row.key()).ok().and_then(|name| TenantId::parse(name).ok());
            let state = Record::from_bytes(Some(&row.value)).state::<Tenant>();
            let (Some(name), Ok(Some(tenant))) = (name, state) else { return Err(ViewError::Row(TENANTS)) };
            Ok(Some((name, tenant)))
        })
    }

    /// What a tenant was told, the latest first.
    pub(crate) fn feedback(
        &self,
        tenant: &TenantId,
        after: Option<&[u8]>,
        max: usize,
    ) -> Result<Page<FeedbackRow>, ViewError> {
        self.page(FEEDBACK, &tenant_prefix(tenant.as_str()), after, max, |row| {
            let id = id_at_end(row.key()).map(FeedbackId::from_bytes);
            let state = Record::from_bytes(Some(&row.value)).state::<Feedback>();
            let (Some(id), Ok(Some(told))) = (id, state) else { return Err(ViewError::Row(FEEDBACK)) };
            Ok(Some((id, told)))
        })
    }

    /// Requests to be forgotten: undecided ones by the day they are due, then decided ones.
    pub(crate) fn erasures(
        &self,
        tenant: &TenantId,
        after: Option<&[u8]>,
        max: usize,
    ) -> Result<Page<ErasureRow>, ViewError> {
        self.page(ERASURE_RANKS, &tenant_prefix(tenant.as_str()), after, max, |row| {
            let id = id_at_end(row.key()).map(ErasureId::from_bytes).ok_or(ViewError::Row(ERASURE_RANKS))?;
            let erasure = self.erasure(tenant, id)?.ok_or(ViewError::Row(ERASURE_RANKS))?;
            Ok(Some((id, erasure)))
        })
    }

    /// Requests of all tenants that were decided, by tenant and id.
    pub(crate) fn decided_erasures(
        &self,
        after: Option<&[u8]>,
        max: usize,
    ) -> Result<Page<(TenantId, ErasureId, erasure::Erasure)>, ViewError> {
        self.page(ERASURES, &[], after, max, |row| {
            let named = split_tenant(row.key()).and_then(|(tenant, id)| Some((tenant, id.try_into().ok()?)));
            let (tenant, id) = named.ok_or(ViewError::Row(ERASURES))?;
            let state = Record::from_bytes(Some(&row.value)).state::<Erasure>();
            let erasure = state.map_err(|_| ViewError::Row(ERASURES))?;
            let decided = erasure.filter(|erasure| erasure.decision.is_some());
            Ok(decided.map(|erasure| (tenant, ErasureId::from_bytes(id), erasure)))
        })
    }

    /// Mails of a tenant that `wanted` admits, the latest first.
    pub(crate) fn mails(
        &self,
        tenant: &TenantId,
        wanted: impl Fn(&mail::Queued) -> bool,
        after: Option<&[u8]>,
        max: usize,
    ) -> Result<Page<MailRow>, ViewError> {
        self.page(MAIL_TIMES, &tenant_prefix(tenant.as_str()), after, max, |row| {
            let id = id_at_end(row.key()).map(MailId::from_bytes).ok_or(ViewError::Row(MAIL_TIMES))?;
            let queued = self.mail(tenant, id)?.ok_or(ViewError::Row(MAIL_TIMES))?;
            Ok(wanted(&queued).then_some((id, queued)))
        })
    }
}

fn subject_of(table: Table, bytes: Option<[u8; 16]>) -> Result<SubjectId, ViewError> {
    bytes.map(|bytes| SubjectId::new(Uuid::from_bytes(bytes))).ok_or(ViewError::Row(table))
}

fn grant_row(
    table: Table,
    subject: SubjectId,
    tenant: TenantId,
    grant: &[u8],
    value: &[u8],
) -> Result<GrantRow, ViewError> {
    let given = value.split_first_chunk().and_then(|(by, at)| {
        let by = SubjectId::new(Uuid::from_bytes(*by));
        Some(Given { by, at: time_of(at.try_into().ok()?) })
    });
    match (grant_of(grant), given) {
        (Some(grant), Some(given)) => Ok(GrantRow { subject, tenant, grant, given }),
        _ => Err(ViewError::Row(table)),
    }
}

use allmende_kernel::{Position, TenantId};
use allmende_opendata_domain::dataset::Release;
use allmende_opendata_domain::publisher::Publisher;
use allmende_opendata_domain::{DatasetId, LicenceTerms, Sha256, Theme, source_licence};
use allmende_proto::opendata::events::v1 as stored;
use allmende_views::{Keys, Order, Snapshot, Tables as _, ViewError};
use prost::Message;
use uuid::Uuid;

use super::keys::{
    self, BY_TITLE, CLEARED, COUNTS, DATASETS, DECLARED, DRAFTS, LICENCE_OF, PUBLISHERS, REFERENCES, TENANTS,
    TO_REMOVE, VERSIONS,
};
use super::rows::{DatasetRecord, DatasetRow, VersionRecord, VersionRow};
use crate::sources::changes::{position_bytes, split_position};
use crate::wire;

/// Datasets that a page looks at: a page of a rare theme ends early rather than read all of them.
const MOST_LOOKED_AT: usize = 5_000;

/// Some of a list, and where the next page begins, if there is one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page<T, C> {
    /// In order.
    pub(crate) items: Vec<T>,
    /// Behind which the next page begins.
    pub(crate) next: Option<C>,
}

/// The tables at one position. Blocks on the disk.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(pub(crate) &'a Snapshot);

/// Which datasets a list holds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Wanted {
    /// At least so far open.
    pub(crate) at_least: Release,
    /// About this.
    pub(crate) theme: Option<Theme>,
}

fn dataset_of(row: &[u8]) -> Result<DatasetRow, ViewError> {
    let record = DatasetRecord::decode(row).map_err(|_| ViewError::Row(DATASETS))?;
    record.try_into().map_err(|_| ViewError::Row(DATASETS))
}

fn version_of(row: &[u8]) -> Result<VersionRow, ViewError> {
    let record = VersionRecord::decode(row).map_err(|_| ViewError::Row(VERSIONS))?;
    record.try_into().map_err(|_| ViewError::Row(VERSIONS))
}

impl Reader<'_> {
    /// The tenant of a dataset.
    pub(crate) fn tenant_of(&self, id: DatasetId) -> Result<Option<TenantId>, ViewError> {
        let Some(row) = self.0.get(TENANTS, id.as_bytes())? else { return Ok(None) };
        let tenant = std::str::from_utf8(&row).ok().and_then(|tenant| TenantId::parse(tenant).ok());
        tenant.map(Some).ok_or(ViewError::Row(TENANTS))
    }

    /// A dataset.
    pub(crate) fn dataset(&self, tenant: &TenantId, id: DatasetId) -> Result<Option<DatasetRow>, ViewError> {
        let row = self.0.get(DATASETS, &keys::dataset(tenant.as_str(), id))?;
        row.map(|row| dataset_of(&row)).transpose()
    }

    /// A version of a dataset, also a withdrawn one.
    pub(crate) fn version(
        &self,
        tenant: &TenantId,
        id: DatasetId,
        number: u32,
    ) -> Result<Option<VersionRow>, ViewError> {
        let key = keys::version(&keys::dataset(tenant.as_str(), id), number);
        self.0.get(VERSIONS, &key)?.map(|row| version_of(&row)).transpose()
    }

    /// Datasets of a tenant by title, behind `after`, wherever that stands by now.
    pub(crate) fn datasets(
        &self,
        tenant: &TenantId,
        wanted: Wanted,
        after: Option<DatasetId>,
        max: usize,
    ) -> Result<Page<(DatasetId, DatasetRow), DatasetId>, ViewError> {
        let mut keys = Keys::prefix(&keys::tenant(tenant.as_str()));
        if let Some(after) = after {
            // One that is not there has no place: no page was given its id.
            let Some(dataset) = self.dataset(tenant, after)? else { return Ok(Page { items: Vec::new(), next: None }) };
            keys = keys.after(&keys::by_title(tenant.as_str(), &dataset.order(), after));
        }
        let mut items = Vec::new();
        let mut last = None;
        for (looked_at, row) in self.0.scan(BY_TITLE, &keys, Order::Ascending).enumerate() {
            let row = row?;
            if items.len() == max || looked_at >= MOST_LOOKED_AT {
                return Ok(Page { items, next: last });
            }
            let id = keys::last_id(row.key()).ok_or(ViewError::Row(BY_TITLE))?;
            let dataset = self.dataset(tenant, id)?.ok_or(ViewError::Row(BY_TITLE))?;
            let open = match wanted.at_least {
                Release::Draft => true,
                Release::Public => dataset.public > 0,
                Release::Cleared => dataset.cleared > 0,
            };
            if open && wanted.theme.is_none_or(|theme| dataset.description.wording().themes.contains(&theme)) {
                items.push((id, dataset));
            }
            last = Some(id);
        }
        Ok(Page { items, next: None })
    }

    /// Versions of a dataset before number `before`, from the last one back.
    pub(crate) fn versions(
        &self,
        tenant: &TenantId,
        id: DatasetId,
        drafts: bool,
        before: Option<u32>,
        max: usize,
    ) -> Result<Page<VersionRow, u32>, ViewError> {
        let dataset = keys::dataset(tenant.as_str(), id);
        let mut keys = Keys::prefix(&dataset);
        if let Some(before) = before {
            keys = keys.before(&keys::version(&dataset, before));
        }
        let mut items: Vec<VersionRow> = Vec::new();
        for row in self.0.scan(VERSIONS, &keys, Order::Descending) {
            let version = version_of(&row?.value)?;
            if version.release == Release::Draft && !drafts {
                continue;
            }
            if items.len() == max {
                return Ok(Page { next: items.last().map(|version| version.number), items });
            }
            items.push(version);
        }
        Ok(Page { items, next: None })
    }

    /// Versions of a filled dataset that were made of a source from `since` to before `until` and stand, and of what of it.
    pub(crate) fn standing(
        &self,
        tenant: &TenantId,
        id: DatasetId,
        since: Position,
        until: Position,
    ) -> Result<Vec<(u32, Position)>, ViewError> {
        let mut standing = Vec::new();
        let keys = Keys::prefix(&keys::dataset(tenant.as_str(), id));
        for row in self.0.scan(VERSIONS, &keys, Order::Descending) {
            let version = version_of(&row?.value)?;
            if version.position() < since {
                break;
            }
            if version.position() < until && version.withdrawn.is_none() {
                standing.push((version.number, version.position()));
            }
        }
        Ok(standing)
    }

    /// The publisher of a tenant.
    pub(crate) fn publisher(&self, tenant: &TenantId) -> Result<Option<Publisher>, ViewError> {
        let Some(row) = self.0.get(PUBLISHERS, &keys::tenant(tenant.as_str()))? else { return Ok(None) };
        let described = stored::PublisherDescribed::decode(&row[..]).map_err(|_| ViewError::Row(PUBLISHERS))?;
        wire::publisher_of(described).map(Some).map_err(|_| ViewError::Row(PUBLISHERS))
    }

    /// How many datasets are in the catalogue of a tenant, or of all.
    pub(crate) fn cleared_count(&self, tenant: Option<&TenantId>) -> Result<u64, ViewError> {
        let key = tenant.map(|tenant| keys::tenant(tenant.as_str())).unwrap_or_default();
        match self.0.get(COUNTS, &key)? {
            Some(row) => {
                let count = i64::from_be_bytes(row[..].try_into().map_err(|_| ViewError::Row(COUNTS))?);
                Ok(count.max(0) as u64)
            }
            None => Ok(0),
        }
    }

    /// Datasets of the catalogue by tenant and id, without the first `skip`.
    pub(crate) fn cleared(
        &self,
        tenant: Option<&TenantId>,
        skip: usize,
        max: usize,
    ) -> Result<Vec<(TenantId, DatasetId)>, ViewError> {
        let keys = tenant.map_or(Keys::all(), |tenant| Keys::prefix(&keys::tenant(tenant.as_str())));
        let rows = self.0.scan(CLEARED, &keys, Order::Ascending).skip(skip).take(max);
        rows.map(|row| located(row?.key()).map(|(tenant, id, _)| (tenant, id)).ok_or(ViewError::Row(CLEARED))).collect()
    }

    /// Months of a station behind `after` whose last version is a draft.
    pub(crate) fn drafts(
        &self,
        tenant: &TenantId,
        station: Uuid,
        after: Option<DatasetId>,
        max: usize,
    ) -> Result<Vec<DatasetId>, ViewError> {
        let mut keys = Keys::prefix(&keys::drafts(tenant.as_str(), station));
        if let Some(after) = after {
            keys = keys.after(&keys::draft(tenant.as_str(), station, after));
        }
        let id = |row: Result<allmende_views::Row, _>| keys::last_id(row?.key()).ok_or(ViewError::Row(DRAFTS));
        self.0.scan(DRAFTS, &keys, Order::Ascending).take(max).map(id).collect()
    }

    /// Declarations of stations' licences after a position, in order.
    pub(crate) fn declared(&self, after: Position, max: usize) -> Result<Vec<(Position, TenantId, Uuid)>, ViewError> {
        let from = position_bytes(Position::new(after.group, after.index.saturating_add(1)));
        let keys = if after == Position::START { Keys::all() } else { Keys::all().from(&from) };
        let declared = |row: Result<allmende_views::Row, _>| {
            let row = row?;
            let (position, licence) = split_position(row.key()).ok_or(ViewError::Row(DECLARED))?;
            let (tenant, station) = keys::split_licence(licence).ok_or(ViewError::Row(DECLARED))?;
            Ok((position, TenantId::parse(tenant).map_err(|_| ViewError::Row(DECLARED))?, station))
        };
        self.0.scan(DECLARED, &keys, Order::Ascending).take(max).map(declared).collect()
    }

    /// Under what the observations of a station may be published.
    pub(crate) fn source_licence(&self, tenant: &TenantId, station: Uuid) -> Result<Option<LicenceTerms>, ViewError> {
        let key = keys::licence(tenant.as_str(), &source_licence::stream_id(station));
        let Some(row) = self.0.get(LICENCE_OF, &key)? else { return Ok(None) };
        let declared = stored::SourceLicenceDeclared::decode(&row[..]).map_err(|_| ViewError::Row(LICENCE_OF))?;
        let terms = declared.terms.as_ref().map(wire::terms_of).transpose();
        terms.map_err(|_| ViewError::Row(LICENCE_OF))
    }

    /// Withdrawn versions behind `after` whose files are still to go.
    pub(crate) fn awaiting_removal(
        &self,
        after: Option<&(TenantId, DatasetId, u32)>,
        max: usize,
    ) -> Result<Vec<(TenantId, DatasetId, u32)>, ViewError> {
        let mut keys = Keys::all();
        if let Some((tenant, id, version)) = after {
            keys = keys.after(&keys::version(&keys::dataset(tenant.as_str(), *id), *version));
        }
        let rows = self.0.scan(TO_REMOVE, &keys, Order::Ascending).take(max);
        let version = |row: Result<allmende_views::Row, _>| {
            let row = row?;
            let (tenant, id, rest) = located(row.key()).ok_or(ViewError::Row(TO_REMOVE))?;
            Ok((tenant, id, keys::number_of(rest).ok_or(ViewError::Row(TO_REMOVE))?))
        };
        rows.map(version).collect()
    }

    /// Whether a version that stands has this content.
    pub(crate) fn is_referred_to(&self, sha256: Sha256) -> Result<bool, ViewError> {
        let mut rows = self.0.scan(REFERENCES, &Keys::prefix(&sha256.0), Order::Ascending);
        Ok(rows.next().transpose()?.is_some())
    }
}

fn located(key: &[u8]) -> Option<(TenantId, DatasetId, &[u8])> {
    let (tenant, id, rest) = keys::split_dataset(key)?;
    Some((TenantId::parse(tenant).ok()?, id, rest))
}

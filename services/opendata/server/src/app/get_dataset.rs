use allmende_kernel::TenantId;
use allmende_opendata_domain::DatasetId;
use allmende_opendata_domain::dataset::{Rejection as Refused, Release};
use allmende_runtime::authorize::AuthorizedTenant;
use allmende_runtime::fields::ConsistencyToken;

use super::{Answer, App};
use crate::error::{Error, Rejection};
use crate::views::{DatasetRow, Page, Reader, VersionRow, Wanted};

/// A dataset with the version that whoever asks is shown first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Dataset {
    pub(crate) id: DatasetId,
    pub(crate) row: DatasetRow,
    pub(crate) current: Option<Version>,
}

/// A version, and by which one it was replaced if it was withdrawn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Version {
    pub(crate) row: VersionRow,
    pub(crate) reissued_as: u32,
}

/// A page of a tenant's datasets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListDatasets {
    pub(crate) wanted: Wanted,
    pub(crate) after: Option<DatasetId>,
    pub(crate) max: usize,
}

/// A page of a dataset's versions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ListVersions {
    pub(crate) id: DatasetId,
    pub(crate) before: Option<u32>,
    pub(crate) max: usize,
}

/// The dataset, if whoever asks may know of it.
fn dataset(reader: Reader<'_>, tenant: &TenantId, id: DatasetId, staff: bool) -> Result<DatasetRow, Error> {
    // A dataset of which something was released stays known when it was withdrawn.
    let row = reader.dataset(tenant, id)?;
    let row = row.ok_or(Rejection::from(Refused::DatasetUnknown))?;
    let known = staff || row.public > 0 || !reader.versions(tenant, id, false, None, 1)?.items.is_empty();
    if known { Ok(row) } else { Err(Rejection::from(Refused::DatasetUnknown).into()) }
}

fn with_current(
    reader: Reader<'_>,
    tenant: &TenantId,
    id: DatasetId,
    row: DatasetRow,
    staff: bool,
) -> Result<Dataset, Error> {
    let number = if staff && row.public == 0 { row.versions } else { row.public };
    let current = reader.version(tenant, id, number)?;
    let current = current.map(|version| Version { reissued_as: reissued(&row, &version), row: version });
    Ok(Dataset { id, row, current })
}

/// The version that replaces a withdrawn one; 0 while there is none.
pub(super) fn reissued(dataset: &DatasetRow, version: &VersionRow) -> u32 {
    match version.withdrawn.is_some() && dataset.public > version.number {
        true => dataset.public,
        false => 0,
    }
}

impl App {
    pub(crate) async fn get_dataset(
        &self,
        tenant: &AuthorizedTenant,
        id: DatasetId,
        staff: bool,
        token: &ConsistencyToken,
    ) -> Result<Answer<Dataset>, Error> {
        let tenant = tenant.id().clone();
        self.read(token, move |reader| {
            let row = dataset(reader, &tenant, id, staff)?;
            with_current(reader, &tenant, id, row, staff)
        })
        .await
    }

    /// Whether a dataset is there for whoever asks, who knows its id alone.
    pub(crate) async fn find_dataset(&self, tenant: &TenantId, id: DatasetId, staff: bool) -> Result<(), Error> {
        let (tenant, anything) = (tenant.clone(), ConsistencyToken::default());
        self.read(&anything, move |reader| dataset(reader, &tenant, id, staff)).await.map(|_| ())
    }

    pub(crate) async fn list_datasets(
        &self,
        tenant: &AuthorizedTenant,
        ListDatasets { wanted, after, max }: ListDatasets,
        staff: bool,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<Dataset, DatasetId>>, Error> {
        let tenant = tenant.id().clone();
        let at_least = if staff { wanted.at_least } else { wanted.at_least.max(Release::Public) };
        let wanted = Wanted { at_least, ..wanted };
        self.read(token, move |reader| {
            let Page { items, next } = reader.datasets(&tenant, wanted, after, max)?;
            let items = items.into_iter().map(|(id, row)| with_current(reader, &tenant, id, row, staff));
            Ok(Page { items: items.collect::<Result<_, _>>()?, next })
        })
        .await
    }

    pub(crate) async fn list_versions(
        &self,
        tenant: &AuthorizedTenant,
        ListVersions { id, before, max }: ListVersions,
        staff: bool,
        token: &ConsistencyToken,
    ) -> Result<Answer<Page<Version, u32>>, Error> {
        let tenant = tenant.id().clone();
        self.read(token, move |reader| {
            let row = dataset(reader, &tenant, id, staff)?;
            let Page { items, next } = reader.versions(&tenant, id, staff, before, max)?;
            let version = |version| Version { reissued_as: reissued(&row, &version), row: version };
            Ok(Page { items: items.into_iter().map(version).collect(), next })
        })
        .await
    }

    /// One version, for the answer to a change of it.
    pub(crate) async fn get_version(
        &self,
        tenant: &AuthorizedTenant,
        id: DatasetId,
        number: u32,
        token: &ConsistencyToken,
    ) -> Result<Answer<Version>, Error> {
        let tenant = tenant.id().clone();
        self.read(token, move |reader| {
            let row = reader.dataset(&tenant, id)?.ok_or(Rejection::from(Refused::DatasetUnknown))?;
            let version = reader.version(&tenant, id, number)?.ok_or(Rejection::from(Refused::VersionUnknown))?;
            Ok(Version { reissued_as: reissued(&row, &version), row: version })
        })
        .await
    }
}

use std::io::{BufReader, Read};
use std::sync::Arc;

use allmende_kernel::TenantId;
use allmende_opendata_domain::dataset::{Rejection as Refused, Release};
use allmende_opendata_domain::{DatasetId, Distribution};
use allmende_runtime::fields::ConsistencyToken;

use super::get_dataset::reissued;
use super::{Answer, App, Version, blocking};
use crate::error::{Error, Rejection};
use crate::files::{Checking, Kept};
use crate::views::Reader;

const BUFFER_BYTES: usize = 64 << 10;

/// Which file, of which version; number 0 is the current one.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OpenFile {
    pub(crate) id: DatasetId,
    pub(crate) version: u32,
    pub(crate) file: String,
}

/// A file as it is told of, or what is left of its version.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Found {
    File(Box<(Version, Distribution)>),
    Withdrawn(Box<Version>),
}

/// The bytes of a file. An error in place of its end means that they are not what was released.
pub(crate) type Opened = Box<dyn Read + Send>;

/// A version that whoever asks may know of; number 0 is the current one.
fn version(reader: Reader<'_>, tenant: &TenantId, id: DatasetId, number: u32, staff: bool) -> Result<Version, Error> {
    let dataset = reader.dataset(tenant, id)?.ok_or(Rejection::from(Refused::DatasetUnknown))?;
    let number = if number == 0 { dataset.public } else { number };
    let row = reader.version(tenant, id, number)?;
    let row = row.filter(|row| staff || row.release >= Release::Public);
    let row = row.ok_or(Rejection::from(Refused::VersionUnknown))?;
    Ok(Version { reissued_as: reissued(&dataset, &row), row })
}

impl App {
    /// Looks for a version; drafts are shown to staff only.
    pub(crate) async fn find_version(
        &self,
        tenant: &TenantId,
        id: DatasetId,
        number: u32,
        staff: bool,
    ) -> Result<Version, Error> {
        let (tenant, anything) = (tenant.clone(), ConsistencyToken::default());
        let found = self.read(&anything, move |reader| version(reader, &tenant, id, number, staff)).await?;
        Ok(found.value)
    }

    /// Looks for a file; drafts are shown to staff only.
    pub(crate) async fn find_file(
        &self,
        tenant: &TenantId,
        OpenFile { id, version: number, file }: OpenFile,
        staff: bool,
        token: &ConsistencyToken,
    ) -> Result<Answer<Found>, Error> {
        let tenant = tenant.clone();
        self.read(token, move |reader| {
            let version = version(reader, &tenant, id, number, staff)?;
            if version.row.withdrawn.is_some() {
                return Ok(Found::Withdrawn(Box::new(version)));
            }
            let distribution = version.row.distribution(&file).cloned().ok_or(Rejection::DistributionUnknown)?;
            Ok(Found::File(Box::new((version, distribution))))
        })
        .await
    }

    /// The tenant of a dataset, for whoever knows its id alone.
    pub(crate) async fn tenant_of(&self, id: DatasetId) -> Result<TenantId, Error> {
        let anything = ConsistencyToken::default();
        let read = self.read(&anything, move |reader| Ok(reader.tenant_of(id)?));
        Ok(read.await?.value.ok_or(Rejection::from(Refused::DatasetUnknown))?)
    }

    /// Opens a file that was found.
    pub(crate) async fn open_file(&self, distribution: &Distribution) -> Result<Opened, Error> {
        let files = Arc::clone(&self.files);
        let kept = Kept { bytes: distribution.bytes, sha256: distribution.sha256 };
        blocking(move || {
            let file = files.read(kept.sha256).map_err(|error| {
                tracing::error!(%error, sha256 = %kept.sha256, "a file of a dataset cannot be opened");
                Rejection::FileDamaged
            })?;
            Ok(Box::new(Checking::new(BufReader::with_capacity(BUFFER_BYTES, file), kept)) as Opened)
        })
        .await
    }
}

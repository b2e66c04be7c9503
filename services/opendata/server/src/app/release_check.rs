use std::sync::Arc;

use allmende_eventlog::Request;
use allmende_opendata_domain::dataset::{Command, Rejection as Refused};
use allmende_opendata_domain::{DatasetId, Distribution, FileName};
use allmende_runtime::authorize::AuthorizedTenant;

use super::{Answer, App, Changed, blocking};
use crate::error::{Error, Rejection};
use crate::files::Kept;

impl App {
    /// Looks at a version and at its files, and keeps what was found.
    pub(crate) async fn run_release_check(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        id: DatasetId,
        version: u32,
    ) -> Result<Answer<Changed>, Error> {
        let of = tenant.id().clone();
        let row = self.read_now(move |reader| match reader.version(&of, id, version)? {
            Some(row) => Ok(row),
            None if reader.dataset(&of, id)?.is_some() => Err(Rejection::from(Refused::VersionUnknown).into()),
            None => Err(Rejection::from(Refused::DatasetUnknown).into()),
        });
        let damaged = self.damaged(row.await?.distributions).await?;
        let check = move |at| Command::Check { version, damaged: damaged.clone(), at };
        self.change_dataset(tenant, request, id, version, Box::new(check)).await
    }

    /// Which of these files are not, or no longer, what they say.
    pub(super) async fn damaged(&self, distributions: Vec<Distribution>) -> Result<Vec<FileName>, Error> {
        let files = Arc::clone(&self.files);
        blocking(move || {
            let damaged = distributions.into_iter().filter(|distribution| {
                !files.is_sound(Kept { bytes: distribution.bytes, sha256: distribution.sha256 })
            });
            Ok(damaged.map(|distribution| distribution.file).collect())
        })
        .await
    }
}

use std::sync::Arc;

use allmende_kernel::TenantId;
use allmende_opendata_domain::dataset::{Command, Rejection as Refused};
use allmende_opendata_domain::{DatasetId, Sha256};
use bytes::Bytes;

use super::{App, BY_ITSELF, blocking, dataset_stream};
use crate::error::{Error, Rejection};
use crate::wire::Dataset;

impl App {
    /// Removes these files, unless a version that stands has them.
    pub(super) async fn discard(&self, contents: Vec<Sha256>) -> Result<(), Error> {
        // Whoever is about to name a file in the log holds this too.
        let _alone = self.files.naming.write().await;
        let left_behind = self.unreferred(contents).await?;
        let files = Arc::clone(&self.files);
        blocking(move || Ok(left_behind.into_iter().try_for_each(|sha256| files.remove(sha256))?)).await
    }

    async fn unreferred(&self, contents: Vec<Sha256>) -> Result<Vec<Sha256>, Error> {
        self.read_now(move |reader| {
            let mut left_behind = Vec::new();
            for sha256 in contents {
                if !reader.is_referred_to(sha256)? {
                    left_behind.push(sha256);
                }
            }
            Ok(left_behind)
        })
        .await
    }

    /// Removes the files of a withdrawn version, and notes that they are gone.
    pub(crate) async fn remove_files(&self, tenant: &TenantId, id: DatasetId, version: u32) -> Result<(), Error> {
        let of = tenant.clone();
        let row = self.read_now(move |reader| Ok(reader.version(&of, id, version)?)).await?;
        let distributions = row.map(|row| row.distributions).unwrap_or_default();
        self.discard(distributions.iter().map(|distribution| distribution.sha256).collect()).await?;
        let stream = dataset_stream(tenant, id);
        let noting = self.commands.execute(&BY_ITSELF, |transaction, at| {
            let command = Command::NoteFilesRemoved { version, at };
            let decided = transaction.decide::<Dataset>(&stream, &None, &command);
            decided.map_err(|error| error.map_rejection(|refused: Refused| Rejection::from(refused)))?;
            Ok(Bytes::new())
        });
        noting.await?;
        Ok(())
    }

    /// Removes whatever no version that stands has: what an interrupted issue or upload left behind.
    pub(crate) async fn sweep(&self) -> Result<usize, Error> {
        let _alone = self.files.naming.write().await;
        let files = Arc::clone(&self.files);
        let all = blocking(move || Ok(files.settled()?)).await?;
        let left_behind = self.unreferred(all).await?;
        let (files, number) = (Arc::clone(&self.files), left_behind.len());
        blocking(move || Ok(left_behind.into_iter().try_for_each(|sha256| files.remove(sha256))?)).await?;
        Ok(number)
    }
}

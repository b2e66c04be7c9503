use std::collections::HashSet;
use std::io;
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
        self.remove_unreferred(contents).await.map(drop)
    }

    /// Removes those that no version that stands has; how many they were.
    async fn remove_unreferred(&self, contents: Vec<Sha256>) -> Result<usize, Error> {
        let candidates = self.unreferred(contents).await?;
        let (files, asked) = (Arc::clone(&self.files), candidates.clone());
        let last_changes = blocking(move || {
            Ok(asked
                .into_iter()
                .map(|sha256| Ok((sha256, files.last_change(sha256)?)))
                .collect::<io::Result<Vec<_>>>()?)
        });
        let last_changes = last_changes.await?;
        // Asked again: what is kept from here on is kept by somebody who names it, and stays.
        let left_behind: HashSet<_> = self.unreferred(candidates).await?.into_iter().collect();
        let (files, number) = (Arc::clone(&self.files), left_behind.len());
        blocking(move || {
            let mut going = last_changes.into_iter().filter(|(sha256, _)| left_behind.contains(sha256));
            Ok(going.try_for_each(|(sha256, last_change)| files.remove(sha256, last_change))?)
        })
        .await?;
        Ok(number)
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
        self.remove_unreferred(all).await
    }
}

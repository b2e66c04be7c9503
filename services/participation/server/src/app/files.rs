//! Files of texts: kept before the commit that names them, removed when none does.

use std::io;
use std::time::Duration;

use allmende_hosting::Failure;
use allmende_kernel::TenantId;
use allmende_participation_domain::contribution::Attachment;
use allmende_runtime::fields::ConsistencyToken;
use bytes::Bytes;

use super::{App, Upload};
use crate::attachments::{NotKept, Unnamed};
use crate::error::Error;
use crate::sealing::{Part, Sealer};
use crate::views::{self, Viewer};

/// How long the sweep waits for the view: it may be made anew.
const PATIENCE: Duration = Duration::from_secs(24 * 3_600);

const INTERRUPTED: io::ErrorKind = io::ErrorKind::Interrupted;

impl App {
    /// Seals files and makes them durable, before a commit names them.
    pub(super) async fn keep(
        &self,
        tenant: &TenantId,
        sealer: &Sealer,
        uploads: &[Upload],
    ) -> Result<Vec<(Attachment, Unnamed)>, Error> {
        let mut kept = Vec::with_capacity(uploads.len());
        if uploads.is_empty() {
            return Ok(kept);
        }
        self.queries.view().catch_up(super::PATIENCE).await.map_err(Failure::from)?;
        let (viewer, token) = (Viewer::public(), ConsistencyToken::default());
        let held = self.read(tenant, &viewer, &token, |reader| Ok(reader.attachment_bytes()?)).await?.value;
        let more: u64 = uploads.iter().map(|upload| upload.content.len() as u64).sum();
        if !self.attachments.has_room(held + more) {
            return Err(NotKept::Full.into());
        }
        for Upload { id, media_type, content } in uploads {
            let sealed = sealer.seal(Part::Attachment(*id), content)?;
            let files = self.attachments.clone();
            let put = tokio::task::spawn_blocking(move || files.put(sealed.as_bytes()));
            let file = put.await.unwrap_or_else(|_| Err(NotKept::Io(INTERRUPTED.into())))?;
            let (media_type, size_bytes) = (media_type.clone(), content.len() as u64);
            kept.push((Attachment { id: *id, media_type, size_bytes, sealed_sha256: file.name() }, file));
        }
        Ok(kept)
    }

    /// Removes files; those that are not there are gone already.
    pub(super) async fn remove_files(&self, names: Vec<Bytes>) -> Result<(), Error> {
        if names.is_empty() {
            return Ok(());
        }
        let files = self.attachments.clone();
        let removing = tokio::task::spawn_blocking(move || names.iter().try_for_each(|name| files.remove(name)));
        removing.await.unwrap_or_else(|_| Err(INTERRUPTED.into())).map_err(Error::Attachment)
    }

    /// Removes what was there at the start and is named by no text. What goes wrong is for the operator's log: the next
    /// start tries again.
    pub(crate) async fn sweep_files(&self) {
        match self.swept().await {
            Ok(0) => {}
            Ok(files) => tracing::info!(files, "files that no text names are gone"),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "files that no text names may be left");
            }
        }
    }

    async fn swept(&self) -> Result<usize, Error> {
        self.queries.view().catch_up(PATIENCE).await.map_err(Failure::from)?;
        let (files, token) = (self.attachments.clone(), ConsistencyToken::default());
        let sweeping = self
            .queries
            .read(&token, move |tables| files.sweep(&views::named_files(tables)?).map_err(Error::Attachment));
        Ok(sweeping.await?.value)
    }
}

use allmende_eventlog::{CommandError, Request};
use allmende_kernel::Timestamp;
use allmende_opendata_domain::dataset::{Command, Rejection as Refused};
use allmende_opendata_domain::{DatasetId, LicenceTerms};
use allmende_runtime::authorize::AuthorizedTenant;
use bytes::Bytes;

use super::declare_source_licence::licence_stream;
use super::{Answer, App, dataset_stream};
use crate::error::{Error, Rejection};
use crate::sources::Terms;
use crate::wire::{Dataset, SourceLicence};

/// A change that one command of the dataset makes; its time is stamped when it is decided.
pub(crate) type Change = Box<dyn Fn(Timestamp) -> Command + Send + Sync>;

/// What a change answers: the number of the version that it was about, 0 for the dataset as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Changed {
    pub(crate) version: u32,
}

impl App {
    /// Changes a dataset. What is read afterwards with the answer's token shows it.
    pub(crate) async fn change_dataset(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        id: DatasetId,
        version: u32,
        change: Change,
    ) -> Result<Answer<Changed>, Error> {
        let stream = dataset_stream(tenant.id(), id);
        self.commands.warm::<Dataset>(&stream).await?;
        let terms = self.source_terms(tenant, id).await?;
        let licence = match &terms {
            Some(Terms::Declared(station)) => Some(licence_stream(tenant.id(), *station)),
            Some(Terms::Granted(_)) | None => None,
        };
        let done = self
            .commands
            .execute(request, |transaction, now| {
                let context: Option<LicenceTerms> = match (&terms, &licence) {
                    (Some(Terms::Granted(terms)), _) => terms.clone(),
                    (_, Some(stream)) => transaction.state::<SourceLicence>(stream)?.clone(),
                    _ => None,
                };
                let decided = transaction.decide::<Dataset>(&stream, &context, &change(now));
                decided.map_err(|error: CommandError<Refused>| error.map_rejection(Rejection::from))?;
                Ok(Bytes::new())
            })
            .await?;
        Ok(Answer { value: Changed { version }, seen: self.queries.seen(done.position) })
    }

    /// Under what the source of a filled dataset lets its content be published.
    async fn source_terms(&self, tenant: &AuthorizedTenant, id: DatasetId) -> Result<Option<Terms>, Error> {
        let of = tenant.id().clone();
        let Some(dataset) = self.read_now(move |reader| Ok(reader.dataset(&of, id)?)).await? else { return Ok(None) };
        let Some(followed) = self.source_of(dataset.source) else { return Ok(None) };
        let (source, tenant) = (std::sync::Arc::clone(&followed.source), tenant.id().clone());
        let outline = super::blocking(move || Ok(source.outline(&tenant, dataset.source)?)).await?;
        Ok(outline.map(|outline| outline.terms))
    }
}

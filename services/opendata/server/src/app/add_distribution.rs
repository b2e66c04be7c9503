use std::io::Write as _;
use std::sync::Arc;

use allmende_eventlog::{CommandError, Request};
use allmende_opendata_domain::dataset::{Command, Rejection as Refused, State};
use allmende_opendata_domain::{Column, DatasetId, Distribution, FileName, Format, Sha256};
use allmende_runtime::authorize::AuthorizedTenant;
use bytes::Bytes;

use super::uploaded::{Found, found};
use super::{Answer, App, Changed, blocking, dataset_stream, to_its_end};
use crate::error::{Error, Rejection, is_decided};
use crate::files::{Kept, Unfinished};
use crate::wire::Dataset;

/// A file that staff upload.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AddDistribution {
    pub(crate) id: DatasetId,
    pub(crate) file: FileName,
    pub(crate) format: Format,
    pub(crate) columns: Vec<Column>,
}

/// What has come of it so far.
pub(crate) struct Upload(Option<Unfinished>);

impl App {
    /// Begins an upload; dropped, it is gone.
    pub(crate) async fn begin_upload(&self) -> Result<Upload, Error> {
        let files = Arc::clone(&self.files);
        blocking(move || Ok(Upload(Some(files.begin()?)))).await
    }

    /// Takes the next bytes.
    pub(crate) async fn continue_upload(&self, upload: &mut Upload, chunk: Bytes) -> Result<(), Error> {
        let Some(mut file) = upload.0.take() else { return Err(Rejection::UploadIncomplete.into()) };
        let file = blocking(move || {
            file.write_all(&chunk)?;
            Ok(file)
        });
        upload.0 = Some(file.await?);
        Ok(())
    }

    /// Adds the file to the dataset's draft, if it is what its sender says it is.
    pub(crate) async fn finish_upload(
        self: &Arc<Self>,
        tenant: &AuthorizedTenant,
        request: &Request,
        command: AddDistribution,
        upload: Upload,
        announced: Kept,
    ) -> Result<Answer<(Changed, Distribution)>, Error> {
        let Some(file) = upload.0 else { return Err(Rejection::UploadIncomplete.into()) };
        let (app, tenant, request) = (Arc::clone(self), tenant.clone(), request.clone());
        to_its_end(async move { app.keep(&tenant, &request, command, file, announced).await }).await
    }

    async fn keep(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        command: AddDistribution,
        file: Unfinished,
        announced: Kept,
    ) -> Result<Answer<(Changed, Distribution)>, Error> {
        let naming = self.files.naming.read().await;
        let unnamed = self.files.unnamed();
        if !blocking(move || Ok(file.keep_if(announced)?)).await? {
            unnamed.settled();
            return Err(Rejection::UploadIncomplete.into());
        }
        let added = self.add(tenant, request, command, announced).await;
        drop(naming);
        // Refused, or sent again after its version was withdrawn, it has no name. What is not discarded is swept.
        if is_decided(&added) && self.discard(vec![announced.sha256]).await.is_ok() {
            unnamed.settled();
        }
        added
    }

    async fn add(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        AddDistribution { id, file, format, columns }: AddDistribution,
        kept: Kept,
    ) -> Result<Answer<(Changed, Distribution)>, Error> {
        let (columns, rows) = self.looked_through(columns, format, kept.sha256).await?;
        let distribution = Distribution { file, format, bytes: kept.bytes, sha256: kept.sha256, rows, columns };
        let stream = dataset_stream(tenant.id(), id);
        self.commands.warm::<Dataset>(&stream).await?;
        let done = self
            .commands
            .execute(request, |transaction, at| {
                match transaction.state::<Dataset>(&stream)? {
                    State::Registered(dataset) if dataset.source.is_filled() => {
                        return Err(CommandError::Rejected(Rejection::DatasetFilled));
                    }
                    _ => {}
                }
                let mut decide = |command| {
                    let decided = transaction.decide::<Dataset>(&stream, &None, &command);
                    decided.map_err(|error: CommandError<Refused>| error.map_rejection(Rejection::from))
                };
                decide(Command::BeginVersion { source: None, at })?;
                let version = transaction.state::<Dataset>(&stream)?.dataset().map_or(0, |dataset| dataset.versions());
                let command = Command::AddDistribution { version, distribution: distribution.clone() };
                let decided = transaction.decide::<Dataset>(&stream, &None, &command);
                decided.map_err(|error: CommandError<Refused>| error.map_rejection(Rejection::from))?;
                Ok(version.to_be_bytes().to_vec().into())
            })
            .await?;
        let version = done.outcome.as_ref().try_into().map(u32::from_be_bytes).unwrap_or_default();
        Ok(Answer { value: (Changed { version }, distribution), seen: self.queries.seen(done.position) })
    }

    /// The columns as described, if the file has no others; otherwise those it has, undescribed, which no release check
    /// lets pass: a column that nobody mentioned may hold anything. And how many rows it has.
    async fn looked_through(
        &self,
        described: Vec<Column>,
        format: Format,
        sha256: Sha256,
    ) -> Result<(Vec<Column>, u64), Error> {
        let files = Arc::clone(&self.files);
        blocking(move || {
            let Found { columns, rows } = found(format, || files.read(sha256))?.unwrap_or_default();
            let is_described = |name: &String| described.iter().any(|column| column.name.as_str() == name);
            let same = match format {
                Format::Csv => columns.iter().eq(described.iter().map(|column| column.name.as_str())),
                // Where nothing stands in a column, JSON does not name it.
                Format::Json | Format::GeoJson | Format::Parquet => columns.iter().all(is_described),
            };
            // What is not of its format has no columns either.
            let same = same && !columns.is_empty();
            Ok((if same { described } else { undescribed(&columns, described) }, rows))
        })
        .await
    }
}

/// Columns that a file has and nobody described; those that were described and are there keep their description.
fn undescribed(found: &[String], described: Vec<Column>) -> Vec<Column> {
    use allmende_opendata_domain::{ColumnName, MAX_COLUMNS, Text};
    let column = |(index, name): (usize, &String)| {
        if let Some(known) = described.iter().find(|column| column.name.as_str() == name) {
            return Some(known.clone());
        }
        let spelled: String = name
            .to_lowercase()
            .chars()
            .map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' })
            .take(60)
            .collect();
        let name = ColumnName::parse(&spelled).or_else(|_| ColumnName::parse(&format!("column_{index}")));
        Some(Column { name: name.ok()?, kind: None, description: Text::default(), unit: String::new() })
    };
    found.iter().enumerate().take(MAX_COLUMNS).filter_map(column).collect()
}

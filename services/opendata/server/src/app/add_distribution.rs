use std::io::{Read as _, Write as _};
use std::sync::Arc;

use allmende_eventlog::{CommandError, Request};
use allmende_opendata_domain::dataset::{Command, Rejection as Refused, State};
use allmende_opendata_domain::{Column, DatasetId, Distribution, FileName, Format, Sha256};
use allmende_runtime::authorize::AuthorizedTenant;
use bytes::Bytes;

use super::{Answer, App, Changed, blocking, dataset_stream};
use crate::error::{Error, Rejection};
use crate::files::{Kept, Unfinished};
use crate::wire::Dataset;

/// Bytes of a CSV file in which its header has to end.
const HEADER_BYTES: u64 = 64 << 10;

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
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        command: AddDistribution,
        upload: Upload,
        announced: Kept,
    ) -> Result<Answer<(Changed, Distribution)>, Error> {
        let Some(file) = upload.0 else { return Err(Rejection::UploadIncomplete.into()) };
        let AddDistribution { id, file: name, format, columns } = command;
        let naming = self.files.naming.read().await;
        let kept = blocking(move || Ok(file.keep()?)).await?;
        let added = match kept == announced {
            true => self.add(tenant, request, id, (name, format, columns), kept).await,
            false => Err(Rejection::UploadIncomplete.into()),
        };
        drop(naming);
        if added.is_err() {
            let left = Distribution {
                file: FileName::parse("left.csv", Format::Csv)
                    .map_err(std::io::Error::other)
                    .map_err(Rejection::from)?,
                format: Format::Csv,
                bytes: kept.bytes,
                sha256: kept.sha256,
                rows: 0,
                columns: Vec::new(),
            };
            self.discard(&[left]).await?;
        }
        added
    }

    async fn add(
        &self,
        tenant: &AuthorizedTenant,
        request: &Request,
        id: DatasetId,
        (file, format, columns): (FileName, Format, Vec<Column>),
        kept: Kept,
    ) -> Result<Answer<(Changed, Distribution)>, Error> {
        let columns = self.matching(columns, format, kept.sha256).await?;
        let distribution = Distribution { file, format, bytes: kept.bytes, sha256: kept.sha256, rows: 0, columns };
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

    /// The columns as described, if those of a CSV file are the ones it has; otherwise those it has, undescribed, which
    /// no release check lets pass: a column that nobody mentioned may hold anything.
    async fn matching(&self, described: Vec<Column>, format: Format, sha256: Sha256) -> Result<Vec<Column>, Error> {
        if format != Format::Csv {
            return Ok(described);
        }
        let files = Arc::clone(&self.files);
        blocking(move || {
            let mut reader = csv::Reader::from_reader(files.read(sha256)?.take(HEADER_BYTES));
            let found: Vec<String> = match reader.headers() {
                Ok(header) => header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect(),
                Err(_) => Vec::new(),
            };
            let same = found.len() == described.len()
                && found.iter().zip(&described).all(|(found, described)| found == described.name.as_str());
            Ok(if same { described } else { undescribed(&found, described) })
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

use std::sync::Arc;

use allmende_eventlog::{CommandError, Done, Rehearsal, Request, Transaction};
use allmende_kernel::{Position, StreamName, TenantId, Timestamp};
use allmende_opendata_domain::dataset::{Command, Rejection as Refused, Release, State};
use allmende_opendata_domain::{DatasetId, Distribution, FileName, LicenceTerms, Source, SourcePosition};
use allmende_runtime::authorize::AuthorizedTenant;
use bytes::Bytes;

use super::declare_source_licence::licence_stream;
use super::{Answer, App, BY_ITSELF, Changed, Followed, blocking, dataset_id, dataset_stream, to_its_end};
use crate::error::{Error, Rejection, is_decided};
use crate::export::Export;
use crate::files::Unnamed;
use crate::sources::{Follows, Outline, SourceError, Terms};
use crate::views::VersionRow;
use crate::wire::{Dataset, SourceLicence};

/// A dataset's content, written and not yet named in the log.
struct Written {
    distributions: Vec<Distribution>,
    position: SourcePosition,
    unnamed: Unnamed,
}

impl App {
    /// The source that a dataset is filled from.
    pub(crate) fn source_of(&self, source: Source) -> Option<&Followed> {
        let service = match source {
            Source::Manual => return None,
            Source::Observations { .. } => "telemetry-",
            Source::Contributions { .. } | Source::Synopsis { .. } => "participation-",
        };
        self.sources.iter().find(|followed| followed.source.log().partition().as_str().starts_with(service))
    }

    /// Issues a version now, for somebody who asked. It is issued also if they have given up by then.
    pub(crate) async fn issue_version(
        self: &Arc<Self>,
        tenant: &AuthorizedTenant,
        request: &Request,
        id: DatasetId,
    ) -> Result<Answer<Changed>, Error> {
        let first = self.commands.rehearse(request, |_, _| Ok::<_, CommandError<Rejection>>(())).await?;
        let done = match first {
            Rehearsal::Done(done) => Some(done),
            Rehearsal::Taken(()) => {
                let of = tenant.id().clone();
                let row = self.read_now(move |reader| Ok(reader.dataset(&of, id)?)).await?;
                let source = row.ok_or(Rejection::from(Refused::DatasetUnknown))?.source;
                let follows = Arc::clone(&self.source_of(source).ok_or(Rejection::DatasetUploaded)?.source);
                let (app, tenant, request) = (Arc::clone(self), tenant.id().clone(), request.clone());
                to_its_end(async move { app.issue(&follows, &tenant, source, &request).await }).await?
            }
        };
        let of = tenant.id().clone();
        let row = self.read_now(move |reader| Ok(reader.dataset(&of, id)?)).await?;
        let last = row.map_or(0, |row| row.versions);
        let (version, position) = match done {
            // An outcome of before versions were told in it is empty.
            Some(Done { position, outcome }) => {
                (outcome.as_ref().try_into().map_or(last, u32::from_be_bytes), position)
            }
            None => (last, Position::START),
        };
        Ok(Answer { value: Changed { version }, seen: self.queries.seen(position) })
    }

    /// Issues a version of what a dataset's source holds now, unless there is one; registers the dataset first. What
    /// passes its check is cleared; what does not waits as a draft, and no further draft is made of it.
    ///
    /// What the dataset is called is said anew each time, also where its version stays: it is said of the dataset, needs no
    /// check, and holds nothing that its source has not published. A release of ours that says it in other words therefore
    /// reaches a dataset with its next version, or when somebody asks for one, and changes none by itself.
    ///
    /// May be interrupted anywhere and begun again: a version is bound to its position, files to their content. Answers with
    /// the number of the last version; nothing, if nothing was to be done.
    pub(crate) async fn issue(
        &self,
        follows: &Arc<dyn Follows>,
        tenant: &TenantId,
        source: Source,
        request: &Request,
    ) -> Result<Option<Done>, Error> {
        let _turn = self.issuing.lock().await;
        let id = dataset_id(tenant, source).ok_or(Rejection::DatasetUploaded)?;
        let (reading, of) = (Arc::clone(follows), tenant.clone());
        let known = blocking(move || Ok((reading.outline(&of, source)?, reading.last_change(&of, source)?))).await?;
        let (Some(outline), Some(changed)) = known else { return Ok(None) };
        let of = tenant.clone();
        let declared = match outline.terms {
            Terms::Declared(station) => Some(station),
            Terms::Granted(_) => None,
        };
        let (last, licence, deprecated) = self
            .read_now(move |reader| {
                let dataset = reader.dataset(&of, id)?;
                let last = match &dataset {
                    Some(dataset) => reader.version(&of, id, dataset.versions)?,
                    None => None,
                };
                let deprecated = dataset.is_some_and(|dataset| dataset.deprecated.is_some());
                let licence = match declared {
                    Some(station) => reader.source_licence(&of, station)?,
                    None => None,
                };
                Ok((last, licence, deprecated))
            })
            .await?;
        let has_terms = licence.is_some() || matches!(outline.terms, Terms::Granted(Some(_)));
        let draft = last.as_ref().filter(|last| last.release == Release::Draft && last.withdrawn.is_none());
        if deprecated || (draft.is_some() && !has_terms) {
            return Ok(None);
        }
        let stream = dataset_stream(tenant, id);
        self.commands.warm::<Dataset>(&stream).await?;
        // Until the log names the files, nobody may take them for left behind.
        let naming = self.files.naming.read().await;
        let written = match is_there(last.as_ref(), changed.position) {
            true => None,
            false => Some(self.write(follows, tenant, source, &outline).await?),
        };
        let damaged = match (&written, draft) {
            (None, Some(draft)) => self.damaged(draft.distributions.clone()).await?,
            _ => Vec::new(),
        };
        let issuing = Issuing { tenant, stream: &stream, source, outline: &outline, written: &written, damaged };
        let done = self
            .commands
            .execute(request, |transaction, now| issuing.decide(transaction, now))
            .await
            .map_err(Error::from);
        drop(naming);
        if let Some(Written { distributions, unnamed, .. }) = written {
            // What the log does not name must not stay. What is not discarded is swept.
            let contents = distributions.iter().map(|distribution| distribution.sha256).collect();
            if is_decided(&done) && self.discard(contents).await.is_ok() {
                unnamed.settled();
            }
        }
        Ok(Some(done?))
    }

    async fn write(
        &self,
        follows: &Arc<dyn Follows>,
        tenant: &TenantId,
        source: Source,
        outline: &Outline,
    ) -> Result<Written, Error> {
        let (follows, tenant, files) = (Arc::clone(follows), tenant.clone(), Arc::clone(&self.files));
        let (columns, file) = (Arc::clone(&outline.columns), outline.file);
        let writing = tokio::task::spawn_blocking(move || {
            let mut export = Export::begin(&files, columns)?;
            let position = follows.write(&tenant, source, &mut export)?;
            let unnamed = files.unnamed();
            Ok::<_, SourceError>(Written { distributions: export.finish(file)?, position, unnamed })
        });
        // One dataset that nobody can write is to hold up none of the others.
        let written = writing.await.unwrap_or_else(|error| Err(SourceError::from(error)));
        Ok(written.map_err(Rejection::from)?)
    }

    /// The same by the platform itself.
    pub(crate) async fn issue_by_itself(
        &self,
        follows: &Arc<dyn Follows>,
        tenant: &TenantId,
        source: Source,
    ) -> Result<(), Error> {
        self.issue(follows, tenant, source, &BY_ITSELF).await.map(|_| ())
    }
}

/// Whether the last version was made of the source as it is.
fn is_there(last: Option<&VersionRow>, changed: Position) -> bool {
    last.is_some_and(|last| last.withdrawn.is_none() && last.position() >= changed)
}

struct Issuing<'a> {
    tenant: &'a TenantId,
    stream: &'a StreamName,
    source: Source,
    outline: &'a Outline,
    written: &'a Option<Written>,
    damaged: Vec<FileName>,
}

impl Issuing<'_> {
    fn decide(&self, transaction: &mut Transaction<'_>, at: Timestamp) -> Result<Bytes, CommandError<Rejection>> {
        let terms = match &self.outline.terms {
            Terms::Granted(terms) => terms.clone(),
            Terms::Declared(station) => {
                transaction.state::<SourceLicence>(&licence_stream(self.tenant, *station))?.clone()
            }
        };
        let description = self.outline.description.clone();
        let first = match transaction.state::<Dataset>(self.stream)? {
            State::Absent => Command::Register { source: self.source, description, terms: None, at },
            State::Registered(_) => Command::Describe { description, at },
        };
        self.apply(transaction, &terms, first)?;
        if let Some(Written { distributions, position, .. }) = self.written {
            let begin = Command::BeginVersion { source: Some(position.clone()), at };
            let begun = self.apply(transaction, &terms, begin)?;
            if begun {
                let version = self.last(transaction)?.map_or(0, |(number, _)| number);
                for distribution in distributions {
                    let distribution = distribution.clone();
                    self.apply(transaction, &terms, Command::AddDistribution { version, distribution })?;
                }
            }
        }
        if let Some((version, true)) = self.last(transaction)? {
            self.apply(transaction, &terms, Command::Check { version, damaged: self.damaged.clone(), at })?;
            if self.passed(transaction)? {
                self.apply(transaction, &terms, Command::Release { version, release: Release::Cleared, at })?;
            }
        }
        let version = self.last(transaction)?.map_or(0, |(number, _)| number);
        Ok(version.to_be_bytes().to_vec().into())
    }

    /// Whether something happened.
    fn apply(
        &self,
        transaction: &mut Transaction<'_>,
        terms: &Option<LicenceTerms>,
        command: Command,
    ) -> Result<bool, CommandError<Rejection>> {
        let decided = transaction.decide::<Dataset>(self.stream, terms, &command);
        decided.map(|events| !events.is_empty()).map_err(|error| error.map_rejection(Rejection::from))
    }

    /// The last version, and whether it is a draft that stands.
    fn last(&self, transaction: &mut Transaction<'_>) -> Result<Option<(u32, bool)>, CommandError<Rejection>> {
        let state = transaction.state::<Dataset>(self.stream)?;
        let last = state.dataset().and_then(|dataset| dataset.last.as_ref());
        Ok(last.map(|last| (last.number, last.release == Release::Draft && last.withdrawn.is_none())))
    }

    fn passed(&self, transaction: &mut Transaction<'_>) -> Result<bool, CommandError<Rejection>> {
        let state = transaction.state::<Dataset>(self.stream)?;
        let check = state.dataset().and_then(|dataset| dataset.last.as_ref()?.check.as_ref());
        Ok(check.is_some_and(|check| check.findings.is_empty()))
    }
}

use std::collections::BTreeSet;
use std::time::Duration;

use allmende_eventlog::{Delivery, EventLog, Fault, Filter, Hash, Subscription};
use allmende_hosting::{Failure, Queries};
use allmende_kernel::{Decider as _, Position, TenantId, Timestamp};
use allmende_participation_domain::{
    ContributionId, DocumentId, ProcedureId, ProjectId, contribution, document, procedure, project,
};
use allmende_runtime::fields::ConsistencyToken;
use allmende_runtime::jittered;
use parking_lot::Mutex;
use std::sync::Arc;
use tantivy::{Index, IndexReader, IndexWriter, TantivyDocument, Term};
use tokio::sync::watch;
use uuid::Uuid;

use super::schema::Fields;
use super::{Search, SearchError};
use crate::error::Error;
use crate::sealing::Vault;
use crate::views::{Reader, Viewer};
use crate::wire::event_type;

/// Memory for words that are not written yet; the least that tantivy takes.
const WRITER_BYTES: usize = 15_000_000;
/// Groups that are indexed together when many wait.
const GROUPS_AT_ONCE: usize = 512;
/// How long after a failure the index tries again; longer each time, up to the second.
const AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];
/// After how many failures in a row it does not: some seven minutes.
const ATTEMPTS: u32 = 12;

/// The events of a contribution after which something else of it is public than before.
const CHANGES: &[&str] = &[
    event_type!("ContributionPublished"),
    event_type!("ContributionRejected"),
    event_type!("ContributionHidden"),
    event_type!("ContributionRedacted"),
    event_type!("ContributionWithdrawn"),
    event_type!("ContributionErased"),
];

/// How far an index has come, and on which history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) position: Position,
    hash: Option<Hash>,
}

impl Mark {
    pub(super) const START: Mark = Mark { position: Position::START, hash: None };

    fn to_text(self) -> String {
        let hash = self.hash.map_or([0; 32], |hash| hash.0);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{} {hash}", self.position.group)
    }

    fn parse(text: &str) -> Option<Self> {
        let (group, hash) = text.split_once(' ')?;
        let byte = |index: usize| u8::from_str_radix(hash.get(2 * index..2 * index + 2)?, 16).ok();
        let mut bytes = [0; 32];
        for (index, to) in bytes.iter_mut().enumerate() {
            *to = byte(index)?;
        }
        Some(Self { position: Position::new(group.parse().ok()?, 0), hash: Some(Hash(bytes)) })
    }
}

/// How far an index has come.
pub(super) fn position(index: &Index) -> Result<Mark, SearchError> {
    Ok(index.load_metas()?.payload.and_then(|text| Mark::parse(&text)).unwrap_or(Mark::START))
}

/// Whether an index is of this log, and not ahead of it.
pub(super) fn is_of(mark: Mark, log: &dyn EventLog) -> bool {
    match mark.hash {
        None => true,
        Some(hash) => log.read_group(mark.position.group).is_ok_and(|group| group.header().hash == hash),
    }
}

/// An aggregate of which something else is public.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Touched {
    tenant: String,
    category: &'static str,
    id: Uuid,
}

impl Touched {
    fn owner(&self) -> String {
        format!("{}/{}/{}", self.tenant, self.category, self.id)
    }
}

/// Follows the log and keeps the index.
pub(super) struct Indexer {
    index: Index,
    fields: Fields,
    reader: IndexReader,
    writer: Arc<Mutex<IndexWriter>>,
    log: Arc<dyn EventLog>,
    queries: Queries,
    vault: Vault,
    told: watch::Sender<Position>,
}

impl Indexer {
    pub(super) fn new(
        search: &Search,
        queries: Queries,
        vault: Vault,
        told: watch::Sender<Position>,
    ) -> Result<Self, SearchError> {
        let mut writer = search.index.writer_with_num_threads(1, WRITER_BYTES)?;
        // A crash may have come between the mark and the segments' being written anew.
        if search.index.searchable_segment_metas()?.iter().any(|segment| segment.has_deletes()) {
            write_anew(&mut writer, &search.index)?;
            search.reader.reload()?;
        }
        writer.garbage_collect_files().wait()?;
        Ok(Self {
            index: search.index.clone(),
            fields: search.fields,
            reader: search.reader.clone(),
            writer: Arc::new(Mutex::new(writer)),
            log: Arc::clone(&search.log),
            queries,
            vault,
            told,
        })
    }

    /// Until the log has no more readers, the task is ended, or the index cannot go on without an operator.
    pub(super) async fn follow(self, mut after: Position) {
        let [mut wait, longest] = AGAIN;
        let mut failures = 0;
        loop {
            let before = after;
            let Err(error) = self.follow_from(&mut after).await else { return };
            if after != before {
                ([wait, _], failures) = (AGAIN, 0);
            }
            failures += 1;
            tracing::error!(error = &error as &dyn std::error::Error, failures, "the search does not follow the log");
            if failures == ATTEMPTS || error.takes_an_operator() {
                tracing::error!("the search is given up until the next start");
                return;
            }
            tokio::time::sleep(jittered(wait)).await;
            wait = longest.min(wait * 2);
        }
    }

    /// Follows until something fails, and moves `after` on to where that was.
    async fn follow_from(&self, after: &mut Position) -> Result<(), Error> {
        let mut subscription = Subscription::start(Arc::clone(&self.log), *after, Filter::default());
        while let Some(delivery) = subscription.next().await {
            let (mut deliveries, mut next) = (Vec::new(), Some(delivery));
            let mut failed = Ok(());
            while let Some(delivery) = next.take() {
                match delivery {
                    Ok(delivery) => deliveries.push(delivery),
                    Err(error) => failed = Err(Fault::from(error)),
                }
                if failed.is_ok() && deliveries.len() < GROUPS_AT_ONCE {
                    next = subscription.try_next();
                }
            }
            // What was read before is taken all the same.
            if let Some(last) = deliveries.last() {
                let header = last.group.header();
                let mark = Mark { position: Position::new(header.number, 0), hash: Some(header.hash) };
                let touched = touched(&deliveries);
                if !touched.is_empty() {
                    self.write(&touched, mark).await?;
                }
                *after = Position::new(header.number, header.commit_count.saturating_sub(1));
                self.told.send_replace(*after);
            }
            failed?;
        }
        Ok(())
    }

    async fn write(&self, touched: &BTreeSet<Touched>, mark: Mark) -> Result<(), Error> {
        let view = self.queries.view();
        view.wait_for(mark.position, Duration::from_secs(3_600)).await.map_err(Failure::from)?;
        let (fields, vault, touched) = (self.fields, self.vault.clone(), touched.clone());
        let (writer, index, reader) = (Arc::clone(&self.writer), self.index.clone(), self.reader.clone());
        let token = ConsistencyToken::default();
        let writing = self.queries.read(&token, move |tables| {
            let mut writer = writer.lock();
            let mut gone = false;
            for touched in touched {
                let Ok(tenant) = TenantId::parse(&touched.tenant) else { continue };
                let owner = Term::from_field_text(fields.owner, &touched.owner());
                // Also in a segment that has it marked as deleted: its words are there until the segment is not.
                let held = reader.searcher().doc_freq(&owner).map_err(SearchError::from)? > 0;
                gone |= held && touched.category == contribution::Model::CATEGORY;
                writer.delete_term(owner);
                let viewer = Viewer::public();
                let reader = Reader::new(tables, &vault, &tenant, &viewer, Timestamp::default());
                let documents = match documents(&reader, &fields, &touched) {
                    Err(error) if error.is_of_one_text() => {
                        tracing::error!(error = &error as &dyn std::error::Error, id = %touched.id,
                            "a text does not open, and no search finds it until the index is made anew");
                        Vec::new()
                    }
                    documents => documents?,
                };
                for document in documents {
                    writer.add_document(document).map_err(SearchError::from)?;
                }
            }
            commit(&mut writer, mark).map_err(SearchError::from)?;
            if gone {
                write_anew(&mut writer, &index).map_err(SearchError::from)?;
            }
            reader.reload().map_err(SearchError::from)?;
            // Files of segments that a searcher had open go when it lets go of them.
            writer.garbage_collect_files().wait().map_err(SearchError::from)?;
            Ok::<_, Error>(())
        });
        writing.await.map(|_| ())
    }
}

fn commit(writer: &mut IndexWriter, mark: Mark) -> tantivy::Result<()> {
    let mut prepared = writer.prepare_commit()?;
    prepared.set_payload(&mark.to_text());
    prepared.commit().map(|_| ())
}

/// Writes all segments as one, without what is deleted.
fn write_anew(writer: &mut IndexWriter, index: &Index) -> tantivy::Result<()> {
    let segments = index.searchable_segment_ids()?;
    if !segments.is_empty() {
        writer.merge(&segments).wait()?;
    }
    Ok(())
}

fn touched(deliveries: &[Delivery]) -> BTreeSet<Touched> {
    const CATEGORIES: [&str; 4] = [
        contribution::Model::CATEGORY,
        procedure::Model::CATEGORY,
        project::Model::CATEGORY,
        document::Model::CATEGORY,
    ];
    let mut touched = BTreeSet::new();
    for write in deliveries.iter().flat_map(Delivery::commits).flat_map(|commit| commit.writes()) {
        let (tenant, category, id) = write.stream_parts();
        let Some(category) = CATEGORIES.into_iter().find(|known| *known == category) else { continue };
        let of_text = category == contribution::Model::CATEGORY;
        if of_text && !write.events().any(|event| CHANGES.contains(&event.event_type())) {
            continue;
        }
        if let Ok(id) = Uuid::try_parse(id) {
            touched.insert(Touched { tenant: tenant.to_owned(), category, id });
        }
    }
    touched
}

/// What of an aggregate is public now.
fn documents(reader: &Reader<'_>, fields: &Fields, touched: &Touched) -> Result<Vec<TantivyDocument>, Error> {
    let document = |place: &str, procedure: &[u8], title: &str, body: &str| {
        let procedure = Uuid::from_slice(procedure).unwrap_or_default().to_string();
        let mut document = TantivyDocument::default();
        document.add_text(fields.owner, touched.owner());
        document.add_text(fields.place, place);
        document.add_text(fields.tenant, &touched.tenant);
        document.add_text(fields.procedure, procedure);
        document.add_text(fields.title, title);
        document.add_text(fields.body, body);
        document
    };
    let (place, id) = (format!("{}/{}", touched.category, touched.id), touched.id);
    let mut found = Vec::new();
    match touched.category {
        contribution::Model::CATEGORY => {
            let id = ContributionId::new(id);
            let row = reader.row(id)?.filter(|row| row.is_public());
            let shown = row.map(|row| reader.show(id, row)).transpose()?.flatten();
            if let Some(shown) = shown
                && let Some(text) = &shown.text
            {
                let body = [text.body.as_str(), &text.proposed_text].join("\n");
                found.push(document(&place, &shown.row.submission().procedure_id, &text.title, &body));
            }
        }
        procedure::Model::CATEGORY => {
            if let Some(shown) = reader.procedure(ProcedureId::new(id))?
                && let Some(opened) = &shown.row.opened
            {
                found.push(document(&place, id.as_bytes(), &opened.title, &opened.summary));
            }
        }
        project::Model::CATEGORY => {
            if let Some(shown) = reader.project(ProjectId::new(id))?
                && let Some(started) = &shown.row.started
            {
                found.push(document(&place, &started.procedure_id, &started.title, &started.summary));
            }
        }
        _ => {
            let id = DocumentId::new(id);
            let Some(shown) = reader.document(id)? else { return Ok(found) };
            let version = reader.version(id, shown.row.latest_version)?;
            for section in version.into_iter().flat_map(|version| version.row.sections) {
                let place = format!("{place}/{}", section.section_id);
                found.push(document(&place, &shown.row.procedure_id, &section.heading, &section.text));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_as_it_was_written() {
        let mark = Mark { position: Position::new(77, 0), hash: Some(Hash([0xa1; 32])) };
        assert_eq!(Mark::parse(&mark.to_text()), Some(mark));
        for wrong in ["", "77", "77 a1", "x a1"] {
            assert_eq!(Mark::parse(wrong), None);
        }
    }
}

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::sync::Arc;

use allmende_eventlog::{Direction, EventLog, EventView, ReadError};
use allmende_kernel::{Revision, StreamName, SubjectId};
use allmende_proto::participation::events::v1 as stored;
use lru::LruCache;
use prost::Message as _;
use uuid::Uuid;

use super::calendar::Deadline;

const SUBMITTED: &str = "allmende.participation.events.v1.ContributionSubmitted";
const SUPPORTED: &str = "allmende.participation.events.v1.SupportGiven";
const WITHDRAWN: &str = "allmende.participation.events.v1.ContributionWithdrawn";
const ERASED: &str = "allmende.participation.events.v1.ContributionErased";
/// Groups read in one go.
const GROUPS_AT_ONCE: usize = 64;
/// Contributions whose procedures are remembered; others are looked up.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// Who takes part in a procedure, read from the log in pieces: memory does not grow with their number, and who wrote
/// more than once may come more than once.
pub(super) struct TakingPart {
    log: Arc<dyn EventLog>,
    deadline: Deadline,
    /// Types still to be read, the next one last.
    types: Vec<&'static str>,
    after: u64,
    procedures: LruCache<StreamName, Option<Uuid>>,
}

impl TakingPart {
    pub(super) fn new(log: Arc<dyn EventLog>, deadline: Deadline) -> Self {
        Self { log, deadline, types: vec![SUPPORTED, SUBMITTED], after: 0, procedures: LruCache::new(REMEMBERED) }
    }

    /// Some more of them; nothing after the last ones.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<SubjectId>>, ReadError> {
        let Some(event_type) = self.types.last().copied() else { return Ok(None) };
        let (log, deadline, after) = (Arc::clone(&self.log), self.deadline.clone(), self.after);
        // The memory is lent to the thread that reads.
        let mut procedures = std::mem::replace(&mut self.procedures, LruCache::new(NonZeroUsize::MIN));
        let reading = tokio::task::spawn_blocking(move || {
            let read = read(log.as_ref(), &deadline, event_type, after, &mut procedures);
            (read, procedures)
        });
        let interrupted = ReadError::Io { what: "contributions", kind: ErrorKind::Interrupted };
        let (read, procedures) = reading.await.map_err(|_| interrupted)?;
        self.procedures = procedures;
        let (people, reached) = read?;
        match reached {
            Some(reached) => self.after = reached,
            None => {
                self.types.pop();
                self.after = 0;
            }
        }
        Ok(Some(people))
    }
}

/// People found in the next groups, and the last of these groups if more may follow.
fn read(
    log: &dyn EventLog,
    deadline: &Deadline,
    event_type: &str,
    after: u64,
    procedures: &mut LruCache<StreamName, Option<Uuid>>,
) -> Result<(Vec<SubjectId>, Option<u64>), ReadError> {
    let numbers = log.groups_of_type(event_type, after, GROUPS_AT_ONCE)?;
    let mut people = Vec::new();
    for number in &numbers {
        let group = log.read_group(*number)?;
        for commit in group.commits() {
            if commit.admitted_at() >= deadline.notice_at() {
                // Time in a log only grows.
                return Ok((people, None));
            }
            for event in commit.events().filter(|event| event.event_type() == event_type) {
                people.extend(taking_part(log, deadline, event, procedures)?);
            }
        }
    }
    let more = numbers.len() == GROUPS_AT_ONCE;
    Ok((people, numbers.last().copied().filter(|_| more)))
}

/// Who takes part by this event, if it is about the procedure and was not taken back.
fn taking_part(
    log: &dyn EventLog,
    deadline: &Deadline,
    event: EventView<'_>,
    procedures: &mut LruCache<StreamName, Option<Uuid>>,
) -> Result<Option<SubjectId>, ReadError> {
    let Ok(stream) = StreamName::parse(event.stream()) else { return Ok(None) };
    if stream.tenant() != deadline.tenant.as_str() {
        return Ok(None);
    }
    let (procedure, person) = if event.event_type() == SUBMITTED {
        let Ok(submitted) = stored::ContributionSubmitted::decode(event.payload()) else { return Ok(None) };
        // Nobody for what came on paper.
        (Uuid::from_slice(&submitted.procedure_id).ok(), Uuid::from_slice(&submitted.author).ok())
    } else {
        let Some((contribution, person)) = stream.id().split_once('.') else { return Ok(None) };
        let Ok(contribution) = StreamName::new(&deadline.tenant, "contribution", contribution) else { return Ok(None) };
        (procedure_of(log, contribution, procedures)?, Uuid::try_parse(person).ok())
    };
    if procedure != Some(deadline.procedure) {
        return Ok(None);
    }
    let last = log.read_stream(&stream, Revision(u64::MAX), Direction::Backward, 1)?;
    let stays = last.first().is_some_and(|last| {
        let last = last.view().event_type();
        if event.event_type() == SUPPORTED { last == SUPPORTED } else { last != WITHDRAWN && last != ERASED }
    });
    Ok(person.filter(|_| stays).map(SubjectId::new))
}

/// The procedure of a contribution: its first event says it.
fn procedure_of(
    log: &dyn EventLog,
    contribution: StreamName,
    procedures: &mut LruCache<StreamName, Option<Uuid>>,
) -> Result<Option<Uuid>, ReadError> {
    if let Some(known) = procedures.get(&contribution) {
        return Ok(*known);
    }
    let first = log.read_stream(&contribution, Revision(1), Direction::Forward, 1)?;
    let submitted = first.first().and_then(|event| stored::ContributionSubmitted::decode(event.view().payload()).ok());
    let procedure = submitted.and_then(|submitted| Uuid::from_slice(&submitted.procedure_id).ok());
    procedures.put(contribution, procedure);
    Ok(procedure)
}

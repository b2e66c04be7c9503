use std::collections::HashMap;
use std::io::ErrorKind;
use std::sync::Arc;

use allmende_eventlog::{Direction, EventLog, ReadError};
use allmende_kernel::{Revision, StreamName, TenantId, Timestamp};
use allmende_proto::participation::events::v1 as stored;
use prost::Message as _;
use uuid::Uuid;

use super::NOTICE;

const PREFIX: &str = "allmende.participation.events.v1.";
/// What moves deadlines. The closing comes last: it also ends what the others began.
const TYPES: [&str; 4] = [
    "allmende.participation.events.v1.ProcedureOpened",
    "allmende.participation.events.v1.PhasesAmended",
    "allmende.participation.events.v1.ConsultationOpened",
    "allmende.participation.events.v1.ProcedureClosed",
];
/// Groups looked up at once.
const GROUPS_AT_ONCE: usize = 256;
/// Events of a stream read at once.
const EVENTS_AT_ONCE: usize = 64;

/// The last moment at which something of a procedure is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deadline {
    pub(super) tenant: TenantId,
    pub(super) procedure: Uuid,
    /// The last day, as ISO text.
    pub(super) last_day: String,
    /// The first moment after it.
    pub(super) closes: Timestamp,
}

impl Deadline {
    /// From when on people are told. Who takes part by then is.
    pub(super) fn notice_at(&self) -> Timestamp {
        self.closes - NOTICE
    }
}

/// Deadlines to come, as procedures and texts have them. Holds what is open, not what was.
pub(super) struct Calendar {
    log: Arc<dyn EventLog>,
    /// For each of [`TYPES`], the last group that was looked at.
    read: [u64; TYPES.len()],
    /// By the procedure or text that has them.
    ahead: HashMap<StreamName, Vec<Deadline>>,
}

/// What a procedure or a text says by now.
struct Entry {
    stream: StreamName,
    deadlines: Vec<Deadline>,
    /// The procedure that was closed.
    closed: Option<Uuid>,
}

impl Calendar {
    pub(super) fn new(log: Arc<dyn EventLog>) -> Self {
        Self { log, read: [0; TYPES.len()], ahead: HashMap::new() }
    }

    /// Reads what was changed since the last time, and forgets what is past.
    pub(super) async fn catch_up(&mut self, now: Timestamp) -> Result<(), ReadError> {
        // One end for all types, so that a closing is not read before what it ends.
        let until = self.log.head().borrow().group;
        for (index, event_type) in TYPES.into_iter().enumerate() {
            while self.read[index] < until {
                let (log, after) = (Arc::clone(&self.log), self.read[index]);
                let reading = tokio::task::spawn_blocking(move || entries(log.as_ref(), event_type, after, until));
                let interrupted = ReadError::Io { what: "procedures", kind: ErrorKind::Interrupted };
                let (entries, reached) = reading.await.map_err(|_| interrupted)??;
                entries.into_iter().for_each(|entry| self.put(entry, now));
                self.read[index] = reached;
            }
        }
        self.ahead.retain(|_, deadlines| {
            deadlines.retain(|deadline| deadline.closes > now);
            !deadlines.is_empty()
        });
        Ok(())
    }

    fn put(&mut self, Entry { stream, mut deadlines, closed }: Entry, now: Timestamp) {
        if let Some(closed) = closed {
            self.ahead.retain(|_, others| others.iter().all(|other| other.procedure != closed));
        }
        deadlines.retain(|deadline| deadline.closes > now);
        match deadlines.is_empty() {
            true => self.ahead.remove(&stream),
            false => self.ahead.insert(stream, deadlines),
        };
    }

    /// One that people are to be told of.
    pub(super) fn due(&self, now: Timestamp) -> Option<Deadline> {
        self.ahead.values().flatten().find(|deadline| deadline.notice_at() <= now && now < deadline.closes).cloned()
    }

    /// Takes a deadline off the calendar: everybody was told.
    pub(super) fn told(&mut self, deadline: &Deadline) {
        self.ahead.values_mut().for_each(|deadlines| deadlines.retain(|other| other != deadline));
    }

    /// When people are to be told next.
    pub(super) fn next(&self) -> Option<Timestamp> {
        self.ahead.values().flatten().map(Deadline::notice_at).min()
    }
}

/// The streams that have events of a type in groups behind `after`, and how far was read.
fn entries(log: &dyn EventLog, event_type: &str, after: u64, until: u64) -> Result<(Vec<Entry>, u64), ReadError> {
    let mut numbers = log.groups_of_type(event_type, after, GROUPS_AT_ONCE)?;
    let all = numbers.len() < GROUPS_AT_ONCE;
    numbers.retain(|number| *number <= until);
    let reached = if all { until } else { numbers.last().copied().unwrap_or(until) };
    let mut entries = Vec::new();
    for number in numbers {
        let group = log.read_group(number)?;
        for event in group.events().filter(|event| event.event_type() == event_type) {
            let Ok(stream) = StreamName::parse(event.stream()) else { continue };
            entries.push(entry(log, stream)?);
        }
    }
    Ok((entries, reached))
}

/// A procedure or a text as it is now.
fn entry(log: &dyn EventLog, stream: StreamName) -> Result<Entry, ReadError> {
    let mut page = Page::default();
    let mut next = Revision(1);
    loop {
        let events = log.read_stream(&stream, next, Direction::Forward, EVENTS_AT_ONCE)?;
        for event in &events {
            page.note(event.view().event_type(), event.view().payload());
        }
        match events.last() {
            Some(last) if events.len() == EVENTS_AT_ONCE => next = last.revision().next(),
            _ => break,
        }
    }
    let own = Uuid::try_parse(stream.id()).ok().filter(|_| stream.category() == "procedure");
    let of = TenantId::parse(stream.tenant()).ok().zip(own.or(page.procedure));
    let deadlines = match &of {
        Some((tenant, procedure)) => {
            let deadline =
                |(last_day, closes)| Deadline { tenant: tenant.clone(), procedure: *procedure, last_day, closes };
            page.ends.into_iter().map(deadline).collect()
        }
        None => Vec::new(),
    };
    Ok(Entry { stream, deadlines, closed: own.filter(|_| page.closed) })
}

/// What a stream says of deadlines.
#[derive(Debug, Default, PartialEq)]
struct Page {
    /// Whose text it is.
    procedure: Option<Uuid>,
    /// Last days, and the moments after them.
    ends: Vec<(String, Timestamp)>,
    closed: bool,
}

impl Page {
    fn note(&mut self, event_type: &str, payload: &[u8]) {
        match event_type.strip_prefix(PREFIX).unwrap_or_default() {
            "ProcedureOpened" => {
                let opened = stored::ProcedureOpened::decode(payload).ok();
                self.ends = opened.and_then(|opened| opened.schedule).map(ends).unwrap_or_default();
            }
            "PhasesAmended" => {
                let amended = stored::PhasesAmended::decode(payload).ok();
                self.ends = amended.and_then(|amended| amended.schedule).map(ends).unwrap_or_default();
            }
            "ProcedureClosed" => {
                self.ends.clear();
                self.closed = true;
            }
            "DraftPublished" => {
                let draft = stored::DraftPublished::decode(payload).ok();
                self.procedure = draft.and_then(|draft| Uuid::from_slice(&draft.procedure_id).ok());
            }
            "ConsultationOpened" => {
                let opened = stored::ConsultationOpened::decode(payload).ok();
                self.ends = opened.and_then(|opened| opened.days).map(end).into_iter().collect();
            }
            _ => {}
        }
    }
}

/// The ends of phases in which people act; a phase of consultation ends as its texts say.
fn ends(schedule: stored::Schedule) -> Vec<(String, Timestamp)> {
    let acting =
        |phase: &stored::Phase| matches!(phase.kind(), stored::PhaseKind::Submission | stored::PhaseKind::Support);
    schedule.phases.into_iter().filter(acting).filter_map(|phase| phase.days).map(end).collect()
}

fn end(days: stored::DayRange) -> (String, Timestamp) {
    (days.to_day, Timestamp::from_micros(days.to_us))
}

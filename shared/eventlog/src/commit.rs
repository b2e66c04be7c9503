use allmende_kernel::{PartitionName, Position, RequestId, Revision, StreamName, SubjectId, Timestamp};
use bytes::Bytes;

use crate::append::{NewCommit, Origin, TraceContext};
use crate::group::{EventSpan, RecordedGroup, WriteSpan};
use crate::wire::{self, Field, Malformed, Reader, Span};

/// Appends the canonical bytes of a commit whose streams are at `revisions` (one each write) to `out`.
pub(crate) fn encode(commit: &NewCommit, revisions: &[Revision], admitted_at: Timestamp, out: &mut Vec<u8>) {
    match &commit.origin {
        Origin::Request { id, digest } => {
            wire::put_message(out, 1, wire::bytes_len(16) + wire::bytes_len(16));
            wire::put_bytes(out, 1, id.as_bytes());
            wire::put_bytes(out, 2, digest);
        }
        Origin::Process { source, position, step } => {
            let len = wire::bytes_len(source.as_str().len())
                + wire::uint_len(position.group)
                + wire::uint_len(position.index.into())
                + wire::uint_len((*step).into());
            wire::put_message(out, 2, len);
            wire::put_bytes(out, 1, source.as_str().as_bytes());
            wire::put_uint(out, 2, position.group);
            wire::put_uint(out, 3, position.index.into());
            wire::put_uint(out, 4, (*step).into());
        }
        Origin::Unlinked => {}
    }
    wire::put_sfixed64(out, 3, admitted_at.as_micros());
    if let Some(actor) = &commit.actor {
        wire::put_bytes(out, 4, actor.as_bytes());
    }
    if let Some(trace) = &commit.trace {
        wire::put_message(out, 5, wire::bytes_len(16) + wire::bytes_len(8) + wire::uint_len(trace.flags.into()));
        wire::put_bytes(out, 1, &trace.trace_id);
        wire::put_bytes(out, 2, &trace.span_id);
        wire::put_uint(out, 3, trace.flags.into());
    }
    for (write, revision) in commit.writes.iter().zip(revisions) {
        let first = revision.next().0;
        let event_len =
            |event: &crate::NewEvent| wire::bytes_len(event.event_type.len()) + wire::bytes_len(event.payload.len());
        let len = wire::bytes_len(write.stream.as_str().len())
            + wire::uint_len(first)
            + write.events.iter().map(|event| wire::message_len(event_len(event))).sum::<usize>();
        wire::put_message(out, 6, len);
        wire::put_bytes(out, 1, write.stream.as_str().as_bytes());
        wire::put_uint(out, 2, first);
        for event in &write.events {
            wire::put_message(out, 3, event_len(event));
            wire::put_bytes(out, 1, event.event_type.as_bytes());
            wire::put_bytes(out, 2, &event.payload);
        }
    }
    wire::put_bytes(out, 7, &commit.outcome);
}

/// Where the parts of a stored commit lie.
#[derive(Debug, Clone, Default)]
pub(crate) struct CommitSpan {
    pub(crate) bytes: Span,
    origin: Option<OriginSpan>,
    admitted_at_us: i64,
    actor: Span,
    trace: Option<Span>,
    outcome: Span,
    pub(crate) first_write: u32,
    pub(crate) writes: u32,
}

#[derive(Debug, Clone, Copy)]
enum OriginSpan {
    Request(Span),
    Process(Span),
}

/// Finds the parts of the commit at `bytes`, adding its writes and events to the group's lists.
pub(crate) fn parse(
    body: &[u8],
    bytes: Span,
    writes: &mut Vec<WriteSpan>,
    events: &mut Vec<EventSpan>,
) -> Result<CommitSpan, Malformed> {
    let mut commit = CommitSpan { bytes, first_write: writes.len() as u32, ..CommitSpan::default() };
    let mut reader = Reader::new(body, bytes);
    while let Some((number, field)) = reader.field()? {
        match (number, field) {
            (1, Field::Span(span)) => commit.origin = Some(OriginSpan::Request(span)),
            (2, Field::Span(span)) => commit.origin = Some(OriginSpan::Process(span)),
            (3, Field::Fixed64(micros)) => commit.admitted_at_us = micros,
            (4, Field::Span(span)) => commit.actor = span,
            (5, Field::Span(span)) => commit.trace = Some(span),
            (6, Field::Span(span)) => writes.push(parse_write(body, span, events)?),
            (7, Field::Span(span)) => commit.outcome = span,
            _ => {}
        }
    }
    commit.writes = writes.len() as u32 - commit.first_write;
    Ok(commit)
}

fn parse_write(body: &[u8], span: Span, events: &mut Vec<EventSpan>) -> Result<WriteSpan, Malformed> {
    let mut write = WriteSpan { first_event: events.len() as u32, ..WriteSpan::default() };
    let mut reader = Reader::new(body, span);
    while let Some((number, field)) = reader.field()? {
        match (number, field) {
            (1, Field::Span(span)) => write.stream = checked_text(body, span)?,
            (2, Field::Uint(revision)) => write.first_revision = revision,
            (3, Field::Span(span)) => events.push(parse_event(body, span)?),
            _ => {}
        }
    }
    write.events = events.len() as u32 - write.first_event;
    Ok(write)
}

fn parse_event(body: &[u8], span: Span) -> Result<EventSpan, Malformed> {
    let mut event = EventSpan::default();
    let mut reader = Reader::new(body, span);
    while let Some((number, field)) = reader.field()? {
        match (number, field) {
            (1, Field::Span(span)) => event.event_type = checked_text(body, span)?,
            (2, Field::Span(span)) => event.payload = span,
            _ => {}
        }
    }
    Ok(event)
}

/// Names are ASCII, which spares a second check when they are read.
fn checked_text(body: &[u8], span: Span) -> Result<Span, Malformed> {
    if span.of(body).is_ascii() { Ok(span) } else { Err(Malformed) }
}

fn text(body: &[u8], span: Span) -> &str {
    std::str::from_utf8(span.of(body)).unwrap_or_default()
}

fn array<const N: usize>(body: &[u8], span: Span) -> Option<[u8; N]> {
    span.of(body).try_into().ok()
}

/// A stored commit, seen in its group's buffer.
#[derive(Clone, Copy)]
pub struct CommitView<'a> {
    pub(crate) group: &'a RecordedGroup,
    pub(crate) index: u32,
}

impl<'a> CommitView<'a> {
    fn span(&self) -> &'a CommitSpan {
        &self.group.commits[self.index as usize]
    }

    fn body(&self) -> &'a [u8] {
        &self.group.body
    }

    /// Where it stands.
    pub fn position(&self) -> Position {
        Position::new(self.group.header.number, self.index)
    }

    /// The bytes that its leaf hash is made of.
    pub fn canonical_bytes(&self) -> &'a [u8] {
        self.span().bytes.of(self.body())
    }

    /// When its command was admitted.
    pub fn admitted_at(&self) -> Timestamp {
        Timestamp::from_micros(self.span().admitted_at_us)
    }

    /// What the caller was answered.
    pub fn outcome(&self) -> Bytes {
        self.group.body.slice(self.span().outcome.range())
    }

    /// Who acted.
    pub fn actor(&self) -> Option<SubjectId> {
        array(self.body(), self.span().actor).map(|bytes| SubjectId::new(uuid::Uuid::from_bytes(bytes)))
    }

    /// What caused it. An origin of a kind that is not known here counts as unlinked.
    pub fn origin(&self) -> Origin {
        let parsed = match self.span().origin {
            Some(OriginSpan::Request(span)) => self.request_origin(span),
            Some(OriginSpan::Process(span)) => self.process_origin(span),
            None => None,
        };
        parsed.unwrap_or(Origin::Unlinked)
    }

    fn request_origin(&self, span: Span) -> Option<Origin> {
        let (mut id, mut digest) = (None, None);
        let mut reader = Reader::new(self.body(), span);
        while let Ok(Some((number, field))) = reader.field() {
            match (number, field) {
                (1, Field::Span(span)) => id = array(self.body(), span).and_then(|b| RequestId::from_bytes(b).ok()),
                (2, Field::Span(span)) => digest = array(self.body(), span),
                _ => {}
            }
        }
        Some(Origin::Request { id: id?, digest: digest? })
    }

    fn process_origin(&self, span: Span) -> Option<Origin> {
        let (mut source, mut position, mut step) = (None, Position::START, 0);
        let mut reader = Reader::new(self.body(), span);
        while let Ok(Some((number, field))) = reader.field() {
            match (number, field) {
                (1, Field::Span(span)) => source = PartitionName::parse(text(self.body(), span)).ok(),
                (2, Field::Uint(group)) => position.group = group,
                (3, Field::Uint(index)) => position.index = index as u32,
                (4, Field::Uint(value)) => step = value as u32,
                _ => {}
            }
        }
        Some(Origin::Process { source: source?, position, step })
    }

    /// The trace its command was part of.
    pub fn trace(&self) -> Option<TraceContext> {
        let (mut trace_id, mut span_id, mut flags) = (None, None, 0);
        let mut reader = Reader::new(self.body(), self.span().trace?);
        while let Ok(Some((number, field))) = reader.field() {
            match (number, field) {
                (1, Field::Span(span)) => trace_id = array(self.body(), span),
                (2, Field::Span(span)) => span_id = array(self.body(), span),
                (3, Field::Uint(value)) => flags = value as u8,
                _ => {}
            }
        }
        Some(TraceContext { trace_id: trace_id?, span_id: span_id?, flags })
    }

    /// What it wrote, a stream each.
    pub fn writes(&self) -> impl Iterator<Item = WriteView<'a>> + use<'a> {
        let (group, index, span) = (self.group, self.index, self.span());
        (span.first_write..span.first_write + span.writes).map(move |write| WriteView { group, commit: index, write })
    }

    /// Its events, in the order of the command.
    pub fn events(&self) -> impl Iterator<Item = EventView<'a>> + use<'a> {
        self.writes().flat_map(|write| write.events())
    }
}

/// What a commit wrote to one stream.
#[derive(Clone, Copy)]
pub struct WriteView<'a> {
    pub(crate) group: &'a RecordedGroup,
    pub(crate) commit: u32,
    pub(crate) write: u32,
}

impl<'a> WriteView<'a> {
    fn span(&self) -> &'a WriteSpan {
        &self.group.writes[self.write as usize]
    }

    /// Name of the stream.
    pub fn stream(&self) -> &'a str {
        text(&self.group.body, self.span().stream)
    }

    /// Tenant, category and id of the stream.
    pub fn stream_parts(&self) -> (&'a str, &'a str, &'a str) {
        split_stream(self.stream())
    }

    /// Name of the stream in its checked form; `None` for a name that breaks today's rules.
    pub fn stream_name(&self) -> Option<StreamName> {
        StreamName::parse(self.stream()).ok()
    }

    /// Revision of the first event.
    pub fn first_revision(&self) -> Revision {
        Revision(self.span().first_revision)
    }

    /// How many events.
    pub fn len(&self) -> usize {
        self.span().events as usize
    }

    /// Whether there is none, which no log stores.
    pub fn is_empty(&self) -> bool {
        self.span().events == 0
    }

    /// The events.
    pub fn events(&self) -> impl Iterator<Item = EventView<'a>> + use<'a> {
        let (write, span) = (*self, self.span());
        (0..span.events).map(move |offset| EventView { write, offset })
    }
}

/// One stored event, seen in its group's buffer.
#[derive(Clone, Copy)]
pub struct EventView<'a> {
    pub(crate) write: WriteView<'a>,
    pub(crate) offset: u32,
}

impl<'a> EventView<'a> {
    fn span(&self) -> &'a EventSpan {
        &self.write.group.events[(self.write.span().first_event + self.offset) as usize]
    }

    /// Name of its stream.
    pub fn stream(&self) -> &'a str {
        self.write.stream()
    }

    /// Its revision in the stream.
    pub fn revision(&self) -> Revision {
        Revision(self.write.span().first_revision + u64::from(self.offset))
    }

    /// Its commit's position.
    pub fn position(&self) -> Position {
        Position::new(self.write.group.header.number, self.write.commit)
    }

    /// Its commit.
    pub fn commit(&self) -> CommitView<'a> {
        CommitView { group: self.write.group, index: self.write.commit }
    }

    /// Full name of its message.
    pub fn event_type(&self) -> &'a str {
        text(&self.write.group.body, self.span().event_type)
    }

    /// The message's bytes.
    pub fn payload(&self) -> &'a [u8] {
        self.span().payload.of(&self.write.group.body)
    }

    /// The message's bytes, sharing the group's buffer.
    pub fn payload_bytes(&self) -> Bytes {
        self.write.group.body.slice(self.span().payload.range())
    }
}

/// Tenant, category and id of a stream's name; empty where a part is missing.
pub(crate) fn split_stream(stream: &str) -> (&str, &str, &str) {
    let (tenant, rest) = stream.split_once('/').unwrap_or((stream, ""));
    let (category, id) = rest.split_once('/').unwrap_or((rest, ""));
    (tenant, category, id)
}

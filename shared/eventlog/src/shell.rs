use std::any::Any;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::sync::Arc;

use allmende_kernel::{Decider, ExpectedRevision, Position, Revision, StreamName, SubjectId, Timestamp};
use bytes::Bytes;
use lru::LruCache;
use parking_lot::Mutex;
use tokio::sync::Semaphore;

use crate::append::{AppendError, Appended, NewCommit, NewEvent, Origin, StreamAppend, Submitted, TraceContext};
use crate::port::EventLog;
use crate::reading::{Direction, ReadError};

/// A decider whose events have a stored form. Implemented by the service that stores them, so that its domain knows
/// nothing of bytes.
pub trait Aggregate: 'static {
    /// Decides and folds.
    type Model: Decider<Event: Send, State: Send>;

    /// The stored form of an event.
    fn encode(event: &EventOf<Self>) -> NewEvent;

    /// The event of a stored form, older forms brought up to date.
    fn decode(event_type: &str, payload: &[u8]) -> Result<EventOf<Self>, UnknownEvent>;

    /// About how many bytes of memory the state takes.
    fn weight(state: &StateOf<Self>) -> usize;
}

type EventOf<A> = <<A as Aggregate>::Model as Decider>::Event;
type StateOf<A> = <<A as Aggregate>::Model as Decider>::State;
type ContextOf<A> = <<A as Aggregate>::Model as Decider>::Context;
type CommandOf<A> = <<A as Aggregate>::Model as Decider>::Command;
type RejectionOf<A> = <<A as Aggregate>::Model as Decider>::Rejection;

/// A stored event that this version cannot read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read a stored event of type {event_type}")]
pub struct UnknownEvent {
    /// Its type.
    pub event_type: String,
}

/// Who asks, and by what the request is known again.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is remembered of it.
    pub origin: Origin,
    /// Who acts.
    pub actor: Option<SubjectId>,
    /// The trace it belongs to.
    pub trace: Option<TraceContext>,
}

/// Why a state could not be folded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Fault {
    /// The log could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A stored event could not be understood.
    #[error(transparent)]
    Unknown(#[from] UnknownEvent),
    /// Two kinds of aggregate were asked for under one stream.
    #[error("stream {0} holds another kind of aggregate")]
    Misfiled(StreamName),
}

/// Why a command changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum CommandError<R> {
    /// The rules refuse it.
    #[error("refused")]
    Rejected(R),
    /// The log refuses or fails.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// A state could not be folded.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl<R> CommandError<R> {
    /// The same error with the rejection in other words.
    pub fn map_rejection<S>(self, words: impl FnOnce(R) -> S) -> CommandError<S> {
        match self {
            Self::Rejected(rejection) => CommandError::Rejected(words(rejection)),
            Self::Append(error) => CommandError::Append(error),
            Self::Fault(fault) => CommandError::Fault(fault),
        }
    }
}

/// What a command led to.
#[derive(Debug, Clone)]
pub struct Done {
    /// A position that shows the command's effect.
    pub position: Position,
    /// What the command answered the first time.
    pub outcome: Bytes,
}

/// What a command would lead to.
#[derive(Debug, Clone)]
pub enum Rehearsal<T> {
    /// The request is a repetition: this is what it led to.
    Done(Done),
    /// The rules would take it, and this is what was to be known of that.
    Taken(T),
}

/// Runs commands on the aggregates of one partition: one at a time decides, many at once wait for the disk.
///
/// Decisions are made on folded states kept in memory, which are ahead of the disk; no answer leaves before everything
/// it rests on is durable.
pub struct Partition {
    log: Arc<dyn EventLog>,
    turn: Mutex<States>,
    permits: Semaphore,
}

/// Commands that may wait for the disk at once; further ones wait for one of them.
const COMMANDS_IN_FLIGHT: usize = 8_192;
/// How often a command is decided anew because another writer was faster.
const ATTEMPTS: usize = 4;
/// Memory for folded states; the least recently used go first.
const STATE_BYTES: usize = 64 << 20;
const STATE_COUNT: NonZeroUsize = NonZeroUsize::new(100_000).unwrap();
/// Events read at once when a state is folded.
const FOLD_EVENTS: usize = 1_024;

/// Whether a refusal tells something that is true only as long as this log's writer leads.
fn rests_on_the_log(refusal: &AppendError) -> bool {
    matches!(refusal, AppendError::RequestReused(_))
}

struct Folded {
    revision: Revision,
    weight: usize,
    state: Box<dyn Any + Send>,
}

fn fold<A: Aggregate>(log: &dyn EventLog, stream: &StreamName) -> Result<Folded, Fault> {
    let mut revision = Revision::NONE;
    let mut state = A::Model::initial();
    loop {
        let events = log.read_stream(stream, revision.next(), Direction::Forward, FOLD_EVENTS)?;
        for event in &events {
            let view = event.view();
            state = A::Model::evolve(state, &A::decode(view.event_type(), view.payload())?);
            revision = view.revision();
        }
        if events.len() < FOLD_EVENTS {
            return Ok(Folded { revision, weight: A::weight(&state), state: Box::new(state) });
        }
    }
}

struct States {
    cached: LruCache<StreamName, Folded>,
    weight: usize,
    /// In which they were folded.
    term: u64,
}

impl States {
    /// States are ahead of what is durable: those of a term that was lost may hold what never came to be.
    fn enter(&mut self, term: u64) {
        if self.term != term {
            self.cached.clear();
            (self.weight, self.term) = (0, term);
        }
    }

    fn take(&mut self, stream: &StreamName) -> Option<Folded> {
        let folded = self.cached.pop(stream)?;
        self.weight -= folded.weight;
        Some(folded)
    }

    fn put(&mut self, stream: StreamName, folded: Folded) {
        self.weight += folded.weight;
        if let Some((_, gone)) = self.cached.push(stream, folded) {
            self.weight -= gone.weight;
        }
        while self.weight > STATE_BYTES
            && let Some((_, gone)) = self.cached.pop_lru()
        {
            self.weight -= gone.weight;
        }
    }
}

impl Partition {
    /// Runs commands on `log`. Other writers on the same log are noticed, not locked out: after one of their appends
    /// a command is decided anew.
    pub fn new(log: Arc<dyn EventLog>) -> Self {
        Self {
            log,
            turn: Mutex::new(States { cached: LruCache::new(STATE_COUNT), weight: 0, term: 0 }),
            permits: Semaphore::new(COMMANDS_IN_FLIGHT),
        }
    }

    /// The log it writes to.
    pub fn log(&self) -> &Arc<dyn EventLog> {
        &self.log
    }

    /// Folds a state ahead of a command, so that the command does not read the disk in its turn.
    pub async fn warm<A: Aggregate>(&self, stream: &StreamName) -> Result<(), Fault> {
        if self.turn.lock().cached.contains(stream) {
            return Ok(());
        }
        let (log, name) = (Arc::clone(&self.log), stream.clone());
        let folding = tokio::task::spawn_blocking(move || fold::<A>(log.as_ref(), &name));
        let folded = folding.await.map_err(|_| ReadError::Io { what: "a stream", kind: ErrorKind::Interrupted })??;
        let mut states = self.turn.lock();
        if !states.cached.contains(stream) {
            states.put(stream.clone(), folded);
        }
        Ok(())
    }

    /// Decides and stores one command.
    ///
    /// `decide` gets the time of admission and tells the outcome to keep for repetitions; it is called again when
    /// another writer was faster. A repeated request gets the first outcome, and `decide` is not called.
    pub async fn execute<R, F>(&self, request: &Request, mut decide: F) -> Result<Done, CommandError<R>>
    where
        F: FnMut(&mut Transaction<'_>, Timestamp) -> Result<Bytes, CommandError<R>>,
    {
        // Never closed, so it cannot fail.
        let _permit = self.permits.acquire().await;
        let mut attempt = 1;
        loop {
            let (submitted, answer) = match self.attempt(request, &mut decide) {
                Err(CommandError::Append(AppendError::WrongRevision { .. })) if attempt < ATTEMPTS => {
                    attempt += 1;
                    // What was admitted and is not durable cannot be folded yet.
                    self.log.settle().wait().await?;
                    continue;
                }
                attempted => attempted?,
            };
            // Also a refusal may rest on a commit that is not durable yet.
            let Appended { position, .. } = submitted.wait().await?;
            let outcome = match answer? {
                Some(outcome) => outcome,
                None => self.log.read_outcome(position).map_err(Fault::Read)?,
            };
            return Ok(Done { position, outcome });
        }
    }

    /// Decides one command and stores nothing: for commands that need something durable made first, which a refusal would
    /// leave behind. What the rules take now they may still refuse when it is executed.
    pub async fn rehearse<R, T, F>(&self, request: &Request, mut decide: F) -> Result<Rehearsal<T>, CommandError<R>>
    where
        F: FnMut(&mut Transaction<'_>, Timestamp) -> Result<T, CommandError<R>>,
    {
        let mut attempt = 1;
        loop {
            let (submitted, refusal) = match self.try_out(request, &mut decide) {
                Ok(Ok(taken)) => return Ok(Rehearsal::Taken(taken)),
                Ok(Err(waiting)) => waiting,
                Err(CommandError::Append(AppendError::WrongRevision { .. })) if attempt < ATTEMPTS => {
                    attempt += 1;
                    self.log.settle().wait().await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Appended { position, .. } = submitted.wait().await?;
            return match refusal {
                Some(refusal) => Err(refusal),
                None => {
                    let outcome = self.log.read_outcome(position).map_err(Fault::Read)?;
                    Ok(Rehearsal::Done(Done { position, outcome }))
                }
            };
        }
    }

    /// What is taken, or else what is to be waited for before the refusal is told, or the first outcome.
    #[allow(clippy::type_complexity)]
    fn try_out<R, T, F>(
        &self,
        request: &Request,
        decide: &mut F,
    ) -> Result<Result<T, (Submitted, Option<CommandError<R>>)>, CommandError<R>>
    where
        F: FnMut(&mut Transaction<'_>, Timestamp) -> Result<T, CommandError<R>>,
    {
        let mut states = self.turn.lock();
        let in_term = self.log.in_term();
        let log = in_term.as_deref().unwrap_or(self.log.as_ref());
        states.enter(log.term());
        let now = log.now();
        match log.recall(&request.origin, now) {
            Ok(None) => {}
            Ok(Some(before)) => return Ok(Err((before, None))),
            Err(refusal) if rests_on_the_log(&refusal) => return Ok(Err((log.settle(), Some(refusal.into())))),
            Err(error) => return Err(error.into()),
        }
        let mut transaction = Transaction { log, states: &mut states, touched: BTreeMap::new() };
        let decided = decide(&mut transaction, now);
        transaction.check_untouched()?;
        transaction.put_back();
        Ok(decided.map_err(|refusal| (log.settle(), Some(refusal))))
    }

    #[allow(clippy::type_complexity)]
    fn attempt<R, F>(
        &self,
        request: &Request,
        decide: &mut F,
    ) -> Result<(Submitted, Result<Option<Bytes>, CommandError<R>>), CommandError<R>>
    where
        F: FnMut(&mut Transaction<'_>, Timestamp) -> Result<Bytes, CommandError<R>>,
    {
        let mut states = self.turn.lock();
        // Bound to the term: a decision of this one must not be stored in the next, nor confirmed by it.
        let in_term = self.log.in_term();
        let log = in_term.as_deref().unwrap_or(self.log.as_ref());
        states.enter(log.term());
        let now = log.now();
        match log.recall(&request.origin, now) {
            Ok(None) => {}
            Ok(Some(before)) => return Ok((before, Ok(None))),
            Err(refusal) if rests_on_the_log(&refusal) => return Ok((log.settle(), Err(refusal.into()))),
            Err(error) => return Err(error.into()),
        }
        let mut transaction = Transaction { log, states: &mut states, touched: BTreeMap::new() };
        match decide(&mut transaction, now) {
            Ok(outcome) => Ok((transaction.submit(request, now, &outcome)?, Ok(Some(outcome)))),
            Err(refusal) => {
                transaction.check_untouched()?;
                transaction.put_back();
                Ok((log.settle(), Err(refusal)))
            }
        }
    }
}

/// One command in the making: states are folded when they are asked for, events are collected until the end.
pub struct Transaction<'a> {
    log: &'a dyn EventLog,
    states: &'a mut States,
    touched: BTreeMap<StreamName, Touched>,
}

struct Touched {
    folded: Folded,
    /// Before the command.
    base: Revision,
    events: Vec<NewEvent>,
}

impl Transaction<'_> {
    /// The state of an aggregate, as a context for others. The command is stored only if it still holds then.
    pub fn state<A: Aggregate>(&mut self, stream: &StreamName) -> Result<&StateOf<A>, Fault> {
        let touched = self.touch::<A>(stream)?;
        touched.folded.state.downcast_ref().ok_or_else(|| Fault::Misfiled(stream.clone()))
    }

    /// Decides on an aggregate and applies what happened to the state that later calls see.
    pub fn decide<A: Aggregate>(
        &mut self,
        stream: &StreamName,
        context: &ContextOf<A>,
        command: &CommandOf<A>,
    ) -> Result<Vec<EventOf<A>>, CommandError<RejectionOf<A>>> {
        let touched = self.touch::<A>(stream)?;
        let state = touched.folded.state.downcast_mut::<StateOf<A>>().ok_or_else(|| Fault::Misfiled(stream.clone()))?;
        let events = A::Model::decide(state, context, command).map_err(CommandError::Rejected)?;
        if events.is_empty() {
            return Ok(events);
        }
        let folded = events.iter().fold(std::mem::replace(state, A::Model::initial()), A::Model::evolve);
        touched.folded.revision = Revision(touched.folded.revision.0 + events.len() as u64);
        touched.folded.weight = A::weight(&folded);
        *state = folded;
        touched.events.extend(events.iter().map(A::encode));
        Ok(events)
    }

    fn touch<A: Aggregate>(&mut self, stream: &StreamName) -> Result<&mut Touched, Fault> {
        match self.touched.entry(stream.clone()) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let folded = match self.states.take(stream) {
                    Some(folded) => folded,
                    None => fold::<A>(self.log, stream)?,
                };
                Ok(entry.insert(Touched { base: folded.revision, folded, events: Vec::new() }))
            }
        }
    }

    fn submit(mut self, request: &Request, now: Timestamp, outcome: &Bytes) -> Result<Submitted, AppendError> {
        let mut commit = NewCommit {
            origin: request.origin.clone(),
            admitted_at: now,
            actor: request.actor,
            trace: request.trace,
            reads: Vec::new(),
            writes: Vec::new(),
            outcome: outcome.clone(),
        };
        for (stream, touched) in &mut self.touched {
            match std::mem::take(&mut touched.events) {
                events if events.is_empty() => commit.reads.push((stream.clone(), touched.base)),
                events => commit.writes.push(StreamAppend {
                    stream: stream.clone(),
                    expected: ExpectedRevision::Exact(touched.base),
                    events,
                }),
            }
        }
        if commit.writes.is_empty() {
            self.check_untouched()?;
            self.put_back();
            return Ok(self.log.settle());
        }
        // On an error the states go with the transaction: they hold what was not stored, or missed what was.
        let submitted = self.log.submit(commit)?;
        for (stream, touched) in std::mem::take(&mut self.touched) {
            self.states.put(stream, touched.folded);
        }
        Ok(submitted)
    }

    /// An answer that stores nothing rests on states that nobody else has written past, as a commit's do.
    fn check_untouched(&self) -> Result<(), AppendError> {
        for (stream, touched) in &self.touched {
            let actual = self.log.admitted_revision(stream)?;
            if actual != touched.base {
                let expected = ExpectedRevision::Exact(touched.base);
                return Err(AppendError::WrongRevision { stream: stream.clone(), expected, actual });
            }
        }
        Ok(())
    }

    /// Keeps the states that the command has not changed.
    fn put_back(&mut self) {
        for (stream, touched) in std::mem::take(&mut self.touched) {
            if touched.folded.revision == touched.base {
                self.states.put(stream, touched.folded);
            }
        }
    }
}

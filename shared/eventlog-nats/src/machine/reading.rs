//! Reading the stream: the only way in which anything comes to count.

use allmende_eventlog::Arrived;

use super::{Effect, Machine, Moment};
use crate::chain::{self, LaterVersion, Meaning};
use crate::halt::Halt;
use crate::stream::{Message, StreamError};

/// Where the follower is.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// It ended; another one is begun then.
    again_at: Option<Moment>,
    /// How often it ended since something new was read.
    tries: u32,
    /// The message that the replica has last is yet to come once more, to be compared.
    pub(super) overlap_due: bool,
    /// It left a message out, for the first time since something new was read.
    left_out: bool,
    /// When it was begun last.
    begun_at: Moment,
    /// Since when the server says that something is there which has not come.
    awaited_since: Option<Moment>,
    /// How often it was begun anew for that, since something new was read.
    restarts: u32,
}

/// Each new beginning gets twice the time of the one before, so many times: a body that takes long to fetch, or a cluster
/// that takes long to begin a reader, is not begun anew for ever.
const DOUBLINGS: u32 = 6;

impl Reading {
    pub(super) fn wake_at(&self, patience: Moment) -> Option<Moment> {
        [self.again_at, self.overdue_at(patience)].into_iter().flatten().min()
    }

    /// Something new.
    fn came(&mut self) {
        (self.tries, self.restarts, self.left_out, self.awaited_since) = (0, 0, false, None);
    }

    fn overdue_at(&self, patience: Moment) -> Option<Moment> {
        let since = self.awaited_since?.max(self.begun_at);
        Some(since + patience * (1 << self.restarts.min(DOUBLINGS)))
    }
}

impl Machine {
    /// Begins to read anew, with the message that the replica has last: the stream may have been set back.
    pub(super) fn follow(&mut self) {
        (self.reading.again_at, self.reading.begun_at) = (None, self.now);
        self.reading.overlap_due = self.head.group > 0 && self.rules.overlap;
        let from = if self.rules.overlap { self.head.group.max(1) } else { self.head.group + 1 };
        self.effects.push(Effect::Follow { from });
    }

    pub(super) fn keep_reading(&mut self) {
        if self.reading.again_at.is_some_and(|at| at <= self.now) {
            self.follow();
        }
        if self.reading.overdue_at(self.options.timing.read).is_some_and(|at| at <= self.now) {
            self.reading.restarts += 1;
            self.follow();
        }
    }

    /// The server says that something stands behind the head.
    pub(super) fn expect_message(&mut self) {
        self.reading.awaited_since.get_or_insert(self.now);
    }

    pub(super) fn expect_nothing(&mut self) {
        self.reading.awaited_since = None;
    }

    pub(super) fn follow_ended(&mut self, error: StreamError) {
        match error {
            StreamError::Gone(sequence) => self.halt(Halt::Missing(sequence)),
            StreamError::Damaged { sequence, hash, what } => {
                self.halt(Halt::DamagedBody { group: sequence, hash, what });
            }
            StreamError::Unfit(what) => self.halt(Halt::Unfit(what)),
            StreamError::Unreachable(_) => {
                let pause = self.pause(self.reading.tries);
                self.reading.tries += 1;
                self.reading.again_at = Some(self.now + pause);
            }
        }
    }

    pub(super) fn read(&mut self, messages: Vec<Message>) {
        let mut batch: Vec<Arrived> = Vec::with_capacity(messages.len());
        let mut meanings = Vec::with_capacity(messages.len());
        let (mut head, mut stop) = (self.head, None);
        for message in messages {
            if message.sequence <= head.group {
                if let Err(halt) = self.compare_again(&message) {
                    stop = Some(halt);
                    break;
                }
                continue;
            }
            if message.sequence > head.group + 1 || self.reading.overlap_due {
                stop = self.left_out(head.group + 1);
                break;
            }
            let (arrived, meaning) = match chain::judge(&head, &message) {
                Ok(judged) => judged,
                Err(LaterVersion(group)) => {
                    stop = Some(Halt::LaterVersion(group));
                    break;
                }
            };
            if let Meaning::Void(void) = meaning
                && void.contradicts()
                && self.rules.overlap
            {
                stop = Some(Halt::Diverged(message.sequence));
                break;
            }
            head = arrived.head;
            batch.push(arrived);
            meanings.push(meaning);
        }
        if !batch.is_empty() {
            if !self.apply(&batch) {
                return;
            }
            self.head = head;
            self.reading.came();
            for (arrived, meaning) in batch.iter().zip(meanings) {
                self.found(arrived, meaning);
            }
            self.tell_standing();
        }
        if let Some(halt) = stop {
            self.halt(halt);
        }
    }

    /// A message that comes again is what the replica has, or nothing more is taken from that stream.
    fn compare_again(&mut self, message: &Message) -> Result<(), Halt> {
        if message.sequence != self.head.group || !self.rules.overlap {
            return Ok(());
        }
        self.reading.overlap_due = false;
        match self.shared.replica.stored(message.sequence) {
            Ok(stored) if chain::is_same(&stored, &message.bytes) => Ok(()),
            Ok(_) => Err(Halt::Diverged(message.sequence)),
            Err(_) => Err(Halt::Unreadable(message.sequence)),
        }
    }

    /// A message is missing. The follower may be wrong about that once.
    fn left_out(&mut self, sequence: u64) -> Option<Halt> {
        if self.reading.left_out {
            return Some(Halt::Missing(sequence));
        }
        self.reading.left_out = true;
        self.follow();
        None
    }

    /// A message was found to be this, and stored: what waits for it is decided here and nowhere else.
    fn found(&mut self, arrived: &Arrived, meaning: Meaning) {
        self.note_types(&arrived.group);
        if (meaning == Meaning::Group || !self.rules.depose) && self.found_own(arrived) {
            self.stop_placing();
            return;
        }
        // Whatever it is, it is not what this member's next group was numbered and chained for.
        self.depose();
        self.found_barrier(arrived, meaning);
    }

    /// The first type in the replica that this version does not know, if there is one.
    pub(super) fn find_unreadable(&mut self) {
        let Some(known) = &self.options.event_types else { return };
        match self.shared.replica.event_types() {
            Ok(types) => self.unreadable = types.difference(known).next().cloned(),
            // Nothing is led on what cannot be read.
            Err(error) => self.unreadable = Some(error.to_string()),
        }
    }

    /// What this version cannot read it keeps, and leads no more (rule 6).
    fn note_types(&mut self, group: &allmende_eventlog::RecordedGroup) {
        let Some(known) = &self.options.event_types else { return };
        if self.unreadable.is_none()
            && let Some(event) = group.events().find(|event| !known.contains(event.event_type()))
        {
            self.unreadable = Some(event.event_type().to_owned());
        }
    }
}

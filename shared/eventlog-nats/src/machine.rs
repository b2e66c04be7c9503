//! What a member does, without doing it: a state machine that is told what happened and tells what to do next.
//!
//! One rule decides everything: **what this member's own reader finds behind its head.** An answer to a publish only says
//! whether to wait for that or to make sure that something comes: a barrier at the same place, which either lands there or
//! is refused because something else has. So nothing is ever concluded from an acknowledgement, a lease or a clock.
//!
//! The machine has no clock, no randomness and no I/O of its own but for the replica's disk. It runs on a thread that may
//! block, or in a simulation that is repeated from a seed.

mod comparing;
mod input;
mod leading;
mod placing;
mod reading;

use std::sync::Arc;
use std::time::Duration;

use allmende_eventlog::{Arrived, Head};
use bytes::Bytes;

use crate::cluster::Standing;
use crate::halt::Halt;
use crate::options::Options;
use crate::rules::Rules;
use crate::shared::{Role, Shared};
use comparing::Comparing;
pub(crate) use input::{Effect, Input};
use leading::Leading;
use placing::Placing;
use reading::Reading;

/// Time since the machine was started, by a clock that does not jump.
pub(crate) type Moment = Duration;

/// One member of one partition.
pub(crate) struct Machine {
    shared: Arc<Shared>,
    options: Options,
    rules: Rules,
    /// The most bytes that a message may have.
    message_bytes: usize,
    random: Box<dyn FnMut() -> u64 + Send>,
    now: Moment,
    /// What the replica holds.
    head: Head,
    /// The lease says that this member is to lead.
    wanted: bool,
    /// The first type of event in the replica that this version cannot read.
    unreadable: Option<String>,
    reading: Reading,
    link: Link,
    leading: Option<Leading>,
    placing: Option<Placing>,
    comparing: Comparing,
    halted: bool,
    attempts: u64,
    effects: Vec<Effect>,
}

/// The connection that is published on. Each has a number, so that what comes from an earlier one is known as such.
#[derive(Debug, Default)]
struct Link {
    number: u64,
    state: LinkState,
    /// A publish on it has not come to an end. There is one at a time, also when it is known already what became of it.
    busy: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum LinkState {
    #[default]
    Down,
    Connecting,
    Up,
    /// It failed; another one is made then.
    Failed(Moment),
}

impl Machine {
    /// A member that has what the replica holds, and the first thing to do. `unreadable` is the first type in the replica
    /// that it cannot read.
    pub(crate) fn new(
        shared: Arc<Shared>,
        options: Options,
        rules: Rules,
        message_bytes: usize,
        random: Box<dyn FnMut() -> u64 + Send>,
    ) -> Self {
        let head = *shared.head.borrow();
        let mut machine = Self {
            shared,
            options,
            rules,
            message_bytes,
            random,
            now: Moment::ZERO,
            head,
            wanted: false,
            unreadable: None,
            reading: Reading::default(),
            link: Link::default(),
            leading: None,
            placing: None,
            comparing: Comparing::default(),
            halted: false,
            attempts: 0,
            effects: Vec::new(),
        };
        machine.find_unreadable();
        machine.tell_standing();
        machine.follow();
        machine
    }

    /// Takes in what happened at `now`, and goes on as far as it can.
    pub(crate) fn on(&mut self, now: Moment, input: Input) {
        self.now = self.now.max(now);
        if !self.halted {
            self.take(input);
        }
        if !self.halted {
            self.go_on();
        }
    }

    /// Whether this member may lead: it has not stopped, and reads all that it holds.
    fn may_lead(&self) -> bool {
        !self.halted && self.unreadable.is_none()
    }

    fn tell_standing(&self) {
        if !self.halted {
            self.shared.set_standing(if self.may_lead() { Standing::Able } else { Standing::Unable });
        }
    }

    /// What is to be done now.
    pub(crate) fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// For whoever looks at a simulation that hangs.
    #[cfg(test)]
    pub(crate) fn describe(&self) -> String {
        format!(
            "head {} wanted {} halted {} {:?} {:?} {:?} {:?}, wakes at {:?}, is at {:?}",
            self.head.group,
            self.wanted,
            self.halted,
            self.link,
            self.reading,
            self.placing,
            self.leading,
            self.wake_at(),
            self.now,
        )
    }

    /// When to call again with [`Input::Nudge`] if nothing happens before.
    pub(crate) fn wake_at(&self) -> Option<Moment> {
        if self.halted {
            return None;
        }
        let link = match self.link.state {
            LinkState::Failed(until) => Some(until),
            _ => None,
        };
        let leading = self.leading.as_ref().and_then(|leading| leading.wake_at(self.options.timing.read));
        let placing = self.placing.as_ref().and_then(|placing| placing.wake_at(self.options.timing.read));
        let reading = self.reading.wake_at(self.options.timing.read);
        [Some(self.comparing.due_at()), reading, link, leading, placing].into_iter().flatten().min()
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Messages(messages) => self.read(messages),
            Input::FollowEnded(error) => self.follow_ended(error),
            Input::Connected { link, outcome } if link == self.link.number => self.connected(outcome),
            Input::Published { link, attempt, outcome } if link == self.link.number => {
                self.link.busy = false;
                self.published(attempt, outcome);
            }
            // Of a connection that was given up.
            Input::Connected { .. } | Input::Published { .. } => {}
            Input::Members(members) => self.compare(members),
            Input::Hint(hint) => self.hinted(hint),
            Input::Looked(message) => self.looked(message),
            Input::Wanted(wanted) => self.wanted(wanted),
            Input::Nudge => {}
        }
    }

    fn go_on(&mut self) {
        self.keep_comparing();
        self.keep_reading();
        self.keep_leading();
        self.keep_placing();
        self.keep_linked();
    }

    /// Stops everything but what was read so far, and tells everyone who waits.
    fn halt(&mut self, halt: Halt) {
        self.halted = true;
        self.depose();
        self.stop_placing();
        self.effects.push(Effect::Disconnect);
        self.effects.push(Effect::Unfollow);
        self.shared.set_standing(halt.standing());
        self.shared.role.send_replace(Role::Halted(halt));
    }

    /// Stores what was judged, and goes by it.
    fn apply(&mut self, batch: &[Arrived]) -> bool {
        match self.shared.replica.apply(batch) {
            Ok(_) => true,
            Err(error) => {
                self.halt(Halt::Replica(error));
                false
            }
        }
    }

    fn publish(&mut self, expected_last: u64, message: Bytes) -> u64 {
        self.attempts += 1;
        self.link.busy = true;
        self.effects.push(Effect::Publish { link: self.link.number, attempt: self.attempts, expected_last, message });
        self.attempts
    }

    fn is_linked(&self) -> bool {
        self.link.state == LinkState::Up && !self.link.busy
    }

    /// Gives up the connection. What was sent on it may still arrive.
    fn unlink(&mut self) {
        if self.link.state != LinkState::Down {
            self.link = Link { number: self.link.number + 1, state: LinkState::Down, busy: false };
            self.effects.push(Effect::Disconnect);
        }
    }

    fn connect(&mut self) {
        self.link = Link { number: self.link.number + 1, state: LinkState::Connecting, busy: false };
        self.effects.push(Effect::Connect { link: self.link.number });
    }

    fn keep_linked(&mut self) {
        match self.link.state {
            LinkState::Failed(until) if until <= self.now => self.connect(),
            LinkState::Down if self.leading.is_some() && self.placing.is_none() => self.connect(),
            _ => {}
        }
    }

    fn connected(&mut self, outcome: Result<(), crate::stream::StreamError>) {
        use crate::stream::StreamError;
        match outcome {
            Ok(()) => self.link.state = LinkState::Up,
            Err(StreamError::Unfit(what)) => self.halt(Halt::Unfit(what)),
            Err(_) => {
                let until = self.now + self.jittered(self.options.timing.pause * 4);
                self.link.state = LinkState::Failed(until);
            }
        }
    }

    /// Between half of it and one and a half.
    fn jittered(&mut self, pause: Duration) -> Duration {
        pause / 2 + pause.mul_f64(((self.random)() % 1_024) as f64 / 1_024.0)
    }

    /// The pause before another attempt after so many.
    fn pause(&mut self, tries: u32) -> Duration {
        let timing = self.options.timing;
        let pause = timing.pause.saturating_mul(1 << tries.min(10)).min(timing.longest_pause);
        self.jittered(pause)
    }
}

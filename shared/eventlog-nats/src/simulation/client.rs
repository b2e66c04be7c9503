//! Clients: each asks one thing after the other, the same thing again until it is answered, sometimes elsewhere at once.

use std::task::{Context, Poll, Waker};
use std::time::Duration;

use allmende_eventlog::{AppendError, CommandError, Done, Reading};
use allmende_kernel::{RequestId, Revision, StreamName};

use super::counter::{Command, Seen};
use super::history::{Answer, Asked, Read, Said};
use super::node::{Refusal, START};
use super::world::{Event, World};
use crate::machine::Moment;

#[derive(Debug, Default, Clone)]
pub(super) struct Client {
    /// What is asked, and not answered yet: place in the history, the request and its command.
    asking: Option<(usize, RequestId, Command)>,
    /// Where it is waited for.
    at: Option<usize>,
    given_up_at: Moment,
    pub(super) left: usize,
}

pub(super) const STREAMS: usize = 3;

pub(super) fn stream(number: usize) -> StreamName {
    StreamName::parse(&format!("koeln/entries/{number}")).unwrap()
}

impl World {
    /// Clients that ask so many things each.
    pub(super) fn add_clients(&mut self, clients: usize, each: usize) {
        for _ in 0..clients {
            self.clients.push(Client { left: each, ..Client::default() });
            let after = self.random.micros(0, 50_000);
            self.later(after, Event::Client { client: self.clients.len() - 1 });
        }
    }

    pub(super) fn clients_are_done(&self) -> bool {
        self.clients.iter().all(|client| client.left == 0 && client.asking.is_none())
    }

    fn request_id(&self, entry: u64) -> RequestId {
        let millis = START.as_micros() as u64 / 1_000 + self.now.as_millis() as u64;
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        bytes[6] = 0x70;
        bytes[8..].copy_from_slice(&(entry | 1 << 63).to_be_bytes());
        RequestId::from_bytes(bytes).unwrap()
    }

    pub(super) fn client_acts(&mut self, number: usize) {
        let again = self.random.micros(20_000, 200_000);
        self.later(again, Event::Client { client: number });
        if self.clients[number].at.is_some() {
            // A client that hangs up asks again, while the first attempt goes on without anybody to be told.
            if self.clients[number].given_up_at > self.now {
                return;
            }
            self.clients[number].at = None;
        }
        if self.clients[number].asking.is_none() {
            if self.clients[number].left == 0 {
                return;
            }
            self.clients[number].left -= 1;
            let entry = self.history.asked.len() as u64;
            let command = match self.random.below(4) {
                0 => Command::Look,
                1 => Command::AddIfEven(entry),
                _ => Command::Add(entry),
            };
            let stream = self.random.below(STREAMS as u64) as usize;
            let adds = !matches!(command, Command::Look);
            let asked = Asked { stream, entry, adds, began: self.now, answers: Vec::new() };
            self.history.asked.push(asked);
            self.clients[number].asking = Some((entry as usize, self.request_id(entry), command));
        }
        self.ask(number);
    }

    fn ask(&mut self, number: usize) {
        let Some((asked, id, command)) = self.clients[number].asking else { return };
        let node = self.random.below(self.nodes.len() as u64) as usize;
        let impatient = self.random.chance(self.faults.impatient_clients);
        let patience = if impatient { self.random.micros(1_000, 50_000) } else { Duration::from_secs(20) };
        self.clients[number].given_up_at = self.now + patience;
        let now = self.now;
        let stream = stream(self.history.asked[asked].stream);
        let paused = self.nodes[node].paused_until > now;
        let Some(live) = self.nodes[node].live.as_mut().filter(|_| !paused) else { return };
        let attempt = live.attempt(id, stream, command);
        live.attempts.push((asked, now, attempt));
        self.clients[number].at = Some(node);
        self.tell(node, crate::machine::Input::Nudge);
    }

    /// Lets every attempt at this member go on. True if one came to an end.
    pub(super) fn poll_attempts(&mut self, node: usize) -> bool {
        let Some(live) = &mut self.nodes[node].live else { return false };
        let mut context = Context::from_waker(Waker::noop());
        let mut ended = Vec::new();
        let mut waiting = Vec::new();
        for (asked, sent, mut attempt) in std::mem::take(&mut live.attempts) {
            match attempt.as_mut().poll(&mut context) {
                Poll::Ready(outcome) => ended.push((asked, sent, outcome)),
                Poll::Pending => waiting.push((asked, sent, attempt)),
            }
        }
        live.attempts = waiting;
        let any = !ended.is_empty();
        for (asked, sent, outcome) in ended {
            self.answered(node, asked, sent, outcome);
        }
        any
    }

    fn answered(
        &mut self,
        node: usize,
        asked: usize,
        sent: Moment,
        outcome: Result<(Done, Seen), CommandError<Refusal>>,
    ) {
        let adds = self.history.asked[asked].adds;
        let said = match outcome {
            Ok((Done { position, .. }, seen)) if adds => Said::Added(position, seen),
            Ok((Done { position, .. }, seen)) => Said::Looked(position, seen),
            Err(CommandError::Rejected(Refusal(seen))) => Said::Rejected(seen),
            // To be asked again.
            Err(error) => {
                let is_elsewhere = matches!(error, CommandError::Append(AppendError::NotLeading { .. }));
                if !is_elsewhere {
                    self.refused += 1;
                    self.last_refusal = format!("request {asked} by member {node} at {:?}: {error:?}", self.now);
                }
                for client in &mut self.clients {
                    if client.asking.is_some_and(|(asking, ..)| asking == asked) && client.at == Some(node) {
                        client.at = None;
                    }
                }
                return;
            }
        };
        self.history.asked[asked].answers.push(Answer { sent, told: self.now, by: node, said });
        if let Said::Added(token, _) | Said::Looked(token, _) = said {
            self.read_elsewhere(self.history.asked[asked].stream, token);
        }
        // Now and then it is asked once more: the answer must be the same.
        let once_more = self.random.chance(100);
        for client in &mut self.clients {
            if client.asking.is_some_and(|(asking, ..)| asking == asked) {
                client.at = None;
                if !once_more {
                    client.asking = None;
                }
            }
        }
    }

    /// A reader with a token, at any member that has come so far.
    fn read_elsewhere(&mut self, stream_number: usize, token: allmende_kernel::Position) {
        let node = self.random.below(self.nodes.len() as u64) as usize;
        let replica = &self.nodes[node].replica;
        if replica.head().borrow().group < token.group {
            return;
        }
        let seen = super::audit::fold(replica.as_ref(), &stream(stream_number), Revision(u64::MAX));
        self.history.reads.push(Read { stream: stream_number, token, by: node, seen });
    }
}

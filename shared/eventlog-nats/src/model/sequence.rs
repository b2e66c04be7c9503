use bytes::Bytes;

use crate::stream::Message;

/// What a server stores: messages in order, each taken if it expects the one before.
#[derive(Debug, Clone, Default)]
pub struct Sequence {
    messages: Vec<Bytes>,
}

impl Sequence {
    /// The last sequence; 0 if there is none.
    pub fn last(&self) -> u64 {
        self.messages.len() as u64
    }

    /// Stores a message if the last sequence is the expected one, and tells its own.
    pub fn publish(&mut self, expected_last: u64, message: Bytes) -> Option<u64> {
        if expected_last != self.last() {
            return None;
        }
        self.messages.push(message);
        Some(self.last())
    }

    /// The message at a sequence.
    pub fn get(&self, sequence: u64) -> Option<Message> {
        let bytes = self.messages.get(usize::try_from(sequence.checked_sub(1)?).ok()?)?;
        Some(Message { sequence, bytes: bytes.clone() })
    }

    /// The stream is set back to an earlier state: what a server does that had not synced what it acknowledged.
    pub fn cut(&mut self, last: u64) {
        self.messages.truncate(last as usize);
    }
}

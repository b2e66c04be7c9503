//! What a message of the stream means: a group that counts, a barrier, or nothing.

use std::cmp::Ordering;
use std::sync::Arc;

use allmende_eventlog::{Arrived, GroupError, GroupHeader, Head, RecordedGroup, TermId};
use bytes::Bytes;

use crate::stream::Message;

/// What a message is, judged behind everything before it. Every reader of the stream comes to the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A group of the current epoch. An empty one shows that its leader still leads, and nothing else.
    Group,
    /// The first group of a new epoch.
    Barrier(TermId),
    /// Nothing: it occupies its number.
    Void(Void),
}

/// Why a message means nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Void {
    /// It is no group, or not the one that its hash says.
    NoGroup(GroupError),
    /// It is a group of another number than its sequence.
    Misplaced,
    /// It is a group of an epoch that is over.
    OldEpoch,
    /// It is a group of an epoch that has not begun here.
    LaterEpoch,
    /// It does not continue the chain.
    OffChain,
}

impl Void {
    /// Whether somebody who has another history up to the group before has published it: a leader numbers its group
    /// behind what it has applied itself, so that one at its own place, and of no earlier epoch, must fit. If it does
    /// not, then not the message is wrong but this replica, or the stream.
    pub fn contradicts(self) -> bool {
        matches!(self, Self::LaterEpoch | Self::OffChain)
    }
}

/// A message right behind the head that may be a group for a later version, and may not: no reader of this one goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("group {0} was written by a later version")]
pub struct LaterVersion(pub u64);

/// Judges the message right behind `head` by rule 1: a group counts if it continues the chain and is of the current
/// epoch; a barrier if it continues the chain and is of the next one, which it makes current.
pub fn judge(head: &Head, message: &Message) -> Result<(Arrived, Meaning), LaterVersion> {
    match valid(head, message) {
        Ok((group, meaning)) => {
            let arrived =
                Arrived { head: Head::after(group.header()), stored: message.bytes.clone(), group: Arc::new(group) };
            Ok((arrived, meaning))
        }
        Err(Void::NoGroup(error)) if error.is_of_a_later_version() => Err(LaterVersion(message.sequence)),
        Err(void) => Ok((Arrived::void(head, message.bytes.clone()), Meaning::Void(void))),
    }
}

fn valid(head: &Head, message: &Message) -> Result<(RecordedGroup, Meaning), Void> {
    let group = match RecordedGroup::decode(&message.bytes) {
        Ok(group) => group,
        Err(error) => return Err(void_whatever_it_is(head, message).unwrap_or(Void::NoGroup(error))),
    };
    let header = group.header();
    // A replica's record of something void has the form of a group, and is not to be published.
    if header.is_void || header.term.is_some() != group.is_barrier() {
        return Err(Void::NoGroup(GroupError::Malformed));
    }
    check_place(head, message, header)?;
    let meaning = header.term.map_or(Meaning::Group, Meaning::Barrier);
    group.verify().map_err(Void::NoGroup)?;
    let epoch = if meaning == Meaning::Group { head.epoch } else { head.epoch + 1 };
    match header.epoch.cmp(&epoch) {
        Ordering::Less => Err(Void::OldEpoch),
        Ordering::Greater => Err(Void::LaterEpoch),
        Ordering::Equal if header.previous_hash != head.hash => Err(Void::OffChain),
        Ordering::Equal => Ok((group, meaning)),
    }
}

fn check_place(head: &Head, message: &Message, header: &GroupHeader) -> Result<(), Void> {
    let is_there = header.number == head.group + 1 && message.sequence == header.number;
    if is_there { Ok(()) } else { Err(Void::Misplaced) }
}

/// Why a message that this version cannot read is void all the same: number and epoch are the same in every version.
fn void_whatever_it_is(head: &Head, message: &Message) -> Option<Void> {
    let header = RecordedGroup::decode_header(&message.bytes).ok()?;
    match check_place(head, message, &header) {
        Err(void) => Some(void),
        Ok(()) => (header.epoch < head.epoch).then_some(Void::OldEpoch),
    }
}

/// The message that a replica's group was made of, as the stream holds or held it.
pub fn message_of(stored: &Bytes) -> Bytes {
    match RecordedGroup::decode(stored) {
        Ok(group) => group.void_message().unwrap_or(stored).clone(),
        Err(_) => stored.clone(),
    }
}

/// Whether `message` is the one that a replica's group was made of: what a stream that was set back fails.
pub fn is_same(stored: &Bytes, message: &Bytes) -> bool {
    message_of(stored) == message
}

#[cfg(test)]
mod tests {
    use allmende_eventlog::{Window, barrier, genesis_hash};
    use allmende_kernel::{PartitionName, Timestamp};

    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_767_225_600);

    fn genesis() -> Head {
        let partition = PartitionName::parse("chain-0").unwrap();
        let hash = genesis_hash(&partition);
        Head { group: 0, epoch: 1, hash, leader_time: NOW, window_floor: Timestamp::default() }
    }

    fn message(sequence: u64, bytes: Vec<u8>) -> Message {
        Message { sequence, bytes: bytes.into() }
    }

    fn judged(head: &Head, message: &Message) -> (Arrived, Meaning) {
        judge(head, message).unwrap()
    }

    fn placed(head: &Head, term: u8) -> (Message, Head) {
        let (bytes, after) = barrier(head, TermId([term; 16]), NOW, Window::default());
        (message(after.group, bytes), after)
    }

    #[test]
    fn a_barrier_of_the_next_epoch_counts_and_any_other_is_void() {
        let (first, after) = placed(&genesis(), 1);
        let (arrived, meaning) = judged(&genesis(), &first);
        assert_eq!((meaning, arrived.head), (Meaning::Barrier(TermId([1; 16])), after));
        assert!(arrived.follows(&genesis()));

        // Of two candidates at one head the second is void, wherever it lands.
        let (second, _) = placed(&genesis(), 2);
        let late = Message { sequence: 2, ..second };
        let (arrived, meaning) = judged(&after, &late);
        assert_eq!(meaning, Meaning::Void(Void::Misplaced));
        assert_eq!(arrived.head, Head { group: 2, ..after });
        assert!(arrived.follows(&after));

        let (skipped, _) = placed(&Head { epoch: 2, ..after }, 3);
        assert_eq!(judged(&after, &skipped).1, Meaning::Barrier(TermId([3; 16])));
        let (skipped, _) = placed(&Head { epoch: 7, ..after }, 3);
        assert_eq!(judged(&after, &skipped).1, Meaning::Void(Void::LaterEpoch));
        let (elsewhere, _) = placed(&Head { hash: genesis().hash, ..after }, 3);
        assert_eq!(judged(&after, &elsewhere).1, Meaning::Void(Void::OffChain));
    }

    #[test]
    fn what_is_no_group_is_void_and_what_follows_still_counts() {
        let (first, _) = placed(&genesis(), 1);
        for mut bytes in [Vec::new(), b"hello".to_vec(), first.bytes.to_vec()] {
            if let Some(byte) = bytes.last_mut() {
                *byte ^= 1;
            }
            let (arrived, meaning) = judged(&genesis(), &message(1, bytes.clone()));
            assert!(matches!(meaning, Meaning::Void(Void::NoGroup(_))), "{meaning:?}");
            assert!(is_same(&arrived.stored, &bytes.into()));
            let (next, _) = placed(&arrived.head, 5);
            assert_eq!(judged(&arrived.head, &next).1, Meaning::Barrier(TermId([5; 16])));
        }
    }

    /// Whoever publishes a record of something void makes something void.
    #[test]
    fn a_record_of_something_void_does_not_count_when_it_is_published() {
        let record = Arrived::void(&genesis(), Bytes::from_static(b"void")).stored;
        assert!(matches!(judged(&genesis(), &message(1, record.to_vec())).1, Meaning::Void(Void::NoGroup(_))));
    }

    /// What may count for others is neither taken nor passed over; what cannot count for anybody is void.
    #[test]
    fn what_a_later_version_wrote_is_not_judged_unless_it_is_void_for_all() {
        let head = Head { group: 6, epoch: 4, ..genesis() };
        let later = |change: &dyn Fn(&mut Head)| {
            let mut at = head;
            change(&mut at);
            let (mut bytes, _) = barrier(&at, TermId([1; 16]), NOW, Window::default());
            // The field `format`.
            bytes.extend([14 << 3, 1]);
            judge(&head, &message(7, bytes))
        };
        assert_eq!(later(&|_| {}).unwrap_err(), LaterVersion(7));
        // It need not be a barrier, in a later version.
        assert_eq!(later(&|head| head.epoch = 3).unwrap_err(), LaterVersion(7));
        assert_eq!(later(&|head| head.epoch = 2).unwrap().1, Meaning::Void(Void::OldEpoch));
        assert_eq!(later(&|head| head.group = 5).unwrap().1, Meaning::Void(Void::Misplaced));
    }
}

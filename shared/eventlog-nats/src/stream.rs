//! The port to one partition's stream: an ordered, durable sequence of messages, and no more promises than a real one
//! keeps.

use std::time::Duration;

use allmende_eventlog::Hash;
use async_trait::async_trait;
use bytes::Bytes;

/// A message of the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its place: 1 for the first, and one more for each. It is the number of the group.
    pub sequence: u64,
    /// What was published.
    pub bytes: Bytes,
}

/// What became of a publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Published {
    /// The stream holds *this* message at this sequence, as durably as the stream is set up to be, and the one before
    /// has the sequence that was expected.
    ///
    /// It does not say that the message is the group that counts there: that is for its reader to find.
    Committed(u64),
    /// The stream's last sequence was not the expected one. *This attempt* stored nothing and never will.
    ///
    /// It says nothing of other attempts, also not of those with the same bytes. Nor does it say that a message *is* at the
    /// expected place: a stream's leader counts what it has proposed to its replicas and not heard of yet, and that may
    /// come to nothing. Who was refused waits for that message for a while only, and tries again.
    Refused,
    /// Neither is known: no answer in time, a lost connection, or an error that is not surely a refusal.
    ///
    /// The message may be stored, or be stored later, at any time and as long as the stream's last sequence is the
    /// expected one: also after the publisher is dropped, and after its process has ended.
    Unknown,
}

/// Why the stream could not be used. To be tried again, unless it says otherwise.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// No server answered in time, or the connection was lost.
    #[error("the stream cannot be reached: {0}")]
    Unreachable(String),
    /// The stream no longer holds, or never held, what was asked for. Trying again does not help: an operator has to look.
    #[error("the stream does not hold message {0}")]
    Gone(u64),
    /// What belongs to the message and is kept apart is not what it was. Trying again does not help: an operator has to look.
    #[error("the body {hash} of message {sequence} is damaged: {what}")]
    Damaged {
        /// Of which message.
        sequence: u64,
        /// The body's name.
        hash: Hash,
        /// What is wrong with it.
        what: String,
    },
    /// The stream is not set up as the platform needs it. Trying again does not help: an operator has to look.
    #[error("the stream is not set up as needed: {0}")]
    Unfit(String),
}

/// One partition's stream. Cheap to share; every member of the partition has one.
#[async_trait]
pub trait GroupStream: Send + Sync + 'static {
    /// A publisher on a connection of its own, made now. One is taken for each term, and dropped with it.
    ///
    /// Promises that nothing which an earlier publisher was given is sent on this connection, and that dropping the
    /// publisher closes it. Does *not* promise that nothing of the earlier one arrives any more: what it had sent, or
    /// had in its buffers, may be stored after this call returned.
    ///
    /// Bounded in time; does not try again by itself.
    async fn connect(&self) -> Result<Box<dyn Publisher>, StreamError>;

    /// Reads messages in the order of their sequence, from `from` on (1 at least), waiting for those that are yet to come.
    ///
    /// Promises that a message is given only after it is stored as durably as the stream is set up to be, that it is
    /// given with the sequence and the bytes that it is stored with, and that none is left out between two that are given:
    /// where one is missing the follower ends with an error. Does *not* promise that it knows the newest message, that
    /// each is given once (one may come again, never an earlier one than `from`), or that the stream is still the one
    /// that it was: a server that was set back to an earlier state gives other messages at the same sequences. The
    /// caller therefore begins with the message it has last, and compares.
    ///
    /// So that the caller can do that, a follower that lost its connection, or whose place on the server is gone, *ends with
    /// an error* and does not go on by itself: what comes after may be of a stream that was set back.
    ///
    /// Bounded in time until it begins. With `from` beyond the stream's end it waits. What is given and not taken yet is bounded, in messages and in bytes:
    /// a slow reader makes the server wait and loses nothing. Dropping the follower ends it on the server too.
    async fn follow(&self, from: u64) -> Result<Box<dyn Follower>, StreamError>;

    /// The stream's last sequence as some server last knew it; 0 for an empty stream.
    ///
    /// Good for telling how far a reader is behind and whether a stream is shorter than a replica. It is *not*
    /// linearizable: it may be older than what was acknowledged before, and so proves nothing about what is *not* there.
    async fn last_hint(&self) -> Result<u64, StreamError>;

    /// The most bytes that a message may have, headers aside, as the server and the stream are set up.
    fn message_bytes(&self) -> usize;
}

/// Publishes to one stream on one connection.
#[async_trait]
pub trait Publisher: Send {
    /// Publishes `message` if the stream's last sequence is `expected_last` (0: the stream is empty), and waits for the
    /// answer for `within` at most; then it is [`Published::Unknown`]. What has to be stored before it has time of its own.
    ///
    /// The comparison and the storing are one step on the server. The message is sent at most once: the adapter never
    /// sends it again by itself, neither after an error nor after it has connected again. Nor does it let the server
    /// recognise repetitions by an id: every attempt stands for itself.
    ///
    /// Dropping the call before it returns leaves the outcome unknown, as [`Published::Unknown`] does.
    async fn publish(&mut self, expected_last: u64, message: Bytes, within: Duration) -> Published;
}

/// Reads a stream in order. See [`GroupStream::follow`].
#[async_trait]
pub trait Follower: Send {
    /// The next message. May be dropped and called again without losing one. After an error the follower is of no more
    /// use; another one is begun at the last message that the caller has.
    async fn next(&mut self) -> Result<Message, StreamError>;

    /// A further message that is there already: what a reader takes along before it makes what it has durable.
    fn try_next(&mut self) -> Option<Message>;
}

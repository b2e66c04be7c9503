use bytes::Bytes;

use crate::cluster::{Announcement, Unavailable};
use crate::stream::{Message, Published, StreamError};

/// What happened.
#[derive(Debug)]
pub(crate) enum Input {
    /// The follower gave messages.
    Messages(Vec<Message>),
    /// The follower ended, or did not begin.
    FollowEnded(StreamError),
    /// A connection was made, or not.
    Connected {
        /// Which one was asked for.
        link: u64,
        /// Whether it is there.
        outcome: Result<(), StreamError>,
    },
    /// A publish came to an end.
    Published {
        /// The connection.
        link: u64,
        /// Which publish.
        attempt: u64,
        /// What became of it.
        outcome: Published,
    },
    /// What the members tell of themselves.
    Members(Result<Vec<Announcement>, Unavailable>),
    /// Where the stream ends, perhaps.
    Hint(Result<u64, StreamError>),
    /// The message that was asked for by itself.
    Looked(Result<Message, StreamError>),
    /// Whether this member is to lead.
    Wanted(bool),
    /// Something was admitted, or time has passed.
    Nudge,
}

/// What to do. What is under way of the same kind is given up first.
#[derive(Debug)]
pub(crate) enum Effect {
    /// Read the stream from this sequence on.
    Follow {
        /// From where.
        from: u64,
    },
    /// Stop reading.
    Unfollow,
    /// Make a fresh connection to publish on.
    Connect {
        /// Its number.
        link: u64,
    },
    /// Close the connection.
    Disconnect,
    /// Publish on the connection.
    Publish {
        /// The connection.
        link: u64,
        /// By which the outcome is told.
        attempt: u64,
        /// What the stream must end with.
        expected_last: u64,
        /// What to publish.
        message: Bytes,
    },
    /// Ask who lives.
    AskMembers,
    /// Ask where the stream ends.
    AskHint,
    /// Read this message once more, beside the follower.
    Look {
        /// Which one.
        at: u64,
    },
}

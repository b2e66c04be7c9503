use std::fmt;
use std::sync::Arc;

use allmende_kernel::{
    ExpectedRevision, PartitionName, Position, RequestId, Revision, StreamName, SubjectId, Timestamp,
};
use bytes::Bytes;
use tokio::sync::watch;

use crate::ReadError;

/// First 16 bytes of an HMAC-SHA-256 over a request: tells a repetition from another request under the same id.
pub type Digest = [u8; 16];

/// What caused a commit, and by which it is known again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A client's request. Remembered for the idempotency window; outside it the id is refused.
    Request {
        /// The client's id.
        id: RequestId,
        /// Digest of what was asked.
        digest: Digest,
    },
    /// A process manager's reaction. Remembered as long as the log: the first one wins.
    Process {
        /// The partition it read.
        source: PartitionName,
        /// The commit it reacted to.
        position: Position,
        /// Which of its effects this is.
        step: u32,
    },
    /// Nothing that could be repeated or linked.
    Unlinked,
}

impl Origin {
    /// Digest of a request; all zero for the others.
    pub fn digest(&self) -> Digest {
        match self {
            Self::Request { digest, .. } => *digest,
            _ => [0; 16],
        }
    }
}

/// What an origin is remembered under, in the form that an index keeps. Requests sort by the time of their minting.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OriginKey(Vec<u8>);

impl OriginKey {
    /// The key of what can be repeated.
    pub fn of(origin: &Origin) -> Option<Self> {
        match origin {
            Origin::Request { id, .. } => Some(Self::request(id.as_bytes())),
            Origin::Process { source, position, step } => {
                let mut key = vec![b'p'];
                key.extend_from_slice(source.as_str().as_bytes());
                key.push(0);
                key.extend_from_slice(&position.group.to_be_bytes());
                key.extend_from_slice(&position.index.to_be_bytes());
                key.extend_from_slice(&step.to_be_bytes());
                Some(Self(key))
            }
            Origin::Unlinked => None,
        }
    }

    fn request(id: &[u8; 16]) -> Self {
        let mut key = vec![b'r'];
        key.extend_from_slice(id);
        Self(key)
    }

    /// Below the keys of all requests minted at `floor` or later, and above those minted before.
    pub fn requests_from(floor: Timestamp) -> Self {
        let millis = floor.as_micros().max(0).div_euclid(1000) as u64;
        let mut id = [0; 16];
        id[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
        Self::request(&id)
    }

    /// The key's bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// W3C trace context of the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    /// Trace id.
    pub trace_id: [u8; 16],
    /// The span that decided the commit.
    pub span_id: [u8; 8],
    /// Flags; bit 0 is "sampled".
    pub flags: u8,
}

/// One event to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Full name of its protobuf message.
    pub event_type: &'static str,
    /// The message's bytes.
    pub payload: Bytes,
}

/// Events for one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamAppend {
    /// Where they go.
    pub stream: StreamName,
    /// What the stream must be at.
    pub expected: ExpectedRevision,
    /// At least one.
    pub events: Vec<NewEvent>,
}

/// The events of one accepted command, not stored yet.
#[derive(Debug, Clone)]
pub struct NewCommit {
    /// What caused it.
    pub origin: Origin,
    /// When it was admitted; the log never goes back behind a commit before.
    pub admitted_at: Timestamp,
    /// Who acted.
    pub actor: Option<SubjectId>,
    /// The trace it belongs to.
    pub trace: Option<TraceContext>,
    /// Streams that the decision rests on without writing to them.
    pub reads: Vec<(StreamName, Revision)>,
    /// What is written; every stream at most once.
    pub writes: Vec<StreamAppend>,
    /// What the caller is answered, for a repetition.
    pub outcome: Bytes,
}

/// Where a commit went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Its position.
    pub position: Position,
    /// Whether this is a repetition, and the position that of the first time.
    pub repeated: bool,
}

/// Why a commit was not stored.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// A stream is not where the commit expects it. Fold it again and decide again.
    #[error("stream {stream} is at revision {actual}, not {expected}")]
    WrongRevision {
        /// Which stream.
        stream: StreamName,
        /// What the commit asked for.
        expected: ExpectedRevision,
        /// Where it is.
        actual: Revision,
    },
    /// The request id was used for something else.
    #[error("request id {0} was used for another request")]
    RequestReused(RequestId),
    /// The request id was minted longer ago than ids are remembered.
    #[error("request id {0} is older than the window in which repetitions are recognised")]
    RequestExpired(RequestId),
    /// The request id was minted by a clock that is ahead.
    #[error("request id {0} is more than two minutes ahead of this clock")]
    RequestAhead(RequestId),
    /// A commit that no log takes: no write, an empty write, a stream twice, or larger than the limit.
    #[error("{0}")]
    Unstorable(&'static str),
    /// Too much waits to be written. Try again later.
    #[error("too many commits wait to be written")]
    Overloaded,
    /// Another member leads the partition: ask there. Nothing of the commit is stored.
    #[error("another member leads the partition{}", .leader.as_ref().map(|leader| format!(": {leader}")).unwrap_or_default())]
    NotLeading {
        /// Where it is, if that is known.
        leader: Option<Arc<str>>,
    },
    /// The log has stopped taking commits; whether this one is stored is known after a restart.
    #[error("the log has stopped: {0}")]
    Stopped(StopReason),
    /// The index or a segment could not be read.
    #[error("admission could not read the log")]
    Read(#[from] ReadError),
}

/// Why a log takes no more commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// It was closed.
    Closed,
    /// Writing failed.
    Io(std::io::ErrorKind),
    /// The index failed; it is made anew at the next start.
    Index,
    /// Another member leads since. Whether the commit is stored is found out by asking again with the same request id.
    Deposed,
    /// Groups are damaged whose streams are not known otherwise: no revision can be given that is surely free.
    Damaged {
        /// First damaged group.
        first: u64,
        /// Last damaged group.
        last: u64,
    },
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => f.write_str("closed"),
            Self::Io(kind) => write!(f, "write failed ({kind})"),
            Self::Index => f.write_str("index failed"),
            Self::Deposed => f.write_str("another member leads"),
            Self::Damaged { first, last } => write!(f, "groups {first} to {last} are damaged and not indexed"),
        }
    }
}

/// What became of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GroupState {
    Waiting,
    Durable,
    Stopped(StopReason),
}

/// An admitted commit on its way to the disk.
#[derive(Debug)]
pub struct Submitted {
    pub(crate) appended: Appended,
    pub(crate) group: Option<watch::Receiver<GroupState>>,
}

impl Submitted {
    /// Something that is durable already.
    pub fn durable(appended: Appended) -> Self {
        Self { appended, group: None }
    }

    /// Something of which it will not be known here whether it is durable.
    pub fn stopped(reason: StopReason) -> Self {
        let appended = Appended { position: Position::START, repeated: false };
        Self { appended, group: Some(watch::Sender::new(GroupState::Stopped(reason)).subscribe()) }
    }

    /// Waits until the commit is durable. Dropping the wait does not take the commit back.
    pub async fn wait(self) -> Result<Appended, AppendError> {
        let Some(mut group) = self.group else { return Ok(self.appended) };
        let state = match group.wait_for(|state| *state != GroupState::Waiting).await {
            Ok(state) => state.clone(),
            Err(_) => GroupState::Stopped(StopReason::Closed),
        };
        match state {
            GroupState::Stopped(reason) => Err(AppendError::Stopped(reason)),
            _ => Ok(self.appended),
        }
    }
}

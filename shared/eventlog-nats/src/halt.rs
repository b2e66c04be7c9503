use allmende_eventlog::{ApplyError, Hash};

use crate::cluster::Standing;

/// Why a member applies nothing more: histories differ or are cut, and only an operator knows which one is right.
/// Nothing is ever truncated to make them fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Halt {
    /// The stream holds another message at this place than the replica.
    #[error("the stream and this replica differ at group {0}")]
    Diverged(u64),
    /// The stream ends before the replica does: it lost its tail, which can be published again from here.
    #[error("the stream ends at {stream}, this replica at {replica}")]
    Ahead {
        /// The stream's last message.
        stream: u64,
        /// The replica's last group.
        replica: u64,
    },
    /// The stream does not hold the message that comes next.
    #[error("the stream does not hold message {0}")]
    Missing(u64),
    /// The body of a group that is too large for a message is not what was stored.
    #[error("the body {hash} of group {group} is damaged: {what}")]
    DamagedBody {
        /// The group.
        group: u64,
        /// The body's name.
        hash: Hash,
        /// What is wrong with it.
        what: String,
    },
    /// Another member has another history at the same group, and the stream has not this one.
    #[error("this replica differs at group {group} from that of {member}, and from the stream")]
    DiffersFrom {
        /// Which member.
        member: String,
        /// Where both are.
        group: u64,
    },
    /// The stream holds a group of a later version of the envelope: this version cannot tell whether it counts.
    #[error("group {0} was written by a later version, which is needed to read it")]
    LaterVersion(u64),
    /// The last group of the replica cannot be read, and so not be compared with the stream's.
    #[error("group {0} of this replica cannot be read, which is compared with the stream's")]
    Unreadable(u64),
    /// The member's own work broke off, by a fault of the code.
    #[error("the log's thread broke off")]
    BrokeOff,
    /// The stream is not set up as it has to be.
    #[error("the stream is not set up as needed: {0}")]
    Unfit(String),
    /// The replica cannot be written or read.
    #[error(transparent)]
    Replica(#[from] ApplyError),
}

impl Halt {
    /// What is left of a replica that has stopped for this.
    pub(crate) fn standing(&self) -> Standing {
        match self {
            Self::Diverged(_) | Self::DiffersFrom { .. } => Standing::Astray,
            Self::Ahead { .. }
            | Self::Missing(_)
            | Self::DamagedBody { .. }
            | Self::LaterVersion(_)
            | Self::Unreadable(_)
            | Self::BrokeOff
            | Self::Unfit(_)
            | Self::Replica(_) => Standing::Unable,
        }
    }
}

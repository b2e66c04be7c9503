//! The ports to what members share besides the stream: who tries to lead, who lives, and bodies too large for a message.
//!
//! None of them is a fence. A lease may be held by two members for a while, a list of members may be old: what keeps
//! history one is in the data.

use std::collections::BTreeSet;
use std::time::Duration;

use allmende_eventlog::Hash;
use allmende_kernel::{PartitionName, Timestamp};
use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;

/// Why a shared bucket could not be used. To be tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the cluster's {bucket} cannot be reached: {cause}")]
pub struct Unavailable {
    /// Which one.
    pub bucket: &'static str,
    /// The client's word for it.
    pub cause: String,
}

/// The name of a member, which it keeps across restarts: up to 63 of `a-z`, `0-9` and `-`, as a pod has one.
pub type MemberName = String;

/// A lease that its holder has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Of which partition.
    pub partition: PartitionName,
    /// Who holds it.
    pub holder: MemberName,
    /// By which the bucket knows this state of the lease from all others.
    pub revision: u64,
}

/// Leases in a key-value bucket. A lease decides who tries to lead, and nothing else.
#[async_trait]
pub trait Leases: Send + Sync + 'static {
    /// How long a lease lasts from the moment that the *bucket* stored it. A holder counts from before it asked.
    fn lasts(&self) -> Duration;

    /// Takes the lease if nobody holds it, in one step with finding that out; `None` if somebody does.
    ///
    /// After an error it may be held all the same: it then runs out, or is taken by the same holder again, as a lease
    /// that names `holder` already is given to it anew.
    async fn take(&self, partition: &PartitionName, holder: &str) -> Result<Option<Held>, Unavailable>;

    /// Makes the lease last from now on, if it is still in the state that `held` names; `None` if it is not.
    async fn renew(&self, held: &Held) -> Result<Option<Held>, Unavailable>;

    /// Gives the lease back, if it is still in the state that `held` names: others see it at once.
    async fn release(&self, held: Held) -> Result<(), Unavailable>;

    /// Who holds the lease, as this member last heard, which may be late. `None` once it has run out or was given back.
    fn watch(&self, partition: &PartitionName) -> watch::Receiver<Option<MemberName>>;
}

/// How far a member's replica of a partition is: compared among members, so that a divergence is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaHead {
    /// Which partition.
    pub partition: PartitionName,
    /// The last group it has made durable.
    pub group: u64,
    /// The epoch after it.
    pub epoch: u64,
    /// The chain's hash after it.
    pub hash: Hash,
    /// What the replica is good for.
    pub standing: Standing,
}

/// What a member's replica of a partition is good for, as far as the member itself knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The member may lead the partition.
    Able,
    /// It may not: it has stopped, or holds what its version cannot read. What it has is what the stream had.
    Unable,
    /// Its history is not the stream's: nothing that it holds counts, and it has stopped.
    Astray,
}

/// What a member tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Its name.
    pub member: MemberName,
    /// Of which service.
    pub service: String,
    /// Where it takes commands: `host:port`.
    pub address: String,
    /// Whether it is on its way out: it leads nothing more, and nobody counts on it.
    pub leaving: bool,
    /// How far its replicas are.
    pub heads: Vec<ReplicaHead>,
    /// The types of events that its version can read. A type is written only once all members can read it.
    pub event_types: BTreeSet<String>,
    /// By its own clock.
    pub announced_at: Timestamp,
}

/// Who lives, as far as is known.
#[async_trait]
pub trait Members: Send + Sync + 'static {
    /// How long an announcement counts. Members announce themselves several times within it.
    fn lasts(&self) -> Duration;

    /// Tells about this member, in place of what it told before.
    async fn announce(&self, announcement: &Announcement) -> Result<(), Unavailable>;

    /// Takes the announcement back: the member has left.
    async fn withdraw(&self, service: &str, member: &str) -> Result<(), Unavailable>;

    /// The announcements of a service that count, by name. May be late in both directions.
    async fn live(&self, service: &str) -> Result<Vec<Announcement>, Unavailable>;
}

/// Why a body cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// To be tried again.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// What is stored under its hash is something else, or a part of it. Trying again does not help: who has the body
    /// [puts](Bodies::put) it again, which repairs it.
    #[error("the body {hash} is damaged: {what}")]
    Damaged {
        /// Its name.
        hash: Hash,
        /// What is wrong with it.
        what: String,
    },
}

/// Bodies of groups that do not fit into a message, under the SHA-256 of their bytes.
///
/// Durable as the stream is. Bodies are kept as long as the stream's messages; one that no message names does no harm.
#[async_trait]
pub trait Bodies: Send + Sync + 'static {
    /// Stores a body, or what is missing or wrong of it; it is durable and whole when this returns. Storing it again is no
    /// error.
    async fn put(&self, hash: Hash, body: Bytes) -> Result<(), Unavailable>;

    /// The body with this hash, which the adapter has checked. `None` if it is surely not there.
    ///
    /// A body that was put before is found: the bucket is read where it is written.
    async fn get(&self, hash: Hash) -> Result<Option<Bytes>, BodyError>;
}

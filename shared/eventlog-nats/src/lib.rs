//! The replicated log: one leader decides and publishes commit groups as messages of one stream; every member, the
//! leader too, applies what the stream holds to a log of its own.
//!
//! What a service gets of it is a [`NatsLog`], the same on a leader and on a follower:
//!
//! - **Reads**, and subscriptions, are of the member's own replica up to its durable head, whoever leads. What an answer
//!   rests on that must be true now comes from the leader.
//! - **An append** is taken by the leader. Elsewhere it is refused with `NotLeading` and the leader's address, if that is
//!   known, and nothing of it is stored. `Stopped(Deposed)` says that another leads since: whether the commit is stored is
//!   found out by asking again with the same request id. An outcome that the stream does not tell is no third case: it is
//!   resolved before anything is answered.
//! - **Who leads**, by name and address, [`NatsLog::who_leads`] tells, also to a member that has left, and [`NatsLog::role`] what this member does.
//! - **Leaving**: [`Leadership::run`] hands over when it is told to. What was asked for before is answered, the lease is given
//!   back, and the next in rank takes it as soon as it sees that.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use allmende_eventlog::{AppendError, EventLog, Filter, NewCommit, Replica, StopReason, Subscription};
//! # use allmende_eventlog_nats::cluster::Leases;
//! # use allmende_eventlog_nats::stream::GroupStream;
//! # use allmende_eventlog_nats::{Company, Leadership, NatsLog, Options};
//! # use allmende_kernel::{Clock, Position};
//! # use tokio::sync::watch;
//! # async fn example(
//! #     replica: Arc<dyn Replica>, stream: Arc<dyn GroupStream>, company: Company, leases: Arc<dyn Leases>,
//! #     clock: Arc<dyn Clock>, commit: NewCommit,
//! # ) -> std::io::Result<()> {
//! let log = Arc::new(NatsLog::start(replica, stream, Some(company.clone()), clock, Options::of("allmende-0"))?);
//! let (leave, told) = watch::channel(false);
//! let leading = tokio::spawn(Leadership::new(Arc::clone(&log), leases, company, "allmende-0").run(told));
//!
//! let mut groups = Subscription::start(Arc::clone(&log) as Arc<dyn EventLog>, Position::START, Filter::default());
//! let followed = groups.next().await;
//!
//! match log.submit(commit) {
//!     Ok(submitted) => match submitted.wait().await {
//!         Ok(appended) => println!("at {}", appended.position),
//!         Err(AppendError::Stopped(StopReason::Deposed)) => println!("ask again with the same request id"),
//!         Err(error) => println!("{error}"),
//!     },
//!     Err(AppendError::NotLeading { leader }) => println!("ask {leader:?}"),
//!     Err(error) => println!("{error}"),
//! }
//!
//! leave.send_replace(true);
//! leading.await?;
//! # Ok(())
//! # }
//! ```
//!
//! # What keeps history one
//!
//! What is behind the ports ([`stream`] and [`cluster`]) may be late, lost, repeated or out of date in every way they
//! name. What keeps history one is here, and nowhere in the server:
//!
//! - [`judge`] tells what a message means, the same for every reader (rule 1);
//! - the machine goes by what its own reader finds behind its head (rules 2, 3 and 5); it is driven on a thread of its own
//!   by [`NatsLog`], and by a simulation in the tests;
//! - a term binds what is decided to the leadership that it was decided under, and answers nothing that a later group does
//!   not confirm (rule 4);
//! - [`Leadership`] and [`Announcing`] say who tries, and who is there and able to; nothing rests on them;
//! - [`LargeGroups`] and [`republish`] stand on the same ports.

mod announcing;
mod chain;
pub mod cluster;
mod driver;
mod halt;
mod large;
mod leader;
mod leadership;
mod log;
mod machine;
pub mod model;
mod options;
mod ranking;
mod republish;
mod rules;
mod shared;
#[cfg(test)]
mod simulation;
pub mod stream;
mod term;

pub use announcing::{Announcing, Stay};
pub use chain::{LaterVersion, Meaning, Void, is_same, judge, message_of};
pub use halt::Halt;
pub use large::LargeGroups;
pub use leader::Leader;
pub use leadership::Leadership;
pub use log::{Company, NatsLog};
pub use options::{Options, Timing};
pub use ranking::ranking;
pub use republish::{RepublishError, republish};
pub use shared::Role;

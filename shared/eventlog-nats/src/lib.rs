//! The replicated log: one leader decides and publishes commit groups as messages of one stream; every member, the
//! leader too, applies what the stream holds to a log of its own.
//!
//! What is behind the ports ([`stream`] and [`cluster`]) may be late, lost, repeated or out of date in every way they
//! name. What keeps history one is here, and nowhere in the server:
//!
//! - [`judge`] tells what a message means, the same for every reader (rule 1);
//! - the machine goes by what its own reader finds behind its head (rules 2, 3 and 5); it is driven on a thread of its own
//!   by [`NatsLog`], and by a simulation in the tests;
//! - a term binds what is decided to the leadership that it was decided under, and answers nothing that a later group does
//!   not confirm (rule 4);
//! - [`Leadership`] and [`Announcing`] say who tries, and who is there; nothing rests on them;
//! - [`LargeGroups`] and [`republish`] stand on the same ports.

mod announcing;
mod chain;
pub mod cluster;
mod driver;
mod halt;
mod large;
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
pub use leadership::Leadership;
pub use log::{Company, NatsLog};
pub use options::{Options, Timing};
pub use ranking::ranking;
pub use republish::{RepublishError, republish};
pub use shared::{Leader, Role};

//! The participation service: procedures, what citizens write in them, and what the administration answers.
//!
//! # Promises
//!
//! - What a citizen wrote is in no public answer before a moderator has published it; its author always sees it, with
//!   its state. It is stored sealed under a key of its own, in events and views alike; erased, it is gone.
//! - What is in time is decided by the moment of admission, at the one place where commands are put in order: the last
//!   microsecond of a range of days is in time, the next one is not, also for a close that races a comment.
//! - One support per person and thing, and no more than the procedure gives, whoever races whom.
//! - Comments keep their place over all revisions of a text.
//!
//! # Streams
//!
//! Written, in partition `participation-0`, and read by nobody's command but its own:
//!
//! - `{tenant}/procedure/{id}`, `{tenant}/theme/{id}`, `{tenant}/document/{id}`, `{tenant}/project/{id}`
//! - `{tenant}/contribution/{id}`: ideas, proposals, comments, amendments; the procedure, and what a comment is about,
//!   are its context
//! - `{tenant}/support/{contribution}.{person}` and `{tenant}/allowance/{procedure}.{person}`: one commit, where supports
//!   are limited
//!
//! Read: `{tenant}/erasure/{id}` of gateway, if it is [followed](Participation::follow_gateway). What was accepted there is
//! erased here.
//!
//! # Views
//!
//! One, `participation`: rows of all of these, and the lists in which they stand, which are functions of the rows.
//! Beside it a search index of what is public, in plain words ([`search`]).
//!
//! # Invariants
//!
//! L1 to L8 are the log's and the views'. Here: no log line, metric or error holds a text or a person's id; a page token
//! fits the query it came from; a key is durable before the commit that uses it.

mod app;
mod attachments;
mod authorization;
mod berlin;
mod config;
mod error;
mod grpc;
mod process;
mod run;
mod sealing;
mod search;
mod views;
mod wire;
mod wiring;

pub use attachments::SHELF;
pub use authorization::AUTHORIZATION;
pub use config::Config;
pub use grpc::Grpc;
pub use run::{Listeners, RunConfig, RunError, run};
pub use wiring::{Eraser, ErasureFailed, Participation, StartError};

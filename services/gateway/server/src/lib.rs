//! The gateway: who comes in and what they may do, the tenants and what the law asks them to say, requests to be
//! forgotten, and mail that goes out.
//!
//! # Promises
//!
//! - An address leads to one account. No answer tells whether it leads to any. Whoever reads mail there sets its password.
//! - Of passwords, hashes (argon2id) are kept, sealed under the person's key as addresses and names are; of codes and
//!   refresh tokens, keyed hashes. None of them is in a log line, a metric or an error.
//! - Nothing is kept for a tenant that is not registered, by any service: gateway's authenticator tells which are.
//! - A grant that was taken back counts in no call after the answer, and so it is with a session that was ended.
//! - A request to be forgotten is decided once. What was accepted is erased, also over crashes, and is noted as done only
//!   when the key is gone.
//! - A mail is queued once for its cause, in the same commit, and sent at least once, always under the same Message-ID.
//!
//! # Streams
//!
//! Written, in partition `gateway-0`:
//!
//! - `{home tenant}/person/{subject_id}`, `allmende/address/{keyed hash}`, `{home tenant}/session/{session_id}`
//! - `allmende/attempts/{keyed hash}`: what is tried with an address and sent to it, whether or not it leads to an account
//! - `{tenant}/grants/{subject_id}`; `allmende/grants/{subject_id}` for platform operators
//! - `{tenant}/tenant/profile`, `{tenant}/feedback/{feedback_id}`
//! - `{tenant}/erasure/{erasure_id}`, which other services follow
//! - `{tenant}/mail/{mail_id}`
//!
//! # Views
//!
//! One, `gateway`. What a person may do is read from it for every call and remembered until anything about it changes.

mod app;
mod authorization;
mod config;
mod error;
mod grpc;
pub mod http;
pub mod mail;
mod process;
mod providers;
mod secrets;
mod tokens;
mod views;
mod wire;
mod wiring;

pub use authorization::AUTHORIZATION;
pub use config::Config;
pub use grpc::Grpc;
pub use providers::{ProviderConfig, ProvidersError};
pub use tokens::{KeysError, OutsideError, OutsideIssuer, Tokens};
pub use wiring::{Gateway, Sources, StartError};

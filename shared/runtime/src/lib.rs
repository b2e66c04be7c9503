//! What every service needs around its own work: configuration, start and end, who may do what, and the assembly of
//! servers.
//!
//! A service's `run(config, ports, listeners, drain)` puts it together: [`config::Sources`] gives the configuration,
//! [`drain::Drain`] the signal to end, [`authorize::Table`] the rules, [`serve::Server`] the gRPC server and
//! [`admin`] the port for operators. Handlers get the caller from [`authorize::Caller`] and parse what they were sent
//! with [`fields`] and [`errors::Violations`].
//!
//! Nothing here knows a service.

pub mod admin;
mod answers;
pub mod authorize;
pub mod clock;
pub mod config;
mod connections;
pub mod deadline;
pub mod drain;
pub mod errors;
pub mod fields;
pub mod forward;
pub mod ids;
pub mod installation;
mod jitter;
mod kind;
pub mod limits;
mod observe;
mod outside;
mod rpc;
pub mod secrets;
pub mod serve;
mod together;

pub use jitter::jittered;
pub use secrets::read_or_create as read_or_create_secret;

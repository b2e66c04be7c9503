//! The telemetry service: stations, their sensors, and what they observed.
//!
//! # Promises
//!
//! - An observation that was acknowledged is stored once, for ever; another value for its time is kept as a conflict.
//! - Of a request everything is stored or nothing, in one commit, also over several days and datastreams.
//! - Flags and means follow from what is stored and from rules with a version. In which order it arrived makes no
//!   difference to them: humidity that comes late changes the flags of what came before it.
//! - An exact place is generalised to a cell of a grid when a request is parsed, and goes no further.
//!
//! # Streams
//!
//! Written, in partition `telemetry-0`, and read by nobody's command but its own:
//!
//! - `{tenant}/station/{station_id}`
//! - `{tenant}/observations/{station_id}.{datastream_id}.{air-quality day}`: blocks of observations in columns, which
//!   are the only place that values are kept in; a day's stream is decided on with the station's as context.
//!
//! # Views
//!
//! One, `telemetry`: stations; where blocks stand in the log; means of hours by selection, of which days and years are
//! made; latest moments; conflicts; people's flags.
//!
//! # Invariants
//!
//! L1 to L8 are the log's and the views'. Here: the view's rows are a function of what the log holds; a page token
//! fits the query it came from; no answer, log line or error holds coordinates other than a cell's centre.

mod app;
mod authorization;
mod config;
mod error;
mod grpc;
mod run;
mod views;
mod wire;
mod wiring;

pub use authorization::AUTHORIZATION;
pub use config::Config;
pub use grpc::Grpc;
pub use run::{Listeners, RunConfig, RunError, run};
pub use wiring::{StartError, Telemetry};

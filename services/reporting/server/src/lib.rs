//! The reporting service: indicators, what they are to show, and reports whose every number names the query that gives
//! it.
//!
//! # Promises
//!
//! - An indicator without a baseline from before its activities is refused; which rule judges a value is a matter of the
//!   day it was measured on.
//! - Every number of a report names rpc, request and place in the answer, and is what stands there at the positions that
//!   the run is bound to. Rendering is a function of the stored run: the same run gives the same bytes.
//! - Nobody can tell from a report that under five persons stand in a cell; what may not be shown is not stored either.
//!
//! # How a report gets its numbers
//!
//! By asking the services, as any client does, with the rights of whoever runs the report. The other way would be to
//! fold the services' logs anew; then there would be two meanings of "a valid day", and a number would equal its query
//! only as long as both were changed alike. So the answer is the fact: it is stored, and the number is that of its query
//! by construction. What a fold would have given for nothing, one moment for all numbers, takes two rounds: everything
//! is asked, then asked again with a consistency token of all positions that the first round has seen. What is the same
//! in both was so in between, at these positions; if it is not the same, the second round is the next one's first. See
//! `collect`.
//!
//! # Streams
//!
//! Written, in partition `reporting-0`, and read by nobody's command but its own:
//!
//! - `{tenant}/indicator/{indicator_id}`
//! - `{tenant}/impact-logic/{impact_logic_id}`, decided with the indicators that it names as context
//! - `{tenant}/report/{report_id}`, decided with all that it names as context
//! - `{tenant}/report-run/{run_id}`: what was asked and answered, once and for all
//!
//! # Views
//!
//! One, `reporting`: indicators and their readings, impact logics, reports, runs and what they hold.

mod app;
mod authorization;
mod collect;
mod config;
mod describe;
mod error;
mod grpc;
mod render;
mod run;
mod sources;
mod views;
mod wire;
mod wiring;

pub use allmende_hosting::{CloseError, Ports};
pub use authorization::AUTHORIZATION;
pub use config::Config;
pub use grpc::Grpc;
pub use run::{Listeners, RunConfig, RunError, run};
pub use sources::{
    Answered, AskError, Authorization, GrpcSources, InvalidPath, Question, Sources, Transcoder, figure, select,
};
pub use wiring::{Reporting, StartError};

//! Members of one partition against everything that a network, a server and a machine do to them, repeated from a seed.
//!
//! Everything runs on one thread in virtual time: the real machine, the real shell with its folded states, and replicas in
//! memory; only the I/O between them is played. The auditor reads what clients were told beside what the log holds.

mod astray;
mod audit;
mod client;
mod counter;
mod faults;
mod hazards;
mod history;
mod lost_tail;
mod network;
mod node;
mod random;
mod seeds;
mod world;

//! What open data promises, decided without a server.

mod check;
mod dataset;
mod description;
mod laws;
mod licence;
mod sample;

//! Connections to NATS, and what the replicated log keeps there. The only crate that names `async-nats`.

pub use async_nats::Subject;

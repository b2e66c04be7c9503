//! The replicated log: one leader decides and publishes commit groups as messages of one stream; every member, the
//! leader too, applies what the stream holds to a log of its own.
//!
//! What is behind the ports ([`stream`] and [`cluster`]) may be late, lost, repeated or out of date in every way they
//! name. What keeps history one is here, and nowhere in the server.

pub mod cluster;
pub mod stream;

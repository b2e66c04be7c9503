//! Outbound mail: what stands in it, how it goes out, and the worker that sends what is queued.

mod config;
mod letters;
mod links;
mod message;
mod sender;
mod transport;

pub use config::{Config, Tls};
pub use message::AddressError;
pub(crate) use message::Writer;
pub(crate) use sender::send_mails;
pub(crate) use transport::Transport;
pub use transport::TransportError;

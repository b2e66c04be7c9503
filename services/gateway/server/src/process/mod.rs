//! What happens by itself, beside the calls.

mod erasure;
mod keys;
mod notify;

pub(crate) use erasure::execute_erasures;
pub(crate) use keys::rotate_keys;
pub(crate) use notify::notify;

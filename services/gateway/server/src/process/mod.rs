//! What happens by itself, beside the calls.

mod erasure;
mod keys;

pub(crate) use erasure::execute_erasures;
pub(crate) use keys::rotate_keys;

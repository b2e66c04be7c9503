//! What happens by itself, beside the calls.

mod deadlines;
mod erasure;
mod keys;
mod notify;

pub(crate) use deadlines::remind;
pub(crate) use erasure::execute_erasures;
pub(crate) use keys::rotate_keys;
pub(crate) use notify::notify;

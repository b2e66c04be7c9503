//! What happens by itself, beside the calls.

mod abandoned;
mod deadlines;
mod erasure;
mod keys;
mod known_keys;
mod notify;

pub(crate) use abandoned::forget_abandoned;
pub(crate) use deadlines::remind;
pub(crate) use erasure::execute_erasures;
pub(crate) use keys::{fetch_keys, rotate_keys};
pub(crate) use known_keys::read_keys;
pub(crate) use notify::notify;

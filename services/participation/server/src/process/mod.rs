//! What happens by itself, beside the calls.

mod erasures;

pub(crate) use erasures::Erasures;

//! Forms: what they look like, what comes back, and that it comes from here.

mod field;
mod form;
mod guard;
mod multipart;
mod submitted;

pub(crate) use field::Field;
pub(crate) use form::{Action, Form};
pub(crate) use guard::{foreign, token};
pub(crate) use submitted::Submitted;

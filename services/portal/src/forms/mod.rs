//! Forms: what they look like, what comes back, and that it comes from here.

mod field;
mod form;
mod guard;
mod kept;
mod multipart;
mod submitted;

pub(crate) use field::{Field, Name};
pub(crate) use form::{Action, Form};
pub(crate) use guard::{foreign, token};
pub(crate) use kept::Kept;
pub(crate) use submitted::Submitted;

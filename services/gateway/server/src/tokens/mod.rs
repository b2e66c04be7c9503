//! Access tokens: who signs them, who is believed, and what their holders may do at this moment.

mod authenticator;
mod claims;
mod keys;
mod outside;
mod standings;

pub use authenticator::Tokens;
pub(crate) use claims::{Issuer, level_of};
pub use keys::KeysError;
pub(crate) use keys::SigningKeys;
pub(crate) use outside::{Outside, subject as outside_subject};
pub use outside::{OutsideError, OutsideIssuer};
pub(crate) use standings::Standings;

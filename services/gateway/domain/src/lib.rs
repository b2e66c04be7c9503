//! What gateway knows: people and how they sign in, what they may do, tenants and what the law asks them to say, what
//! people tell tenants, requests to be forgotten, and mail that goes out.
//!
//! Pure: no I/O, clock or randomness. Addresses, names and texts arrive sealed, passwords, codes and tokens as hashes,
//! so that nothing here could give them away. Each module is one aggregate; a person's address is one of its own
//! ([`address`]), because it must be taken once in the whole installation; what is tried with it is another ([`attempts`]).

pub mod address;
pub mod attempts;
pub mod erasure;
pub mod feedback;
pub mod grants;
pub mod mail;
pub mod person;
pub mod session;
pub mod tenant;

mod backoff;
mod ids;
mod secrets;

pub use backoff::{Failures, Issuance};
pub use ids::{ContributionId, ErasureId, FeedbackId, InvalidUuid, MailId, ProcedureId, SessionId};
pub use secrets::{AddressKey, CodeHash, KeptPassword, PasswordHash, TokenHash};

/// The tenant of what belongs to the whole installation: addresses, what is tried with them, and the grants of platform operators. It cannot be
/// registered.
pub const PLATFORM_TENANT: &str = "allmende";

/// What a person is written to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// German.
    #[default]
    German,
    /// English.
    English,
}

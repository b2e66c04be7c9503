//! Sealing keys: what a person wrote is stored sealed under a key that is kept apart from it, and erasing the key
//! erases the text wherever it was stored.

mod key;
mod memory;
mod port;
mod sealing;

pub use key::{Key, KeyId};
pub use memory::MemoryKeyring;
pub use port::{Found, Keyring, KeyringError};
pub use sealing::{BoxError, Opened, key_of, open, open_text};

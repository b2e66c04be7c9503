//! What only its holder knows: passwords, codes, refresh tokens. Kept as hashes, compared as hashes, never logged.

mod codes;
mod devices;
mod passwords;
mod refresh;
mod sign_in;

pub(crate) use codes::{OneTimeCode, parse_code};
pub(crate) use devices::Device;
pub(crate) use passwords::{Busy, Password, Passwords};
pub(crate) use refresh::RefreshToken;
pub(crate) use sign_in::{LINK_MARK, ProviderSignIn, Purpose};

/// Sixteen random bytes: more than anybody can try.
fn random() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

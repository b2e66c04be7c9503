//! What secrets are kept as. Hashes are made in the app: HMACs under a key of the installation, or argon2id.

use std::fmt;

use allmende_kernel::Sealed;

macro_rules! hash {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 32]);

        impl $name {
            /// Takes the hash.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The hash's bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    };
}

hash! {
    /// An e-mail address as it is looked up, or who vouches for a person and how they call them.
    AddressKey
}

hash! {
    /// A code that was sent by mail.
    CodeHash
}

hash! {
    /// A refresh token.
    TokenHash
}

impl AddressKey {
    /// The key as the end of a stream's name: 64 hexadecimal digits.
    pub fn to_hex(self) -> String {
        self.0.iter().fold(String::with_capacity(64), |hex, byte| hex + &format!("{byte:02x}"))
    }

    /// The key of a stream's name.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let digits = hex.as_bytes();
        if digits.len() != 64 || !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok()?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

/// A password's hash as a PHC string, `$argon2id$…`, which names its own salt and costs.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes the string as the hash function made it.
    pub fn new(phc: String) -> Self {
        Self(phc)
    }

    /// The string.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// A password's hash as an account keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeptPassword {
    /// Under the person's key: it goes with the account.
    Sealed(Sealed),
    /// As the first accounts had it. Their events stay as they are.
    Open(PasswordHash),
}

use std::fmt;
use std::sync::Arc;

/// What only a key opens: a text, or other content of a person, as events, states and views carry it. To everything
/// but the keyring it is bytes without a meaning; two boxes of the same text differ.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed(Arc<[u8]>);

impl Sealed {
    /// Takes a box as it was made or stored. Whether it opens shows when it is opened.
    pub fn from_bytes(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// The box, to be stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Tells the length only, which storage tells anyway.
impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_shows_nothing_of_what_is_in_it() {
        let sealed = Sealed::from_bytes(*b"seven!!");
        assert_eq!(format!("{sealed:?}"), "Sealed(7 bytes)");
        assert_eq!(sealed.as_bytes(), b"seven!!");
    }
}

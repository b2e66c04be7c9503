use bytes::{BufMut as _, Bytes, BytesMut};

const KEY: u8 = 1;
const ERASED: u8 = 2;

/// What stands under a key's name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry<'a> {
    /// The key, wrapped.
    Key(&'a [u8]),
    /// It had one, or never will.
    Erased,
}

impl<'a> Entry<'a> {
    pub(super) fn encode_key(wrapped: &[u8]) -> Bytes {
        let mut bytes = BytesMut::with_capacity(1 + wrapped.len());
        bytes.put_u8(KEY);
        bytes.put_slice(wrapped);
        bytes.freeze()
    }

    pub(super) fn encode_erased() -> Bytes {
        Bytes::from_static(&[ERASED])
    }

    /// Nothing, if it is damaged.
    pub(super) fn decode(bytes: &'a [u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&KEY, wrapped) => Some(Self::Key(wrapped)),
            (&ERASED, []) => Some(Self::Erased),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_read_as_written_and_nothing_else_is_one() {
        assert_eq!(Entry::decode(&Entry::encode_key(b"wrapped")), Some(Entry::Key(b"wrapped")));
        assert_eq!(Entry::decode(&Entry::encode_erased()), Some(Entry::Erased));
        for wrong in [&b""[..], &[0], &[3, 7], &[ERASED, 7]] {
            assert_eq!(Entry::decode(wrong), None);
        }
    }
}

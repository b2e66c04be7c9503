use std::fmt;
use std::sync::Arc;

/// A name that breaks the rules of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Nothing, or more characters than allowed.
    #[error("must have 1 to {max} characters, has {actual}")]
    Length {
        /// The most characters allowed.
        max: usize,
        /// The characters given.
        actual: usize,
    },
    /// A character outside the kind's alphabet.
    #[error("may hold {allowed} only")]
    Alphabet {
        /// What is allowed, for people to read.
        allowed: &'static str,
    },
    /// A stream name without its three parts.
    #[error("must be tenant/category/id")]
    Parts,
}

const SLUG: &str = "a-z, 0-9 and '-', not at its ends,";
const WORD: &str = "a-z, 0-9 and '-'";
const ID: &str = "A-Z, a-z, 0-9, '-', '_', '.' and ':'";

fn checked<'a>(
    text: &'a str,
    max: usize,
    allowed: &'static str,
    fits: impl Fn(u8) -> bool,
) -> Result<&'a str, InvalidName> {
    if text.is_empty() || text.len() > max {
        return Err(InvalidName::Length { max, actual: text.chars().count() });
    }
    if !text.bytes().all(fits) {
        return Err(InvalidName::Alphabet { allowed });
    }
    Ok(text)
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':')
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

name! {
    /// One municipality, county or lab: 1 to 63 characters of `a-z`, `0-9` and inner `-`.
    TenantId
}

impl TenantId {
    /// Checks and takes the name.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let text = checked(text, 63, SLUG, is_word_byte)?;
        if text.starts_with('-') || text.ends_with('-') {
            return Err(InvalidName::Alphabet { allowed: SLUG });
        }
        Ok(Self(text.into()))
    }
}

name! {
    /// A kind of aggregate: 1 to 40 characters of `a-z`, `0-9` and `-`.
    Category
}

impl Category {
    /// Checks and takes the name.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        checked(text, 40, WORD, is_word_byte).map(|text| Self(text.into()))
    }
}

name! {
    /// A partition of one service's log, `{service}-{number}`: also its directory and the end of its NATS subject.
    PartitionName
}

impl PartitionName {
    /// The service whose partition it is: `participation` of `participation-0`.
    ///
    /// ```
    /// # use allmende_kernel::PartitionName;
    /// assert_eq!(PartitionName::parse("participation-0").unwrap().service(), "participation");
    /// ```
    pub fn service(&self) -> &str {
        self.as_str().rsplit_once('-').map_or(self.as_str(), |(service, _)| service)
    }

    /// Checks and takes the name.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        checked(text, 63, WORD, is_word_byte).map(|text| Self(text.into()))
    }
}

name! {
    /// The events of one aggregate: `{tenant}/{category}/{id}`.
    StreamName
}

impl StreamName {
    /// The stream of aggregate `id`: 1 to 100 characters of `A-Z a-z 0-9 - _ . :`.
    pub fn new(tenant: &TenantId, category: &str, id: &str) -> Result<Self, InvalidName> {
        checked(category, 40, WORD, is_word_byte)?;
        checked(id, 100, ID, is_id_byte)?;
        Ok(Self(format!("{tenant}/{category}/{id}").into()))
    }

    /// Checks all three parts.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let mut parts = text.splitn(3, '/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(tenant), Some(category), Some(id)) => Self::new(&TenantId::parse(tenant)?, category, id),
            _ => Err(InvalidName::Parts),
        }
    }

    /// Whose stream it is.
    pub fn tenant(&self) -> &str {
        self.part(0)
    }

    /// What kind of aggregate it is.
    pub fn category(&self) -> &str {
        self.part(1)
    }

    /// Which one it is.
    pub fn id(&self) -> &str {
        self.part(2)
    }

    fn part(&self, index: usize) -> &str {
        self.0.splitn(3, '/').nth(index).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_name_has_three_checked_parts() {
        let name = StreamName::parse("koeln/station/0198.a:b_c").unwrap();
        assert_eq!((name.tenant(), name.category(), name.id()), ("koeln", "station", "0198.a:b_c"));
        for wrong in
            ["", "koeln", "koeln/station", "Koeln/station/1", "koeln/sta tion/1", "koeln/station/a/b", "-k/s/1"]
        {
            assert!(StreamName::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_tenant_is_a_dns_label() {
        assert!(TenantId::parse(&"a".repeat(63)).is_ok());
        assert!(TenantId::parse(&"a".repeat(64)).is_err());
        assert!(TenantId::parse("a-").is_err());
        assert!(TenantId::parse("a\u{0}").is_err());
    }
}

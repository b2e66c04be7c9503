use std::fmt;

use crate::Text;

/// The most columns a file has.
pub const MAX_COLUMNS: usize = 200;

/// A name that breaks the rules of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// Of a file.
    #[error(
        "must have 1 to 60 characters of a-z, 0-9, '-', '_' and '.', begin with a letter or digit and end with {0}"
    )]
    File(&'static str),
    /// Of a column.
    #[error("must have 1 to 60 characters of a-z, 0-9 and '_', beginning with a letter")]
    Column,
}

/// What a file is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// Comma-separated values, RFC 4180, UTF-8.
    Csv,
    /// An array of objects.
    Json,
    /// Apache Parquet.
    Parquet,
    /// RFC 7946.
    GeoJson,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Json, Self::Parquet, Self::GeoJson];

    /// How the names of such files end.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => ".csv",
            Self::Json => ".json",
            Self::Parquet => ".parquet",
            Self::GeoJson => ".geojson",
        }
    }

    /// The code in `http://publications.europa.eu/resource/authority/file-type`.
    pub const fn file_type(self) -> &'static str {
        match self {
            Self::Csv => "CSV",
            Self::Json => "JSON",
            Self::Parquet => "PARQUET",
            Self::GeoJson => "GEOJSON",
        }
    }

    /// The media type, as IANA lists it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Json => "application/json",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::GeoJson => "application/geo+json",
        }
    }
}

/// Name of a file within a version. It is a part of an address, so it has no slash and no dot in front.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileName(String);

impl FileName {
    /// Checks and takes the name of a file in `format`.
    pub fn parse(text: &str, format: Format) -> Result<Self, InvalidName> {
        let letters =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        match text.len() <= 60 && begins && text.bytes().all(letters) && text.ends_with(format.ending()) {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidName::File(format.ending())),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FileName({})", self.0)
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// Text.
    String,
    /// A whole number of 64 bits.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A moment, RFC 3339 in UTC.
    DateTime,
}

/// Name of a column.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ColumnName(String);

impl ColumnName {
    /// Checks and takes the name.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_lowercase());
        match begins && text.len() <= 60 && text.bytes().all(letters) {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidName::Column),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ColumnName({})", self.0)
    }
}

/// A column of a file, as its table schema describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: ColumnName,
    /// What it holds; `None` if nobody said.
    pub kind: Option<ColumnType>,
    /// What it means; empty if nobody said.
    pub description: Text,
    /// UCUM code of its unit; empty where it has none, or not one alone.
    pub unit: String,
}

impl Column {
    /// Whether a reader can tell what it holds.
    pub fn is_described(&self) -> bool {
        self.kind.is_some() && !self.description.de.trim().is_empty()
    }
}

/// A SHA-256 hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// Parses 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
        if pairs.len() != bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(pairs) {
            let digit = |digit: u8| (digit as char).to_digit(16);
            *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A file of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Its name.
    pub file: FileName,
    /// What it is written in.
    pub format: Format,
    /// Its length.
    pub bytes: u64,
    /// What is in it, for ever.
    pub sha256: Sha256,
    /// How many rows or objects.
    pub rows: u64,
    /// Its table schema; empty if nobody described it.
    pub columns: Vec<Column>,
}

use std::fmt;
use std::sync::Arc;

/// A text that is no section's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must have 1 to {MAX_ID} characters of a-z, 0-9 and '-'")]
pub struct InvalidSectionId;

const MAX_ID: usize = 80;
/// What is taken of a heading; leaves room for a number behind it.
const MAX_SLUG: usize = 60;

/// A section's anchor: the same in every version, readable in an address.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SectionId(Arc<str>);

impl SectionId {
    /// Checks and takes an id.
    pub fn parse(text: &str) -> Result<Self, InvalidSectionId> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        match (1..=MAX_ID).contains(&text.len()) && text.bytes().all(fits) {
            true => Ok(Self(text.into())),
            false => Err(InvalidSectionId),
        }
    }

    /// The id that a heading suggests; the `number`th of the same heading, from 1.
    pub(super) fn of_heading(heading: &str, number: usize) -> Self {
        let mut slug = String::new();
        for character in heading.chars().flat_map(char::to_lowercase) {
            match character {
                'ä' => slug.push_str("ae"),
                'ö' => slug.push_str("oe"),
                'ü' => slug.push_str("ue"),
                'ß' => slug.push_str("ss"),
                'a'..='z' | '0'..='9' => slug.push(character),
                _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
                _ => {}
            }
            if slug.len() >= MAX_SLUG {
                break;
            }
        }
        let slug = match slug.trim_end_matches('-') {
            "" => "section",
            slug => slug,
        };
        match number {
            1 => Self(slug.into()),
            number => Self(format!("{slug}-{number}").into()),
        }
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for SectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SectionId({})", self.0)
    }
}

/// A part of a version.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Section {
    /// Its anchor.
    pub id: SectionId,
    /// Its heading; empty for what stands before the first one.
    pub heading: String,
    /// 1 for the largest heading; 0 for what stands before the first one.
    pub level: u8,
    /// Markdown without the heading.
    pub text: String,
}

/// A part of a text as it was written, before it has an anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// An anchor that stands in the text.
    pub anchor: Option<SectionId>,
    /// See [`Section::heading`].
    pub heading: String,
    /// See [`Section::level`].
    pub level: u8,
    /// See [`Section::text`].
    pub text: String,
}

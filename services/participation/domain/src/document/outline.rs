use std::collections::BTreeSet;

use super::section::{Draft, SectionId};

/// The most sections of a version.
pub const MAX_SECTIONS: usize = 500;
/// The most bytes of a version.
pub const MAX_BYTES: usize = 1 << 20;

/// Why a text cannot be cut into sections.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOutline {
    /// Nothing is in it.
    #[error("must not be empty")]
    Empty,
    /// More than [`MAX_BYTES`].
    #[error("must have at most {MAX_BYTES} bytes, has {0}")]
    TooLong(usize),
    /// More than [`MAX_SECTIONS`].
    #[error("must have at most {MAX_SECTIONS} headings")]
    TooManySections,
    /// Text behind a heading that looks like an anchor and is none.
    #[error("line {line}: an anchor is {{#id}} with 1 to 80 characters of a-z, 0-9 and '-'")]
    Anchor {
        /// Where, from 1.
        line: usize,
    },
    /// Two sections with the same anchor.
    #[error("line {line}: the anchor is used before")]
    AnchorTwice {
        /// Where, from 1.
        line: usize,
    },
}

/// Cuts Markdown at its ATX headings (`#` to `######`), but not in fenced code. `{#id}` behind a heading is its anchor.
pub fn parse(markdown: &str) -> Result<Vec<Draft>, InvalidOutline> {
    if markdown.len() > MAX_BYTES {
        return Err(InvalidOutline::TooLong(markdown.len()));
    }
    let mut drafts: Vec<Draft> = Vec::new();
    let mut anchors = BTreeSet::new();
    let mut text = String::new();
    let mut fence: Option<&str> = None;
    for (number, line) in (1..).zip(markdown.lines()) {
        let marker = fence_marker(line);
        let heading = if fence.is_none() { heading(line) } else { None };
        match (fence, marker) {
            (None, Some(marker)) => fence = Some(marker),
            (Some(open), Some(marker)) if marker.starts_with(open) && line.trim() == marker => fence = None,
            _ => {}
        }
        let Some((level, heading)) = heading else {
            text.push_str(line.trim_end());
            text.push('\n');
            continue;
        };
        finish(&mut drafts, &mut text);
        if drafts.len() >= MAX_SECTIONS {
            return Err(InvalidOutline::TooManySections);
        }
        let (heading, anchor) = anchor(heading).ok_or(InvalidOutline::Anchor { line: number })?;
        if anchor.as_ref().is_some_and(|anchor| !anchors.insert(anchor.clone())) {
            return Err(InvalidOutline::AnchorTwice { line: number });
        }
        drafts.push(Draft { anchor, heading: heading.to_owned(), level, text: String::new() });
    }
    finish(&mut drafts, &mut text);
    if drafts.is_empty() { Err(InvalidOutline::Empty) } else { Ok(drafts) }
}

/// Gives the text read so far to the section it belongs to: before the first heading one of its own, if it says
/// anything.
fn finish(drafts: &mut Vec<Draft>, text: &mut String) {
    let read = std::mem::take(text);
    let read = read.trim_matches('\n');
    match drafts.last_mut() {
        Some(draft) => draft.text = read.to_owned(),
        None if read.trim().is_empty() => {}
        None => drafts.push(Draft { anchor: None, heading: String::new(), level: 0, text: read.to_owned() }),
    }
}

/// Up to three blanks and at least three backticks or tildes.
fn fence_marker(line: &str) -> Option<&str> {
    let marker = line.trim_start_matches(' ');
    let kind = marker.chars().next().filter(|kind| matches!(kind, '`' | '~'))?;
    let length = marker.len() - marker.trim_start_matches(kind).len();
    (line.len() - marker.len() <= 3 && length >= 3).then(|| &marker[..length])
}

fn heading(line: &str) -> Option<(u8, &str)> {
    let marks = line.trim_start_matches(' ');
    let rest = marks.trim_start_matches('#');
    let level = marks.len() - rest.len();
    let indented = line.len() - marks.len() > 3;
    if indented || !(1..=6).contains(&level) || !(rest.is_empty() || rest.starts_with([' ', '\t'])) {
        return None;
    }
    let text = rest.trim();
    // A closing sequence of marks is no part of the heading.
    let closed = text.trim_end_matches('#');
    let text = if closed.is_empty() || closed.ends_with([' ', '\t']) { closed.trim_end() } else { text };
    // At most 6.
    Some((level as u8, text))
}

/// A heading and its anchor; `None` for a faulty one.
fn anchor(heading: &str) -> Option<(&str, Option<SectionId>)> {
    let Some((before, behind)) = heading.rsplit_once("{#") else { return Some((heading, None)) };
    let Some(id) = behind.strip_suffix('}') else { return Some((heading, None)) };
    SectionId::parse(id).ok().map(|id| (before.trim_end(), Some(id)))
}

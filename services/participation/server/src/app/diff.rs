//! What changed between two versions, word by word.

use std::time::{Duration, Instant};

use allmende_proto::participation::events::v1::Section;
use similar::{ChangeTag, TextDiff};

/// What was not compared by then is told as replaced: only texts that were made for it take as long.
const PATIENCE: Duration = Duration::from_secs(5);

/// What became of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Unchanged,
    Changed,
    Added,
    Removed,
}

/// A section in both versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SectionDiff {
    pub(crate) id: String,
    pub(crate) heading: String,
    /// If it is another one now.
    pub(crate) old_heading: Option<String>,
    pub(crate) change: Change,
    pub(crate) spans: Vec<(ChangeTag, String)>,
}

/// Section by section in the order of the later version; what it has no more comes last.
pub(super) fn sections(from: &[Section], to: &[Section]) -> Vec<SectionDiff> {
    let deadline = Instant::now() + PATIENCE;
    let find = |sections: &[Section], id: &str| sections.iter().find(|section| section.section_id == id).cloned();
    let later = to.iter().map(|section| match find(from, &section.section_id) {
        None => whole(section, Change::Added, ChangeTag::Insert),
        Some(before) => compared(&before, section, deadline),
    });
    let removed = from.iter().filter(|section| find(to, &section.section_id).is_none());
    later.chain(removed.map(|section| whole(section, Change::Removed, ChangeTag::Delete))).collect()
}

fn whole(section: &Section, change: Change, tag: ChangeTag) -> SectionDiff {
    SectionDiff {
        id: section.section_id.clone(),
        heading: section.heading.clone(),
        old_heading: None,
        change,
        spans: if section.text.is_empty() { Vec::new() } else { vec![(tag, section.text.clone())] },
    }
}

fn compared(before: &Section, after: &Section, deadline: Instant) -> SectionDiff {
    let old_heading = (before.heading != after.heading).then(|| before.heading.clone());
    if before.text == after.text {
        let change = if old_heading.is_some() { Change::Changed } else { Change::Unchanged };
        return SectionDiff { old_heading, ..whole(after, change, ChangeTag::Equal) };
    }
    let diff = TextDiff::configure().deadline(deadline).diff_words(before.text.as_str(), after.text.as_str());
    let mut spans: Vec<(ChangeTag, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        match spans.last_mut() {
            Some((tag, text)) if *tag == change.tag() => text.push_str(change.value()),
            _ => spans.push((change.tag(), change.value().to_owned())),
        }
    }
    SectionDiff { old_heading, spans, ..whole(after, Change::Changed, ChangeTag::Equal) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(id: &str, text: &str) -> Section {
        Section { section_id: id.into(), heading: id.to_uppercase(), level: 1, text: text.into() }
    }

    #[test]
    fn sections_are_compared_by_their_anchor_and_word_by_word() {
        let from = [section("a", "Die Stadt wird offen."), section("b", "weg"), section("c", "gleich")];
        let to = [section("c", "gleich"), section("a", "Die Stadt wird sehr offen."), section("d", "neu")];
        let diffs = sections(&from, &to);
        let changes: Vec<_> = diffs.iter().map(|diff| (diff.id.as_str(), diff.change)).collect();
        assert_eq!(
            changes,
            [("c", Change::Unchanged), ("a", Change::Changed), ("d", Change::Added), ("b", Change::Removed)]
        );
        let inserted: Vec<_> = diffs[1].spans.iter().filter(|(tag, _)| *tag == ChangeTag::Insert).collect();
        assert_eq!(inserted.len(), 1);
        assert_eq!(inserted[0].1.trim(), "sehr");
        let read = |without| {
            let kept = diffs[1].spans.iter().filter(move |(tag, _)| *tag != without);
            kept.map(|(_, text)| text.as_str()).collect::<String>()
        };
        assert_eq!(read(ChangeTag::Insert), "Die Stadt wird offen.");
        assert_eq!(read(ChangeTag::Delete), "Die Stadt wird sehr offen.");
    }
}

//! Which section of a new version is which of the one before, so that comments keep their place.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashSet};

use super::section::{Draft, Section, SectionId};

/// Sections that share at least half of their words are the same one, rewritten; in thousandths.
const SIMILAR: u32 = 500;

/// Gives every draft an id: the anchor that is written in it; else that of the section before with the same heading, in
/// order; else that of the one with most of the same words; else one made of its heading that was `used` by none.
///
/// The same drafts on the same version get the same ids.
pub(super) fn assign(before: &[Section], used: &BTreeSet<SectionId>, drafts: &[Draft]) -> Vec<Section> {
    let mut ids: Vec<Option<SectionId>> = drafts.iter().map(|draft| draft.anchor.clone()).collect();
    let mut free: Vec<&Section> = before.iter().filter(|section| !ids.contains(&Some(section.id.clone()))).collect();
    for (draft, id) in drafts.iter().zip(&mut ids).filter(|(_, id)| id.is_none()) {
        let same = |section: &&Section| normal(&section.heading) == normal(&draft.heading);
        if let Some(index) = free.iter().position(same) {
            *id = Some(free.remove(index).id.clone());
        }
    }
    by_words(drafts, &mut ids, &free);
    let mut taken: BTreeSet<SectionId> = used.iter().chain(ids.iter().flatten()).cloned().collect();
    for (draft, id) in drafts.iter().zip(&mut ids) {
        id.get_or_insert_with(|| {
            let fresh = |number| SectionId::of_heading(&draft.heading, number);
            let fresh = (1..).map(fresh).find(|id| !taken.contains(id)).expect("there are more numbers than sections");
            taken.insert(fresh.clone());
            fresh
        });
    }
    let section = |(draft, id): (&Draft, Option<SectionId>)| Section {
        id: id.expect("every draft got one"),
        heading: draft.heading.clone(),
        level: draft.level,
        text: draft.text.clone(),
    };
    drafts.iter().zip(ids).map(section).collect()
}

/// Pairs what is most alike first.
fn by_words(drafts: &[Draft], ids: &mut [Option<SectionId>], free: &[&Section]) {
    let open: Vec<usize> = (0..drafts.len()).filter(|index| ids[*index].is_none()).collect();
    let free_words: Vec<HashSet<&str>> = free.iter().map(|section| words(&section.text)).collect();
    let mut pairs = Vec::new();
    for draft in open {
        let of_draft = words(&drafts[draft].text);
        for (section, of_section) in free_words.iter().enumerate() {
            let alike = alike(&of_draft, of_section);
            if alike >= SIMILAR {
                pairs.push((Reverse(alike), draft, section));
            }
        }
    }
    pairs.sort_unstable();
    let mut paired = HashSet::new();
    for (_, draft, section) in pairs {
        if ids[draft].is_none() && paired.insert(section) {
            ids[draft] = Some(free[section].id.clone());
        }
    }
}

fn normal(heading: &str) -> String {
    heading.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

fn words(text: &str) -> HashSet<&str> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| word.len() > 2).collect()
}

/// Jaccard's index of two sets of words, in thousandths.
fn alike(one: &HashSet<&str>, other: &HashSet<&str>) -> u32 {
    let both = one.intersection(other).count();
    let all = one.len() + other.len() - both;
    match all {
        0 => 0,
        // At most 1,000.
        all => (both * 1_000 / all) as u32,
    }
}

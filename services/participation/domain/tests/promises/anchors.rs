//! Anchors survive a revision.

use allmende_participation_domain::document::{Command, Event, Model, parse};
use allmende_testkit::given;

use crate::fixture::{procedure_id, september};

const FIRST: &str = "# Leitfaden\nWorum es geht.\n## Ziele\nDie Stadt wird offen, gemeinsam und digital verwaltet.\n\
                     ## Kosten\nEin Euro je Kopf.\n## Kosten\nDie Kosten der anderen Hälfte.\n";

fn draft(markdown: &str) -> Command {
    Command::PublishDraft {
        procedure: procedure_id(),
        title: "Gebrauchsanleitung".into(),
        drafts: parse(markdown).unwrap(),
        at: september(1),
    }
}

fn revision(base: u32, markdown: &str) -> Command {
    let drafts = parse(markdown).unwrap();
    Command::PublishRevision { procedure: procedure_id(), base, drafts, unanswered: 0, at: september(20) }
}

fn history(texts: &[&str]) -> Vec<Event> {
    let commands = texts.iter().zip(0..).map(|(text, base)| match base {
        0 => (true, draft(text)),
        base => (true, revision(base, text)),
    });
    allmende_testkit::laws::history::<Model>(&commands.collect::<Vec<_>>())
}

fn ids(texts: &[&str]) -> Vec<String> {
    let state = given::<Model>(history(texts)).state();
    state.document().unwrap().sections.iter().map(|section| section.id.to_string()).collect()
}

#[test]
fn a_section_is_named_after_its_heading() {
    assert_eq!(ids(&[FIRST]), ["leitfaden", "ziele", "kosten", "kosten-2"]);
    assert_eq!(ids(&["Vorab\n# Über uns & Größe!\n# ✨\n"]), ["section", "ueber-uns-groesse", "section-2"]);
}

#[test]
fn the_same_heading_keeps_its_anchor_wherever_it_moves() {
    let moved = "# Kosten\nNeu.\n# Neues\nGanz anders.\n# Kosten\nAuch neu.\n# Ziele\nUnd so weiter.\n";
    assert_eq!(ids(&[FIRST, moved]), ["kosten", "neues", "kosten-2", "ziele"]);
}

#[test]
fn a_renamed_section_is_known_by_its_words() {
    let renamed = "# Leitfaden\nWorum es geht.\n## Wohin wir wollen\nDie Stadt wird offen, gemeinsam und digital \
                   verwaltet, und das gern.\n## Kosten\nEin Euro je Kopf.\n";
    assert_eq!(ids(&[FIRST, renamed]), ["leitfaden", "ziele", "kosten"]);
}

#[test]
fn an_anchor_that_is_written_down_wins() {
    let pinned = "# Absichten {#ziele}\nVöllig neu geschrieben.\n# Ziele\nDie alten Worte sind anderswo.\n";
    assert_eq!(ids(&[FIRST, pinned]), ["ziele", "ziele-2"]);
}

#[test]
fn an_anchor_is_never_given_to_another_section() {
    let without = "# Leitfaden\nWorum es geht.\n";
    let again = "# Leitfaden\nWorum es geht.\n# Ziele\nGanz andere als damals.\n";
    assert_eq!(ids(&[FIRST, without, again]), ["leitfaden", "ziele-2"]);
}
